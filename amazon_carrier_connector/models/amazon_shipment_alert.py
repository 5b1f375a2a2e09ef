"""What Amazon did not get becomes the task of a person."""

from odoo import models
from odoo.tools import plaintext2html

# After so many attempts, about an hour, a person is told.
PATIENCE = 6


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    def _tell_if_needed(self):
        """Tell of what failed, and of what has been tried often."""
        concerned = self.filtered(
            lambda item: item.state == "failed"
            or (item.state == "to_push" and item.attempt_count >= PATIENCE)
        )
        for shop, confirmations in concerned.grouped("shop_id").items():
            confirmations._tell_person(shop)
        self.env["ir.cron"]._commit_progress()

    def _tell_person(self, shop):
        """One activity per shop until a person has done it, never one per order."""
        warning = "mail.mail_activity_data_warning"
        if not self or shop.activity_search([warning]):
            return
        shop.activity_schedule(
            warning,
            summary=self.env._("Tracking numbers did not reach Amazon"),
            note=plaintext2html(
                self.env._(
                    "%(count)s of them, the first: order %(order)s: %(reason)s",
                    count=len(self),
                    order=self[:1].order_id.name,
                    reason=self[:1].error,
                )
            ),
            user_id=shop._get_responsible().id,
        )

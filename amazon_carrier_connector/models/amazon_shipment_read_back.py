"""What Amazon took is compared with what it shows."""

import logging
from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..amazon.errors import AmazonError

_logger = logging.getLogger(__name__)

# Amazon shows a confirmed parcel some minutes later.
READ_BACK_DELAY = timedelta(minutes=5)
# After so long a parcel that Amazon accepted and does not show needs a person.
READ_BACK_PATIENCE = timedelta(days=1)


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    @api.model
    def _cron_read_back(self):
        """Scheduled action: compare what was pushed with what Amazon shows."""
        due = self.search(
            [
                ("state", "=", "pushed"),
                ("next_attempt_at", "<=", fields.Datetime.now()),
            ]
        )
        for shop, confirmations in due.grouped("shop_id").items():
            try:
                confirmations._read_back(shop)
            except (UserError, AmazonError) as error:
                _logger.info("Shop %s could not be read back: %s", shop.id, error)
                confirmations._read_back_later()
            self.env["ir.cron"]._commit_progress()

    def _read_back(self, shop):
        """Compare with what Amazon shows; what it does not show yet is asked later."""
        pushed = self.filtered(lambda item: item.state == "pushed")
        if not pushed:
            return
        since = min(pushed.mapped("pushed_at")).replace(tzinfo=timezone.utc)
        with shop._get_selling_partner() as gateway:
            packages = gateway.read_packages(
                pushed.order_id.market_id.mapped("marketplace_ref"),
                since - READ_BACK_DELAY,
            )
        shown = {
            (package.order_ref, package.package_ref, package.tracking_number)
            for package in packages
        }
        confirmed = pushed.filtered(
            lambda item: (item.order_id.name, str(item.id), item.tracking_number)
            in shown
        )
        confirmed.write({"state": "confirmed", "next_attempt_at": False})
        (pushed - confirmed)._read_back_later()

    def _read_back_later(self):
        """Ask again after a while, but not for ever: each time reads all since then."""
        now = fields.Datetime.now()
        missing = self.filtered(
            lambda item: item.pushed_at and item.pushed_at < now - READ_BACK_PATIENCE
        )
        for shop, confirmations in missing.grouped("shop_id").items():
            confirmations._fail(
                self.env._(
                    "Amazon accepted it and does not show it. Look the order up in"
                    " Seller Central, then retry."
                )
            )
            confirmations._tell_person(shop)
        (self - missing).next_attempt_at = now + 3 * READ_BACK_DELAY

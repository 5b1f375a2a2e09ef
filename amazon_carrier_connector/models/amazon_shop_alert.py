"""A shop that stopped working becomes the task of a person, once per stop."""

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.tools import html2plaintext, plaintext2html

from .amazon_shop_health import HEALTH


class AmazonPushDrain(models.Model):
    _inherit = "amazon.push.drain"

    stop_activity_id = fields.Many2one("mail.activity", ondelete="set null")
    told_stop = fields.Selection(
        selection=HEALTH, help="Of which stop a person was told; none: the shop works."
    )

    @api.model
    def _cron_watch(self):
        """Scheduled action: tell of each stop once; what works again is no task."""
        for drain in self.search([("shop_id", "!=", False)]):
            try:
                # As a first statement: no snapshot is older than the lock.
                if drain.try_lock_for_update(allow_referencing=True):
                    drain._tell_stop()
                self.env["ir.cron"]._commit_progress(1)
            except OperationalError:
                # The push was faster: the next run tells.
                self.env.cr.rollback()

    def _tell_stop(self):
        responsible = self.shop_id._get_responsible()
        shop = self.shop_id.with_context(lang=responsible.lang, tz=responsible.tz)
        activity = self.stop_activity_id.filtered("active")
        stop = shop.is_stopped and shop.health
        if not stop:
            activity.unlink()
        elif activity:
            values = shop._prepare_stop_values()
            # The stored note is not letter for letter what was written.
            if html2plaintext(activity.note) != html2plaintext(values["note"]):
                activity.write(values)
        elif stop != self.told_stop and not self._is_listed(stop):
            self.stop_activity_id = shop.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=responsible.id,
                **shop._prepare_stop_values(),
            )
        if stop != self.told_stop:
            self.told_stop = stop

    def _is_listed(self, stop):
        """Whether the list of what did not reach Amazon tells of it already."""
        told = self.error and self.activity_id.active
        return bool(told) and stop in (self.error_kind, "disconnected")


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    def _prepare_stop_values(self):
        label = dict(self._fields["health"]._description_selection(self.env))
        return {
            "summary": self.env._(
                "Shop %(shop)s: %(state)s",
                shop=self.name,
                state=label[self.health],
            ),
            "note": plaintext2html(self.health_message),
        }

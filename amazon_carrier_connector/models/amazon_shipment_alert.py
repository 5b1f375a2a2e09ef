"""What Amazon did not get becomes the task of a person."""

from datetime import timedelta

from markupsafe import Markup
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import html2plaintext

# After so many attempts, about an hour, a person is told.
PATIENCE = 6
# So near to the moment at which Amazon expects the parcel, nothing may wait any more,
LATE = timedelta(hours=2)
# unless it came into the outbox just now.
FRESH = timedelta(minutes=30)
# No import has shown for so long what became of a confirmation file.
UNHEARD = timedelta(days=7)
LISTED_ORDERS = 20


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    @api.model
    def _get_concerned_domain(self):
        """What needs a person: failed, tried often, late, or of a shop that is shut;
        what was pushed and cannot be read back; what is in a file without effect."""
        now = fields.Datetime.now()
        return (
            Domain("state", "=", "failed")
            | Domain("state", "in", ("pushed", "handed_over"))
            & Domain("error", "!=", False)
            | Domain("state", "=", "handed_over")
            & Domain("file_id.create_date", "<=", now - UNHEARD)
            | self._get_waiting_domain()
            & (
                Domain("attempt_count", ">=", PATIENCE)
                | (
                    Domain("ship_by", "<=", now + LATE)
                    & Domain("create_date", "<=", now - FRESH)
                )
                | (
                    Domain("error", "!=", False)
                    & Domain("shop_id.push_drain_ids.error", "!=", False)
                )
            )
        )

    @api.model
    def _tell_people(self):
        """Keep one activity per shop that lists its orders, until all are settled.

        Who has done the activity is told again only of what came since.
        """
        self.env["ir.cron"]._commit_progress()
        concerned = self.search(self._get_concerned_domain(), order="ship_by, id")
        by_shop = concerned.grouped("shop_id")
        domain = Domain("shop_id", "in", concerned.shop_id.ids) | Domain(
            "activity_id", "!=", False
        )
        for drain in self.env["amazon.push.drain"].search(domain):
            rows = by_shop.get(drain.shop_id, self.browse())
            try:
                rows._tell_person(drain)
                self.env["ir.cron"]._commit_progress()
            except OperationalError:
                # One of them is being sent or saved: the next run tells.
                self.env.cr.rollback()

    def _tell_person(self, drain):
        shop = drain.shop_id
        self = self.with_context(lang=shop._get_responsible().lang)
        activity = drain.activity_id.filtered("active")
        if not self:
            activity.unlink()
            return
        untold = self.filtered(lambda row: not row.told_at)
        values = self._prepare_activity_values()
        if activity:
            # The stored note is not letter for letter what was written.
            if html2plaintext(activity.note) != html2plaintext(values["note"]):
                activity.write(values)
        elif untold:
            drain.activity_id = shop.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=shop._get_responsible().id,
                **values,
            )
        untold.told_at = fields.Datetime.now()

    def _prepare_activity_values(self):
        listed = Markup().join(
            Markup("<li>%s: %s</li>")
            % (row.order_id.name, row.error or row._describe_state())
            for row in self[:LISTED_ORDERS]
        )
        more = len(self) - LISTED_ORDERS
        if more > 0:
            listed += Markup("<li>%s</li>") % self.env._("and %s more", more)
        return {
            "summary": self.env._("Tracking numbers did not reach Amazon"),
            "note": Markup("<p>%s</p><ul>%s</ul>")
            % (
                self.env._(
                    "Amazon does not know these parcels (%s). Look at them under Amazon"
                    " > Tracking > Confirmations.",
                    len(self),
                ),
                listed,
            ),
        }

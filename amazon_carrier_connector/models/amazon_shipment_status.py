"""What people see of a confirmation: what became of it, and what is doubtful."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime, format_time

from .tracking_messages import describe_doubt


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    market_id = fields.Many2one(related="order_id.market_id", store=True)
    confirmed_at = fields.Datetime(
        string="Confirmed on", compute="_compute_confirmed_at", store=True
    )
    tracking_warning = fields.Char(compute="_compute_tracking_warning")

    # === COMPUTE METHODS === #

    @api.depends("state")
    def _compute_confirmed_at(self):
        now = fields.Datetime.now()
        for confirmation in self:
            confirmation.confirmed_at = confirmation.state == "confirmed" and now

    @api.depends("tracking_number", "carrier_code")
    def _compute_tracking_warning(self):
        for confirmation in self:
            confirmation.tracking_warning = describe_doubt(
                self.env, confirmation.carrier_code or "", confirmation.tracking_number
            )

    # === BUSINESS METHODS === #

    @api.model
    def _get_late_domain(self):
        """What Amazon waits for since the ship-by moment."""
        return Domain("state", "in", ("to_push", "failed")) & Domain(
            "ship_by", "<", fields.Datetime.now()
        )

    def _describe_state(self):
        """What became of it, in a few words and with the time: "confirmed 14:03"."""
        self.ensure_one()
        if self.state == "failed":
            return self.env._("failed: %s", self.error)
        if self.state == "to_push":
            return self._describe_waiting()
        if self.state == "cancelled":
            return self.env._("not sent: %s", self.error)
        sentences = {
            "pushed": self.env._("pushed %s", self._format_moment(self.pushed_at)),
            "confirmed": self.env._(
                "confirmed %s", self._format_moment(self.confirmed_at)
            ),
            "handed_over": self.env._(
                "in a confirmation file since %s",
                self._format_moment(self.handed_over_at),
            ),
        }
        return sentences[self.state]

    def _describe_waiting(self):
        if not self.error:
            return self.env._("waits to be pushed")
        return self.env._(
            "next attempt %(moment)s: %(reason)s",
            moment=self._format_moment(self.next_attempt_at or fields.Datetime.now()),
            reason=self.error,
        )

    def _format_moment(self, moment):
        """The time, with its day unless that is today."""
        if not moment:
            return ""
        today = fields.Date.context_today(self)
        if fields.Datetime.context_timestamp(self, moment).date() == today:
            return format_time(self.env, moment, time_format="short")
        return format_datetime(self.env, moment, dt_format="short")

"""What a delivery shows of its push to Amazon. Nothing of it is stored here."""

from odoo import api, fields, models

from .tracking_messages import describe_doubt


class StockPicking(models.Model):
    _inherit = "stock.picking"

    push_message = fields.Char(string="Amazon Knows", compute="_compute_push_message")
    push_carrier_id = fields.Many2one(
        "delivery.carrier",
        compute="_compute_push_message",
        help="The delivery method whose code at Amazon is missing.",
    )
    tracking_warning = fields.Char(compute="_compute_tracking_warning")

    # === COMPUTE METHODS === #

    @api.depends(
        "amazon_confirmation_ids.state",
        "amazon_confirmation_ids.error",
        "amazon_confirmation_ids.next_attempt_at",
        "amazon_confirmation_ids.is_unmapped",
    )
    def _compute_push_message(self):
        for picking in self:
            rows = picking.amazon_confirmation_ids
            concerned = rows.filtered(lambda row, p=picking: row.state == p.push_state)
            picking.push_message = picking._describe_push(concerned, rows)
            picking.push_carrier_id = concerned.filtered(
                lambda row: row.state == "failed" and row.is_unmapped
            ).carrier_id[:1]

    def _describe_push(self, concerned, rows):
        """What became of the parcels that a person must look at first."""
        if not concerned:
            return False
        text = concerned[0]._describe_state()
        if len(rows) == 1:
            return text
        return self.env._(
            "%(count)s of %(total)s parcels %(text)s",
            count=len(concerned),
            total=len(rows),
            text=text,
        )

    @api.depends("carrier_tracking_ref", "carrier_id")
    def _compute_tracking_warning(self):
        mappings = (
            self.env["amazon.carrier.mapping"]
            # Carriers' codes are no secret from those who see the delivery.
            .sudo()
            ._find_all(self.carrier_id, self.amazon_market_id)
        )
        for picking in self:
            code = mappings[picking.carrier_id, picking.amazon_market_id].carrier_code
            doubts = [
                describe_doubt(self.env, code or "", number.strip())
                for number in (picking.carrier_tracking_ref or "").split(",")
                if number.strip() and picking.amazon_market_id
            ]
            picking.tracking_warning = " ".join(filter(None, doubts))

    # === ACTION METHODS === #

    def action_retry_push(self):
        self.amazon_confirmation_ids.filtered(
            lambda row: row.state == "failed"
        ).action_retry()

    def action_add_amazon_code(self):
        return self.push_carrier_id.action_add_amazon_code()

from odoo import fields, models
from odoo.exceptions import UserError

from ..amazon.errors import AmazonError
from .amazon_messages import describe_amazon_error


class AmazonShipmentConfirmation(models.Model):
    """One parcel to confirm at Amazon: the outbox.

    Its own id as text is Amazon's ``packageReferenceId``, so that sending it again
    edits the parcel there and never adds a second one.
    """

    _name = "amazon.shipment.confirmation"
    _description = "Amazon Shipment Confirmation"
    _order = "id desc"
    _rec_name = "tracking_number"
    _check_company_auto = True

    order_id = fields.Many2one(
        "amazon.order", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    shop_id = fields.Many2one(related="order_id.shop_id", store=True, index=True)
    ship_by = fields.Datetime(related="order_id.ship_by", store=True)
    picking_id = fields.Many2one(
        "stock.picking", string="Delivery", required=True, index=True
    )
    parcel_id = fields.Many2one("delivery.parcel", index="btree_not_null")
    carrier_id = fields.Many2one("delivery.carrier", string="Delivery Method")
    carrier_code = fields.Char(readonly=True)
    carrier_name = fields.Char(readonly=True)
    tracking_number = fields.Char(required=True)
    ship_date = fields.Datetime(required=True)
    line_ids = fields.One2many("amazon.shipment.confirmation.line", "confirmation_id")
    state = fields.Selection(
        selection=[
            ("to_push", "To Push"),
            ("pushed", "Pushed"),
            ("confirmed", "Confirmed"),
            ("failed", "Failed"),
            ("handed_over", "Handed Over"),
        ],
        string="Status",
        required=True,
        default="to_push",
        index=True,
    )
    attempt_count = fields.Integer(string="Attempts", readonly=True)
    next_attempt_at = fields.Datetime(string="Next Attempt", index=True)
    pushed_at = fields.Datetime(readonly=True)
    request_id = fields.Char(
        readonly=True, help="Amazon's id of the last request, for its support."
    )
    error = fields.Text(readonly=True)

    _parcel_uniq = models.UniqueIndex(
        "(order_id, parcel_id) WHERE parcel_id IS NOT NULL",
        "This parcel is in the outbox already.",
    )
    _number_uniq = models.UniqueIndex(
        "(order_id, picking_id, tracking_number) WHERE parcel_id IS NULL",
        "This tracking number is in the outbox already.",
    )

    # === ACTION METHODS === #

    def action_retry(self):
        """Send what failed again, now that a person has mended it."""
        failed = self.filtered(lambda item: item.state in ("failed", "to_push"))
        failed.write(
            {
                "state": "to_push",
                "attempt_count": 0,
                "next_attempt_at": False,
                "error": False,
            }
        )
        self._trigger_push()

    def action_read_back(self):
        """Ask Amazon now what it holds, instead of waiting for the schedule."""
        for shop, confirmations in self.grouped("shop_id").items():
            try:
                confirmations._read_back(shop)
            except AmazonError as error:
                raise UserError(describe_amazon_error(self.env, error)) from None

    # === BUSINESS METHODS === #

    def _trigger_push(self):
        self.env.ref("amazon_carrier_connector.cron_push_confirmations")._trigger()

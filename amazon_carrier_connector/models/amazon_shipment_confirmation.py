from odoo import api, fields, models
from odoo.exceptions import UserError

from ..amazon.errors import AmazonError
from .amazon_messages import describe_amazon_error


class AmazonShipmentConfirmation(models.Model):
    """One parcel to confirm at Amazon: the outbox.

    Its own id as text is Amazon's ``packageReferenceId``, so that sending it again
    edits the parcel there and never adds a second one.
    """

    _name = "amazon.shipment.confirmation"
    _inherit = ["amazon.guarded.record"]
    _description = "Amazon Shipment Confirmation"
    _order = "id desc"
    _rec_name = "tracking_number"
    _check_company_auto = True
    # Where the delivery had no delivery method.
    _written_by_people = frozenset(("carrier_id",))

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
    package_id = fields.Many2one(
        "stock.package",
        index="btree_not_null",
        help="Empty: all that is in the delivery.",
    )
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
            ("cancelled", "Not Sent"),
        ],
        string="Status",
        required=True,
        default="to_push",
        index=True,
    )
    attempt_count = fields.Integer(string="Attempts", readonly=True)
    next_attempt_at = fields.Datetime(string="Next Attempt", index=True)
    is_unclear = fields.Boolean(
        string="Unclear",
        readonly=True,
        help="It was sent, and what Amazon did with it is not known: it is looked up"
        " before it is sent again.",
    )
    is_repeated = fields.Boolean(
        string="Sent Again",
        readonly=True,
        help="Amazon accepted it and did not show it, so it was sent once more.",
    )
    pushed_at = fields.Datetime(readonly=True)
    told_at = fields.Datetime(
        string="Person Told on", readonly=True, help="An activity names it since then."
    )
    request_id = fields.Char(
        readonly=True, help="Amazon's id of the last request, for its support."
    )
    error = fields.Text(readonly=True)

    _place_uniq = models.UniqueIndex(
        "(order_id, picking_id, COALESCE(package_id, 0))",
        "This parcel is in the outbox already.",
    )

    # === ACTION METHODS === #

    def action_retry(self):
        """Send what failed or was left out, now that a person has mended it."""
        states = ("failed", "to_push", "cancelled")
        mended = self.filtered(lambda row: row.state in states and row._is_living())
        mended._record(self._prepare_push_values())
        # People may only read the drain.
        mended.shop_id.push_drain_ids.sudo().paused_until = False
        self._trigger_push()

    def action_read_back(self):
        """Ask Amazon now what it holds, instead of waiting for the schedule."""
        for shop, confirmations in self.grouped("shop_id").items():
            try:
                confirmations._read_back(shop)
            except AmazonError as error:
                raise UserError(describe_amazon_error(self.env, error)) from None

    # === BUSINESS METHODS === #

    @api.model
    def _prepare_push_values(self):
        """Values of what must be sent, whatever happened to it before."""
        return {
            "state": "to_push",
            "attempt_count": 0,
            "is_repeated": False,
            "next_attempt_at": False,
            "told_at": False,
            "error": False,
        }

    def _leave_out(self, reason):
        """Amazon is not told."""
        self._record({"state": "cancelled", "next_attempt_at": False, "error": reason})

    def _trigger_push(self):
        self.env.ref("amazon_carrier_connector.cron_push_confirmations")._trigger()

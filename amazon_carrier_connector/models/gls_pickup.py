from secrets import token_hex

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.errors import CarrierError, Unclear
from ..carriers.gls_payload import check_pickup
from ..carriers.gls_shipments import GlsPickup as Pickup
from ..carriers.gls_shipments import GlsShipment, GlsUnit
from .carrier_messages import describe_carrier_error, describe_problems


class GlsPickup(models.Model):
    """An order to GLS to fetch parcels at one address and bring them to another.

    It is committed as *requested* before GLS is asked, and its row is locked while it
    is: GLS gives two pickups to who asks twice. What was asked and not answered a
    person settles.
    """

    _name = "gls.pickup"
    _inherit = ["amazon.guarded.record"]
    _description = "GLS Pickup Order"
    _order = "pickup_date desc, id desc"
    _rec_name = "reference"
    _check_company_auto = True

    _written_by_people = frozenset(
        (
            *("carrier_id", "company_id", "pickup_date", "parcel_count", "weight_kg"),
            *("address_id", "delivery_address_id"),
            # GLS told a person its number.
            "order_refs",
        )
    )

    reference = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: f"PU-{token_hex(4)}",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        required=True,
        check_company=True,
        domain="[('delivery_type', '=', 'gls_nl')]",
        default=lambda self: self.env["delivery.carrier"].search(
            [
                ("delivery_type", "=", "gls_nl"),
                ("company_id", "in", (self.env.company.id, False)),
            ],
            limit=1,
        ),
    )
    is_test = fields.Boolean(readonly=True, copy=False)
    pickup_date = fields.Date(
        required=True,
        copy=False,
        compute="_compute_from_carrier",
        store=True,
        readonly=False,
        precompute=True,
    )
    parcel_count = fields.Integer(string="Parcels", required=True, default=1)
    weight_kg = fields.Float(
        string="Weight per Parcel (kg)", digits="Stock Weight", default=1.0
    )
    address_id = fields.Many2one(
        "res.partner",
        string="Fetch at",
        required=True,
        check_company=True,
        compute="_compute_from_carrier",
        store=True,
        readonly=False,
        precompute=True,
    )
    delivery_address_id = fields.Many2one(
        "res.partner", string="Bring to", required=True, check_company=True
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("requested", "Requested"),
            ("unclear", "Unclear"),
            ("ordered", "Ordered"),
            ("cancelled", "Called Off"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    order_refs = fields.Char(
        string="GLS Numbers", copy=False, help="By these it can be called off."
    )
    asked_at = fields.Datetime(string="Ordered on", readonly=True, copy=False)
    error = fields.Text(readonly=True, copy=False)

    _parcel_count_sensible = models.Constraint(
        "CHECK (parcel_count BETWEEN 1 AND 99)",
        "Between 1 and 99 parcels can be fetched.",
    )

    # === COMPUTE METHODS === #

    @api.depends("carrier_id", "company_id")
    def _compute_from_carrier(self):
        for pickup in self:
            carrier = pickup.carrier_id
            pickup.address_id = carrier.gls_sender_id or pickup.company_id.partner_id
            pickup.pickup_date = carrier._gls_nl_get_shipping_date(pickup.company_id)

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked(self):
        if any(pickup.state not in ("draft", "cancelled") for pickup in self):
            raise UserError(self.env._("Call the pickup off before you delete it."))

    # === ACTION METHODS === #

    def action_order(self):
        """Order it, once; commits before GLS is asked and after.

        :raises UserError: when it cannot be asked for, or is no draft any more
        """
        self._lock("draft")
        pickup = self._prepare_pickup()
        if problems := check_pickup(pickup):
            raise UserError("\n".join(describe_problems(self.env, problems)))
        client = self._connect()
        self._record(
            {
                "state": "requested",
                "is_test": not self.carrier_id.prod_environment,
                "asked_at": fields.Datetime.now(),
                "error": False,
            }
        )
        self.env["ir.cron"]._commit_progress()
        # Nobody decides on it while it is being asked for.
        self._lock("requested")
        self._record(self._ask(client, pickup))
        self.env["ir.cron"]._commit_progress()

    def action_call_off(self):
        """Call off each of its parcels; commits what GLS has called off.

        :raises UserError: when GLS does not, or its number is not known
        """
        self._lock("ordered")
        remaining = self._split_refs()
        if not remaining:
            raise UserError(
                self.env._(
                    "Enter the number that GLS has for pickup %s: it is called off by"
                    " that number.",
                    self.reference,
                )
            )
        client = self._connect()
        while remaining:
            try:
                client.delete_pickup(remaining[0])
            except Unclear:
                raise UserError(
                    self.env._(
                        "GLS did not answer clearly and may have called off pickup"
                        " %s. Call it off once more to know.",
                        remaining[0],
                    )
                ) from None
            except CarrierError as error:
                raise UserError(
                    self.env._(
                        "GLS did not call off pickup %(number)s: %(reason)s",
                        number=remaining[0],
                        reason=describe_carrier_error(self.env, error),
                    )
                ) from None
            self.order_refs = ", ".join(remaining := remaining[1:]) or self.order_refs
            self.env["ir.cron"]._commit_progress()
        self._record({"state": "cancelled", "error": False})

    def action_set_ordered(self):
        """A person knows that GLS has it."""
        self._lock("requested", "unclear")
        self._record({"state": "ordered", "error": False})

    def action_set_called_off(self):
        """A person knows that GLS does not come."""
        self._lock("ordered")
        self._record({"state": "cancelled", "error": False})

    def action_set_draft(self):
        """A person knows that GLS does not have it: it may be ordered again."""
        self._lock("requested", "unclear")
        self._record(
            {"state": "draft", "error": False, "reference": f"PU-{token_hex(4)}"}
        )

    # === ASKING === #

    def _lock(self, *states):
        """
        :raises UserError: when it is being asked for, or is in no such state any more
        """
        self.ensure_one()
        if not self.try_lock_for_update() or self.state not in states:
            raise UserError(
                self.env._(
                    "Pickup %s is being ordered or was ordered already: open it again.",
                    self.reference,
                )
            )

    def _connect(self):
        is_test = not self.carrier_id.prod_environment
        if self.state != "draft":
            is_test = self.is_test
        return (
            self.env["gls.account"]
            ._find(self.carrier_id, self.company_id, is_test)
            ._connect()
        )

    def _prepare_pickup(self):
        """
        :rtype: carriers.gls_shipments.GlsPickup
        :raises UserError: when it would be brought to where it is fetched
        """
        if self.address_id == self.delivery_address_id:
            raise UserError(
                self.env._("A parcel is fetched at one address and brought to another.")
            )
        prepare = self.env["stock.picking"]._prepare_sender
        grams = max(1, round(self.weight_kg * 1000))
        shipment = GlsShipment(
            order_ref=self.reference,
            units=tuple(
                GlsUnit(f"{self.reference}-{number}", grams)
                for number in range(1, self.parcel_count + 1)
            ),
            recipient=prepare(self.delivery_address_id),
            sender=prepare(self.address_id),
        )
        return Pickup(shipment, prepare(self.company_id.partner_id), self.pickup_date)

    def _ask(self, client, pickup):
        """
        :return: what to write of GLS's answer
        :rtype: dict
        """
        try:
            numbers = client.create_pickup(pickup)
        except Unclear:
            return {
                "state": "unclear",
                "error": self.env._(
                    "GLS did not answer clearly and may have the order. Ask GLS for"
                    " %s, then say here what you found.",
                    self.reference,
                ),
            }
        except CarrierError as error:
            return {
                "state": "draft",
                "error": describe_carrier_error(self.env, error),
            }
        if not numbers:
            return {
                "state": "ordered",
                "error": self.env._(
                    "GLS has taken the order and told no number. To call it off, ask"
                    " GLS for one and enter it here."
                ),
            }
        return {"state": "ordered", "order_refs": ", ".join(numbers)}

    def _split_refs(self):
        return (self.order_refs or "").replace(",", " ").split()

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.sql import column_exists, create_column

from .delivery_parcel import LIVING_STATES

LABEL_STATES = [
    ("to_label", "To Label"),
    ("requested", "Requested"),
    ("unclear", "Unclear"),
    ("refused", "Refused"),
    ("labelled", "Labelled"),
]
# Of several, a delivery shows the first.
PUSH_STATES = [
    ("failed", "Failed"),
    ("to_push", "To Push"),
    ("pushed", "Pushed"),
    ("handed_over", "Handed Over"),
    ("confirmed", "Confirmed"),
    ("cancelled", "Not Sent"),
]


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "stock.picking.address", "amazon.guarded.fields"]

    _written_by_programs = frozenset(("amazon_shop_id", "amazon_sku"))

    amazon_order_ids = fields.Many2many(
        "amazon.order",
        string="Amazon Orders",
        compute="_compute_amazon_order_ids",
        search="_search_amazon_order_ids",
    )
    amazon_shop_id = fields.Many2one(
        "amazon.shop",
        compute="_compute_amazon_shop_id",
        store=True,
        index="btree_not_null",
    )
    amazon_market_id = fields.Many2one(
        "amazon.market", string="Amazon Market", compute="_compute_amazon_order_ids"
    )
    amazon_cancel_requested = fields.Boolean(
        string="Cancel Requested",
        compute="_compute_amazon_order_ids",
        search="_search_amazon_cancel_requested",
    )
    amazon_confirmation_ids = fields.One2many(
        "amazon.shipment.confirmation", "picking_id"
    )
    parcel_ids = fields.One2many("delivery.parcel", "picking_id", string="Parcels")
    parcel_type_id = fields.Many2one(
        "stock.package.type",
        string="Parcel Type",
        help="Empty: that of the delivery method.",
    )
    label_state = fields.Selection(
        selection=LABEL_STATES,
        string="Label",
        compute="_compute_label_state",
        # Others than warehouse staff open deliveries too, those of their sales say.
        compute_sudo=True,
        search="_search_label_state",
    )
    push_state = fields.Selection(
        selection=PUSH_STATES,
        string="Amazon",
        compute="_compute_push_state",
        search="_search_push_state",
    )

    # === CRUD METHODS === #

    def _auto_init(self):
        # No delivery that is there before the module has a shop: none is computed.
        if not column_exists(self.env.cr, "stock_picking", "amazon_shop_id"):
            create_column(self.env.cr, "stock_picking", "amazon_shop_id", "int4")
        return super()._auto_init()

    def copy_data(self, default=None):
        """A duplicate ships nothing that Amazon waits for."""
        vals_list = super().copy_data(default)
        if "move_ids" not in (default or {}):
            for vals in vals_list:
                for __, __, move_values in vals.get("move_ids", ()):
                    move_values.pop("amazon_item_id", None)
        return vals_list

    # === COMPUTE METHODS === #

    @api.depends(
        "move_ids.amazon_item_id.order_id.cancel_requested",
        "move_ids.amazon_item_id.order_id.cancel_released",
    )
    def _compute_amazon_order_ids(self):
        # Read at once: setting a many2many checks the access order by order.
        self.move_ids.amazon_item_id.order_id.mapped("company_id")
        for picking in self:
            orders = picking.move_ids.amazon_item_id.order_id
            picking.amazon_order_ids = orders
            picking.amazon_market_id = orders.market_id[:1]
            picking.amazon_cancel_requested = any(
                order.cancel_requested and not order.cancel_released for order in orders
            )

    @api.depends("move_ids.amazon_item_id.order_id.shop_id")
    def _compute_amazon_shop_id(self):
        for picking in self:
            orders = picking.move_ids.amazon_item_id.order_id
            picking.amazon_shop_id = orders.shop_id[:1]

    def _search_amazon_order_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        domain = Domain("move_ids.amazon_item_id.order_id", operator, value)
        if operator == "in" and False in value:
            # A delivery without moves has no order either.
            domain |= ~Domain("move_ids.amazon_item_id", "!=", False)
        return domain

    def _search_amazon_cancel_requested(self, operator, value):
        if operator != "in":
            return NotImplemented
        requested = Domain(
            "move_ids.amazon_item_id.order_id",
            "any",
            [("cancel_requested", "=", True), ("cancel_released", "=", False)],
        )
        return Domain.OR(requested if wanted else ~requested for wanted in value)

    @api.depends("parcel_ids.state", "carrier_tracking_ref", "state", "carrier_id")
    def _compute_label_state(self):
        for picking in self:
            picking.label_state = _first_of(
                ("unclear", "requested", "labelled", "refused"),
                picking.parcel_ids.mapped("state"),
            ) or (picking._needs_label() and "to_label")

    def _has_living_label(self):
        """Whether it is labelled, being labelled, or was labelled by somebody else."""
        return bool(self.carrier_tracking_ref) or any(
            parcel.state in LIVING_STATES for parcel in self.parcel_ids
        )

    def _needs_label(self):
        self.ensure_one()
        return (
            bool(self.amazon_order_ids or self.carrier_id._has_label_engine())
            and self.picking_type_id.print_label
            and self.state not in ("done", "cancel")
            and not self.carrier_tracking_ref
        )

    def _search_label_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(self._get_label_state_domain(state) for state in value)

    def _get_label_state_domain(self, state):
        living = Domain("parcel_ids.state", "in", LIVING_STATES)
        refused = Domain("parcel_ids.state", "=", "refused")
        providers = self.env["delivery.carrier"]._get_label_providers()
        to_label = (
            Domain("state", "not in", ("done", "cancel"))
            & Domain("picking_type_id.print_label", "=", True)
            & Domain("carrier_tracking_ref", "=", False)
            & (
                Domain("amazon_shop_id", "!=", False)
                | Domain("carrier_id.delivery_type", "in", providers)
            )
        )
        return {
            "unclear": Domain("parcel_ids.state", "=", "unclear"),
            "requested": Domain("parcel_ids.state", "=", "requested"),
            "labelled": Domain("parcel_ids.state", "=", "labelled"),
            "refused": refused & ~living,
            "to_label": to_label & ~living & ~refused,
        }.get(state, ~living & ~refused & ~to_label)

    @api.depends("amazon_confirmation_ids.state")
    def _compute_push_state(self):
        for picking in self:
            picking.push_state = _first_of(
                [state for state, __ in PUSH_STATES],
                picking.amazon_confirmation_ids.mapped("state"),
            )

    def _search_push_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = [state for state in value if state]
        domain = Domain("amazon_confirmation_ids.state", "in", states)
        if False in value:
            domain |= Domain("amazon_confirmation_ids", "=", False)
        return domain

    # === ACTION METHODS === #

    def action_create_labels(self):
        """Make a run over the selection and open it: its check screen comes first."""
        run = self._create_label_run()
        run.action_check()
        return run._get_form_action()

    def action_push_tracking(self):
        """Put what Amazon must be told into the outbox, and say how much that is."""
        written = self.env["amazon.shipment.confirmation"]._create_for_pickings(self)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if written else "info",
                "message": self.env._("%s parcels go to Amazon.", len(written))
                if written
                else self.env._(
                    "There is nothing new for Amazon: a delivery needs a label, or"
                    " must be done and have a tracking reference."
                ),
            },
        }

    # === LABELS === #

    def _create_label_run(self):
        """One draft run with a parcel per package, in the order of the selection."""
        if not self:
            raise UserError(self.env._("No delivery waits for a label."))
        if len(self.company_id) > 1:
            raise UserError(
                self.env._("Create labels for the deliveries of one company at a time.")
            )
        shops = self.amazon_shop_id
        # Nobody makes labels for those, unless that is all that was asked for.
        labelled = self.filtered(lambda p: not p._has_typed_number()) or self
        run = self.env["delivery.label.run"]._begin(
            {
                "company_id": self.company_id.id,
                "validate_after": bool(shops) and all(shops.mapped("validate_after")),
                "other_picking_ids": (self - labelled).ids,
            }
        )
        labelled._create_parcels(run)
        return run

    def _has_typed_number(self):
        """Whether it is moved by who makes no labels here, and has its number."""
        return bool(
            self.carrier_id
            and not self.carrier_id._has_label_engine()
            and self.carrier_tracking_ref
        )

    def _get_typed_reference(self):
        """The number of a label that was made elsewhere, or False."""
        self.ensure_one()
        is_ours = "labelled" in self.parcel_ids.mapped("state")
        return not is_ours and self.carrier_tracking_ref

    def _create_parcels(self, run):
        values = [vals for picking in self for vals in picking._prepare_parcel_values()]
        return self.env["delivery.parcel"]._begin(
            [
                dict(vals, run_id=run.id, position=position)
                for position, vals in enumerate(values, start=1)
            ]
        )

    def _prepare_parcel_values(self):
        """
        :return: values of one parcel per package, else of one parcel
        :rtype: list[dict]
        """
        self.ensure_one()
        packages = self.move_line_ids.result_package_id
        return [
            {
                "picking_id": self.id,
                "company_id": self.company_id.id,
                "carrier_id": self.carrier_id.id,
                "package_id": package.id,
                "weight_kg": self._get_parcel_weight(package),
            }
            for package in packages or [packages]
        ]

    def _has_loose_products(self):
        """Whether part of a packed delivery stands beside its packages."""
        self.ensure_one()
        lines = self.move_line_ids
        return bool(lines.result_package_id) and any(
            line.quantity and not line.result_package_id for line in lines
        )

    def _get_tracking_reference(self):
        """The numbers of all labelled parcels, as core expects several.

        False as long as a package has no label: what has a number is validated
        without asking the carrier.
        """
        self.ensure_one()
        labelled = self.parcel_ids.filtered(lambda parcel: parcel.state == "labelled")
        if self._get_uncovered_packages(labelled):
            return False
        numbers = labelled.sorted("id").mapped("tracking_number")
        return ",".join(numbers) or False

    def _get_uncovered_packages(self, parcels):
        """The packages that none of these parcels is."""
        if parcels and not all(parcel.package_id for parcel in parcels):
            # One without a package is for all that is in the delivery.
            return parcels.browse().package_id
        return self.move_line_ids.result_package_id - parcels.package_id

    def _reserve_for_label(self):
        """Confirm and reserve, so that a label is bought only for what can leave.

        :raises UserError: when a delivery is not reserved in full and its shop leaves
            such deliveries out
        """
        self._confirm_and_reserve()
        for picking in self.move_ids.filtered(_is_short).picking_id:
            if picking._get_stock_policy() == "leave_out":
                raise UserError(
                    self.env._(
                        "%s: not all products are in stock. Receive them, or change"
                        " the delivery, and create the label again.",
                        picking.name,
                    )
                )
            if picking._get_stock_policy() == "warn":
                picking._message_log(
                    body=self.env._("Labelled although not all products are in stock.")
                )

    def _confirm_and_reserve(self):
        self.filtered(lambda p: p.state == "draft").action_confirm()
        # Core calls a delivery ready as soon as one of its products is reserved.
        self.move_ids.filtered(_is_short)._action_assign()

    def _get_stock_policy(self):
        return self.amazon_shop_id.stock_policy or "leave_out"

    # === BUYERS ARE NEVER TEXTED OR MAILED === #

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Amazon forbids it: whatever is posted on a delivery, its buyer gets nothing.

        The company's confirmation by e-mail and core's by text message both pass here.
        """
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        contacts = self.amazon_order_ids.partner_id
        # A person may have made another contact of the buyer's.
        buyers = contacts | self.filtered("amazon_shop_id").partner_id
        return [item for item in recipients if item["id"] not in buyers.ids]


def _is_short(move):
    """Whether a move still waits for a part of its quantity."""
    return move.state in ("waiting", "confirmed", "partially_available")


def _first_of(order, values):
    """The first of an order of values that is among the given ones, else False."""
    return next((value for value in order if value in values), False)

from secrets import token_hex

from odoo import api, fields, models
from odoo.exceptions import UserError

PARCEL_STATES = [
    ("draft", "Draft"),
    ("requested", "Requested"),
    ("labelled", "Labelled"),
    ("cancelled", "Cancelled"),
    ("refused", "Refused"),
    ("unclear", "Unclear"),
]
# Of one physical parcel at most one record is in these states: the database sees to it.
LIVING_STATES = ("requested", "unclear", "labelled")


class DeliveryParcel(models.Model):
    """One physical parcel: the durable record of a label.

    Money is spent once because the record is committed as *requested* before the
    carrier is asked, and guarded while it is asked. Whoever can lock the whole of a
    requested record knows that the asker died; what became of it is looked up at the
    carrier under the reference, never asked for again blindly.
    """

    _name = "delivery.parcel"
    _inherit = ["delivery.label.mixin"]
    _description = "Parcel"
    _order = "run_id desc, position, id"
    _rec_name = "reference"
    _check_company_auto = True
    _written_by_people = frozenset(("weight_kg",))

    picking_id = fields.Many2one(
        "stock.picking",
        string="Delivery",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one(related="picking_id.partner_id")
    package_id = fields.Many2one("stock.package", index="btree_not_null")
    sequence = fields.Integer(
        default=1, help="Number of the parcel within its delivery or package."
    )
    run_id = fields.Many2one(
        "delivery.label.run", index="btree_not_null", ondelete="set null"
    )
    position = fields.Integer(help="Place of the label in the run's document.")
    # Without its delivery method nobody knows the account any more: it is archived.
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        ondelete="restrict",
        check_company=True,
    )
    carrier_type = fields.Selection(related="carrier_id.delivery_type")
    reference = fields.Char(
        required=True,
        copy=False,
        help="Ours, the same as long as what the carrier is told is the same; the"
        " carrier is searched by it.",
    )
    remote_ref = fields.Char(
        string="Carrier's Reference",
        index="btree_not_null",
        copy=False,
        help="The carrier's own id.",
    )
    announced_digest = fields.Char(
        copy=False, help="Fingerprint of what the carrier was told with its reference."
    )
    tracking_number = fields.Char(index="btree_not_null")
    weight_kg = fields.Float(string="Weight (kg)", digits="Stock Weight")
    state = fields.Selection(
        selection=PARCEL_STATES,
        string="Status",
        required=True,
        default="draft",
        index=True,
        copy=False,
    )
    is_test = fields.Boolean(
        string="Test Label",
        copy=False,
        help="Made in the carrier's test environment: no carrier moves the parcel, and"
        " Amazon is told nothing.",
    )
    asked_at = fields.Datetime(
        copy=False, help="When the carrier was last asked for the label."
    )
    without_label = fields.Boolean(
        copy=False,
        help="The carrier has the parcel, its label is lost, and somebody ships it"
        " without a label from here.",
    )
    confirmation_ids = fields.One2many("amazon.shipment.confirmation", "parcel_id")
    labelled_at = fields.Datetime(copy=False)
    error = fields.Text(copy=False)

    _living_uniq = models.UniqueIndex(
        "(picking_id, COALESCE(package_id, 0), sequence)"
        " WHERE state IN ('requested', 'unclear', 'labelled')",
        "A label for this parcel exists already or is being made.",
    )
    _reference_uniq = models.UniqueIndex(
        "(reference)", "This reference belongs to another parcel."
    )
    _labelled_complete = models.Constraint(
        "CHECK (state != 'labelled' OR (tracking_number IS NOT NULL"
        " AND (label_attachment_id IS NOT NULL OR without_label IS TRUE"
        " OR erased_at IS NOT NULL)))",
        "A labelled parcel has a tracking number and a label.",
    )
    _weight_positive = models.Constraint(
        "CHECK (weight_kg > 0)", "A parcel weighs more than nothing."
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        pickings = self.env["stock.picking"].browse(v["picking_id"] for v in vals_list)
        for vals, picking in zip(vals_list, pickings, strict=True):
            vals["reference"] = self._prepare_reference(picking)
        return super().create(vals_list)

    @api.model
    def _prepare_reference(self, picking):
        # People recognise the order id; the rest makes it the only one. Merged, a
        # delivery has several: carriers take so many characters only.
        name = (picking.origin or picking.name).partition(",")[0]
        return f"{name}-{token_hex(4)}"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_living(self):
        if any(parcel.state in LIVING_STATES for parcel in self):
            raise UserError(
                self.env._("A parcel with a label cannot be deleted. Cancel it first.")
            )

    # === ACTION METHODS === #

    def action_open_label(self):
        action = super().action_open_label()
        self._mark_printed()
        return action

    def action_cancel(self):
        """Give parcels up, so that their deliveries can be labelled again.

        A carrier that deletes labels is asked to. MyParcel bills a label at its first
        scan and cannot delete a registered one: it is enough not to use it.
        """
        self._check_known()
        for parcel in self:
            if parcel.tracking_number and parcel.state in LIVING_STATES:
                parcel._cancel_at_carrier()
        self._give_up()

    def action_give_up(self):
        """The same for what the carrier does not delete."""
        self._check_known()
        self._give_up()

    def _check_known(self):
        if any(
            parcel.state in ("requested", "unclear") and not parcel.tracking_number
            for parcel in self
        ):
            raise UserError(
                self.env._(
                    "It is not known yet whether the carrier made this label. Check it"
                    " first."
                )
            )

    def _cancel_at_carrier(self):
        carrier = self.carrier_id
        cancel = getattr(carrier, f"_{carrier.delivery_type}_cancel_label", None)
        if cancel:
            cancel(self)
            self._give_up()
            # It is gone there, whatever becomes of the others.
            self.env["ir.cron"]._commit_progress()
            self.return_ids.action_cancel()

    def _give_up(self):
        labelled = self.filtered(lambda parcel: parcel.state == "labelled")
        self._give_up_concepts()
        self._record({"state": "cancelled", "error": False})
        # The outbox is not for everybody who may cancel a parcel.
        self.sudo().confirmation_ids._withdraw()
        # A number that a person typed beside a draft is not ours to remove.
        for picking in labelled.picking_id:
            picking.carrier_tracking_ref = picking._get_tracking_reference()

    def action_check_unclear(self):
        """Ask the carrier what became of these parcels; never buys twice."""
        self._settle()
        self._update_pickings()
        self.env["ir.cron"]._commit_progress()

    # === THE DELIVERIES === #

    def _update_pickings(self):
        """Tell the deliveries their numbers; apart from what stores the labels.

        What somebody else is saving just now is left out: nobody waits for a person.
        """
        pickings = self.filtered(lambda p: p.state == "labelled").picking_id
        references = {p: p._get_tracking_reference() for p in pickings}
        untold = pickings.filtered(
            lambda p: references[p] and p.carrier_tracking_ref != references[p]
        )
        for picking in untold.try_lock_for_update(allow_referencing=True):
            living = picking.parcel_ids.filtered(lambda p: p.state == "labelled")
            picking._take_shipment(references[picking], sum(living.mapped("price")))

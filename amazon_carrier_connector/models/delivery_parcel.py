import logging
from dataclasses import astuple
from hashlib import sha256
from secrets import token_hex

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.errors import CarrierError
from ..carriers.labelling import Outcome
from ..carriers.myparcel_labelling import MyParcelLabelling
from .carrier_messages import describe_carrier_error, describe_problems

_logger = logging.getLogger(__name__)

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
    carrier is asked, and locked while it is asked. Whoever finds a requested record
    that it can lock knows that the asker died; what became of it is looked up at the
    carrier under the reference, never asked for again blindly.
    """

    _name = "delivery.parcel"
    _description = "Parcel"
    _order = "run_id desc, position, id"
    _rec_name = "reference"
    _check_company_auto = True

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
    carrier_id = fields.Many2one(
        "delivery.carrier", string="Delivery Method", check_company=True
    )
    reference = fields.Char(
        required=True,
        copy=False,
        help="Ours, stable over all attempts; the carrier is searched by it.",
    )
    remote_ref = fields.Char(
        string="Carrier's Reference", copy=False, help="The carrier's own id."
    )
    announced_digest = fields.Char(
        copy=False, help="Fingerprint of what the carrier was told with its reference."
    )
    tracking_number = fields.Char(index="btree_not_null", copy=False)
    tracking_url = fields.Char(copy=False)
    price = fields.Float(digits="Product Price", copy=False)
    weight_kg = fields.Float(string="Weight (kg)", digits="Stock Weight")
    state = fields.Selection(
        selection=PARCEL_STATES,
        string="Status",
        required=True,
        default="draft",
        index=True,
        copy=False,
    )
    label_attachment_id = fields.Many2one(
        "ir.attachment", string="Label", copy=False, ondelete="restrict"
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
        " AND label_attachment_id IS NOT NULL))",
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
            # People recognise the order id; the rest makes it the only one.
            vals["reference"] = f"{picking.origin or picking.name}-{token_hex(4)}"
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_living(self):
        if any(parcel.state in LIVING_STATES for parcel in self):
            raise UserError(
                self.env._("A parcel with a label cannot be deleted. Cancel it first.")
            )

    # === ACTION METHODS === #

    def action_open_label(self):
        """Download the stored label: free, and as often as wanted."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.label_attachment_id.id}?download=true",
            "target": "download",
        }

    def action_track(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": self.tracking_url,
            "target": "new",
        }

    def action_view_delivery(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking",
            "res_id": self.picking_id.id,
            "view_mode": "form",
        }

    def action_cancel(self):
        """Give the parcel up, so that its delivery can be labelled again.

        MyParcel bills a label at its first scan and cannot delete a registered one: it
        is enough not to use it.
        """
        if any(parcel.state in ("requested", "unclear") for parcel in self):
            raise UserError(
                self.env._(
                    "It is not known yet whether the carrier made this label. Check it"
                    " first."
                )
            )
        labelled = self.filtered(lambda parcel: parcel.state == "labelled")
        self.write({"state": "cancelled"})
        self.sudo().confirmation_ids._withdraw()
        # A number that a person typed beside a draft is not ours to remove.
        for picking in labelled.picking_id:
            picking.carrier_tracking_ref = picking._get_tracking_reference()

    def action_check_unclear(self):
        """Ask the carrier what became of these parcels; never buys twice."""
        self._settle()
        self._update_pickings()
        self.env["ir.cron"]._commit_progress()

    # === CHECK BEFORE ANYTHING IS SPENT === #

    def _check(self):
        """Write on each draft what keeps it from being labelled, or clear it."""
        for parcel in self:
            # A person may have chosen another one since the run was made.
            if parcel.carrier_id != parcel.picking_id.carrier_id:
                parcel.carrier_id = parcel.picking_id.carrier_id
            error = "\n".join(parcel._find_problems()) or False
            if parcel.error != error:
                parcel.error = error

    def _find_problems(self):
        """
        :return: sentences that say what is wrong and what to do
        :rtype: list[str]
        """
        self.ensure_one()
        picking, carrier = self.picking_id, self.carrier_id
        if picking.state == "cancel":
            return [self.env._("The delivery is cancelled.")]
        if not picking.picking_type_id.print_label:
            return [
                self.env._(
                    "Labels belong to the delivery order, not to this %s.",
                    picking.picking_type_id.name,
                )
            ]
        if not carrier:
            return [self.env._("Choose a delivery method on the delivery.")]
        if not carrier._has_label_engine():
            return [
                self.env._(
                    "Delivery method %s makes no labels here: type the tracking number"
                    " on the delivery.",
                    carrier.name,
                )
            ]
        if picking.amazon_cancel_requested:
            return [
                self.env._(
                    "The buyer asked to cancel. Cancel the delivery, or release the"
                    " order to ship it."
                )
            ]
        if picking.amazon_on_hold:
            return [picking._describe_hold()]
        obstacle = picking.amazon_order_ids._find_label_obstacle()
        if obstacle:
            return [obstacle]
        if self.package_id and picking._has_loose_products():
            return [
                self.env._(
                    "Some products are in no package: pack them too, or unpack the"
                    " delivery."
                )
            ]
        if self._find_living_twins():
            return [
                self.env._(
                    "It has a label already. Cancel that parcel to make a new one."
                )
            ]
        request = carrier._prepare_request(self)
        return describe_problems(self.env, carrier._check_request(request))

    def _find_living_twins(self):
        return self.picking_id.parcel_ids.filtered(
            lambda other: other != self
            and other.state in LIVING_STATES
            # One without a package is for all that is in the delivery.
            and (
                other.package_id == self.package_id
                or not (other.package_id and self.package_id)
            )
            and other.sequence == self.sequence
        )

    # === THE ENGINE === #

    def _claim(self):
        """Turn drafts into *requested* and commit: from here on they are ours to ask.

        :return: the parcels that were claimed
        """
        # Nothing but parcels is written here: a claim that waited for a delivery while
        # its validator waits for the claim would be a deadlock nobody sees.
        drafts = self.try_lock_for_update(allow_referencing=True).filtered(
            lambda parcel: parcel.state == "draft"
        )
        labelled_elsewhere = drafts.filtered(lambda p: p._find_living_twins())
        labelled_elsewhere._give_up_claim()
        claimed = drafts - labelled_elsewhere
        claimed._forget_outdated_concepts()
        try:
            with self.env.cr.savepoint():
                claimed.write({"state": "requested", "error": False})
        except IntegrityError:
            claimed = claimed.filtered(lambda parcel: parcel._claim_alone())
        self.env["ir.cron"]._commit_progress(len(claimed))
        return claimed

    def _claim_alone(self):
        try:
            with self.env.cr.savepoint():
                self.write({"state": "requested", "error": False})
        except IntegrityError:
            self._give_up_claim()
            return False
        return True

    def _forget_outdated_concepts(self):
        """What was announced before a person changed it is announced anew."""
        outdated = self.filtered(
            lambda parcel: parcel.remote_ref
            and parcel.announced_digest != parcel._get_request_digest()
        )
        outdated.remote_ref = False

    def _get_request_digest(self):
        request = self.carrier_id._prepare_request(self)
        return sha256(repr(astuple(request)).encode()).hexdigest()

    def _give_up_claim(self):
        self.error = self.env._("Somebody else is making a label for it.")

    def _ask(self, look_up=False):
        """Get the labels of claimed parcels of one account; commits.

        :param look_up: first search the carrier for what an earlier attempt has left
        :raises UserError: when the carrier cannot be asked further; what was claimed
            and certainly not bought is a draft again
        """
        try:
            labelling = self.carrier_id._get_labelling(self.company_id)
            self._run_step(
                lambda parcels: labelling.announce(
                    [p.carrier_id._prepare_request(p) for p in parcels], look_up
                ),
                lambda parcel: not parcel.remote_ref,
            )
            self._run_step(
                lambda parcels: labelling.collect(
                    {parcel.reference: parcel.remote_ref for parcel in parcels}
                ),
                lambda parcel: parcel.remote_ref,
            )
        except (CarrierError, UserError) as error:
            # What somebody who died had asked may be bought: only the carrier knows.
            if not look_up:
                self._release()
            raise UserError(describe_carrier_error(self.env, error)) from None

    def _run_step(self, ask, concerns):
        """Lock, ask, store, commit.

        Only parcels and their attachments are written, so that nothing that anybody
        else saves meanwhile can undo the record of what was paid for.

        :raises CarrierError: when the carrier was not asked for all; the rest is stored
        """
        parcels = (
            self.try_lock_for_update(allow_referencing=True)
            .filtered(lambda parcel: parcel.state in ("requested", "unclear"))
            .filtered(concerns)
        )
        outcome = ask(parcels) if parcels else Outcome()
        parcels._store(outcome)
        self.env["ir.cron"]._commit_progress()
        if outcome.error:
            raise outcome.error

    def _store(self, outcome: Outcome):
        for parcel in self:
            reference = parcel.reference
            if reference in outcome.labels:
                parcel._store_label(outcome.labels[reference])
            elif reference in outcome.created:
                parcel.write(
                    {
                        "remote_ref": outcome.created[reference],
                        "announced_digest": parcel._get_request_digest(),
                        "state": "requested",
                        "error": False,
                    }
                )
            elif reference in outcome.refused:
                problems = describe_problems(self.env, outcome.refused[reference])
                parcel.write({"state": "refused", "error": "\n".join(problems)})
            elif reference in outcome.unclear:
                parcel.write(
                    {
                        "state": "unclear",
                        "error": self.env._(
                            "The carrier did not answer clearly. It is not asked again"
                            " before it is known whether it made the label."
                        ),
                    }
                )

    def _store_label(self, label):
        name = f"{self.carrier_id._get_delivery_label_prefix()}-{label.tracking_number}"
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{name}.pdf",
                    "raw": label.pdf,
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                    "company_id": self.company_id.id,
                }
            )
        )
        self.write(
            {
                "state": "labelled",
                "remote_ref": label.remote_ref,
                "announced_digest": False,
                "tracking_number": label.tracking_number,
                "tracking_url": label.tracking_url,
                "price": (label.price_cents or 0) / 100,
                "label_attachment_id": attachment.id,
                "labelled_at": fields.Datetime.now(),
                "error": False,
            }
        )

    def _release(self):
        """Nothing was bought for these: they wait as drafts, with their concepts."""
        self.try_lock_for_update(allow_referencing=True).filtered(
            lambda parcel: parcel.state == "requested"
        ).write({"state": "draft"})
        self.env["ir.cron"]._commit_progress()

    def _settle(self):
        """Find out at the carrier what became of parcels whose asker died."""
        waiting = self.filtered(lambda p: p.state in ("requested", "unclear"))
        for parcels in waiting._grouped_by_account():
            # As few at once as when they were first asked for: there may be many.
            size = MyParcelLabelling.chunk_size
            for start in range(0, len(parcels), size):
                parcels[start : start + size]._ask(look_up=True)

    def _grouped_by_account(self):
        return self.grouped(lambda p: (p.carrier_id, p.company_id)).values()

    def _update_pickings(self):
        """Tell the deliveries their numbers; apart from what stores the labels."""
        for picking in self.filtered(lambda p: p.state == "labelled").picking_id:
            reference = picking._get_tracking_reference()
            if reference and picking.carrier_tracking_ref != reference:
                living = picking.parcel_ids.filtered(lambda p: p.state == "labelled")
                picking._take_shipment(reference, sum(living.mapped("price")))

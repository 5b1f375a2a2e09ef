from secrets import token_hex

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.errors import CarrierError, Refused, Unclear
from ..carriers.labels import MIMETYPES
from ..carriers.myparcel import status_group
from .carrier_messages import describe_carrier_error


class DeliveryParcelReturn(models.Model):
    """The label with which a parcel can be sent back.

    It is no parcel: nothing is shipped by it, and Amazon never hears its number.
    MyParcel is asked for it once the parcel has left, bills it when it is used, and
    looks it up by its reference after an unclear answer. GLS makes it with the parcel,
    in which it lies, and under a number that has to be deleted on its own.
    """

    _name = "delivery.parcel.return"
    _inherit = ["delivery.label.mixin"]
    _description = "Return Label"
    _order = "id desc"
    _rec_name = "reference"
    _check_company_auto = True

    parcel_id = fields.Many2one(
        "delivery.parcel",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        readonly=True,
    )
    company_id = fields.Many2one(related="parcel_id.company_id", store=True, index=True)
    picking_id = fields.Many2one(related="parcel_id.picking_id")
    can_be_cancelled = fields.Boolean(compute="_compute_can_be_cancelled")
    reference = fields.Char(required=True, copy=False, readonly=True)
    asked_at = fields.Datetime(copy=False, readonly=True)
    remote_ref = fields.Char(string="Carrier's Reference", copy=False, readonly=True)
    state = fields.Selection(
        selection=[
            ("requested", "Requested"),
            ("labelled", "Labelled"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        required=True,
        default="requested",
        copy=False,
        readonly=True,
    )

    _parcel_uniq = models.UniqueIndex(
        "(parcel_id)", "This parcel has a return label already."
    )
    _reference_uniq = models.UniqueIndex(
        "(reference)", "This reference belongs to another return label."
    )

    @api.model_create_multi
    def create(self, vals_list):
        parcels = self.env["delivery.parcel"].browse(v["parcel_id"] for v in vals_list)
        for vals, parcel in zip(vals_list, parcels, strict=True):
            vals["reference"] = f"R-{parcel.reference}-{token_hex(2)}"
        return super().create(vals_list)

    # === COMPUTE METHODS === #

    @api.depends("state", "parcel_id.state")
    def _compute_can_be_cancelled(self):
        for parcel_return in self:
            carrier = parcel_return.parcel_id.carrier_id
            parcel_return.can_be_cancelled = (
                parcel_return.state == "labelled"
                and parcel_return.parcel_id.state == "cancelled"
                and hasattr(carrier, f"_{carrier.delivery_type}_cancel_return")
            )

    # === ACTION METHODS === #

    def action_cancel(self):
        """Give up, at its carrier too, what cancelled parcels have with them; commits.

        :raises UserError: when the carrier does not; pressed again it asks again
        """
        for parcel_return in self.filtered("can_be_cancelled"):
            carrier = parcel_return.parcel_id.carrier_id
            getattr(carrier, f"_{carrier.delivery_type}_cancel_return")(parcel_return)
            parcel_return._record({"state": "cancelled"})
            self.env["ir.cron"]._commit_progress()

    def action_make(self):
        """Ask MyParcel for the labels that are missing; commits each.

        :raises UserError: when there is no label; nothing is made twice by pressing
            again
        """
        for parcel_return in self.filtered(lambda r: r.state == "requested"):
            try:
                parcel_return._make()
            except CarrierError as error:
                raise UserError(
                    self.env._(
                        "No return label for %(reference)s: %(reason)s",
                        reference=parcel_return.parcel_id.reference,
                        reason=parcel_return._describe(error),
                    )
                ) from None

    def _describe(self, error):
        if isinstance(error, Unclear):
            return self.env._(
                "the carrier did not answer clearly. Press again: what it made is found"
                " and not made twice."
            )
        return describe_carrier_error(self.env, error)

    # === ASKING === #

    def _make(self):
        self.ensure_one()
        self.env["amazon.shop"]._check_outside_allowed()
        client = self.parcel_id.carrier_id._myparcel_nl_get_client(self.company_id)
        if not self.remote_ref:
            was_asked = bool(self.asked_at)
            self._lock()
            self._record({"asked_at": fields.Datetime.now()})
            self.env["ir.cron"]._commit_progress()
            self._lock()
            remote_ref = (was_asked and self._find(client)) or self._ask(client)
            self._record({"remote_ref": remote_ref})
            self.env["ir.cron"]._commit_progress()
        self._lock()
        pdf = client.fetch_labels([self.remote_ref])
        shipments = client.read_shipments([self.remote_ref])
        if not shipments or not shipments[0].barcode:
            raise Unclear("incomplete")
        self._store(shipments[0], pdf)
        self.env["ir.cron"]._commit_progress()

    def _lock(self):
        """
        :raises UserError: when somebody else is asking for it
        """
        if not self.try_lock_for_update():
            raise UserError(
                self.env._(
                    "Somebody else is making this return label. Try again in a moment."
                )
            )

    def _find(self, client):
        living = [
            shipment.remote_ref
            for shipment in client.find_shipments(self.reference)
            if status_group(shipment.status) != "void"
        ]
        return living[0] if living else False

    def _ask(self, client):
        company, parcel = self.company_id, self.parcel_id
        if not company.email:
            raise UserError(
                self.env._(
                    "Enter the e-mail address of %s: MyParcel wants one on a return"
                    " label.",
                    company.name,
                )
            )
        try:
            # The company's own: MyParcel is told not to mail it, and never the buyer's.
            return client.create_return(
                reference=self.reference,
                parent=parcel.remote_ref,
                carrier_id=int(parcel.carrier_id.myparcel_carrier),
                name=company.name,
                email=company.email,
            )
        except Refused:
            self._record({"asked_at": False})
            self.env["ir.cron"]._commit_progress()
            raise

    def _store(self, shipment, pdf):
        self._record(
            {
                "state": "labelled",
                "tracking_number": shipment.barcode,
                "tracking_url": shipment.tracking_url,
                "price": (shipment.price_cents or 0) / 100,
                "label_attachment_id": self._attach(shipment.barcode, pdf, "pdf").id,
            }
        )

    def _attach(self, number, document, label_format):
        # Labels are no documents that people may write.
        return (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{self.env._('Return')}-{number}.{label_format}",
                    "raw": document,
                    "mimetype": MIMETYPES[label_format],
                    "res_model": self._name,
                    "res_id": self.id,
                    "company_id": self.company_id.id,
                }
            )
        )


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    return_ids = fields.One2many(
        "delivery.parcel.return", "parcel_id", string="Return Labels"
    )

    def _store_returns(self, return_labels):
        """What lies in these parcels for their way back; its number is shown and can
        be deleted at the carrier.

        :param return_labels: ``carriers.labelling.ReturnLabel`` or None per parcel
        """
        made = {
            parcel: label
            for parcel, label in zip(self, return_labels, strict=True)
            if label
        }
        returns = self.env["delivery.parcel.return"]._begin(
            [
                {
                    "parcel_id": parcel.id,
                    "state": "labelled",
                    "tracking_number": label.tracking_number,
                    "tracking_url": label.tracking_url,
                }
                for parcel, label in made.items()
            ]
        )
        for parcel_return, label in zip(returns, made.values(), strict=True):
            if label.document:
                attachment = parcel_return._attach(
                    label.tracking_number, label.document, label.label_format
                )
                parcel_return._record({"label_attachment_id": attachment.id})

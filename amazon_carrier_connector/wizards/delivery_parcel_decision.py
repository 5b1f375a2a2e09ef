import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..carriers.errors import LabelMismatch
from ..carriers.labels import ZPL_START, check_pdf


class DeliveryParcelDecision(models.TransientModel):
    """What a person found in the carrier's portal, where the carrier itself cannot say.

    It is the only way to a second label for a parcel that may have one.
    """

    _name = "delivery.parcel.decision"
    _description = "Decide on an Unclear Parcel"

    parcel_id = fields.Many2one("delivery.parcel", required=True, ondelete="cascade")
    reference = fields.Char(related="parcel_id.reference")
    carrier_id = fields.Many2one(related="parcel_id.carrier_id")
    is_found = fields.Boolean(compute="_compute_is_found")
    answer = fields.Selection(
        selection=[
            ("made", "The carrier has it"),
            ("unmade", "The carrier does not have it: ask again"),
        ],
        default="made",
        required=True,
    )
    tracking_number = fields.Char(string="Parcel Number")
    label = fields.Binary(string="Label (PDF)")
    label_filename = fields.Char()
    without_label = fields.Boolean(
        string="Go on without a label",
        help="Somebody prints it in the carrier's portal, or writes one by hand.",
    )

    def _compute_is_found(self):
        for decision in self:
            decision.is_found = bool(decision.parcel_id.tracking_number)

    def action_decide(self):
        self.ensure_one()
        if self.answer == "unmade":
            if self.is_found:
                raise UserError(
                    self.env._(
                        "The carrier has this parcel. To make another label cancel it"
                        " first."
                    )
                )
            new = self.parcel_id._decide_unmade()
            return new.picking_id._get_records_action()
        self.parcel_id._decide_made(self._get_number(), self._get_label())
        return {"type": "ir.actions.act_window_close"}

    def _get_number(self):
        number = (self.tracking_number or "").strip()
        if not number:
            raise UserError(self.env._("Enter the number of the parcel."))
        if self.parcel_id._is_held_by_others(number):
            raise UserError(
                self.env._("Number %s belongs to another parcel already.", number)
            )
        return number

    def _get_label(self):
        """
        :return: the document and its format, or None to go on without one
        :rtype: tuple[bytes, str] | None
        """
        if not self.label:
            if self.without_label:
                return None
            raise UserError(
                self.env._(
                    "The carrier gives no label twice. Upload it as a PDF, or tick that"
                    " you go on without one."
                )
            )
        document = base64.b64decode(self.label)
        # For a label printer it comes in the printer's own language.
        if document.lstrip().startswith(ZPL_START):
            return document, "zpl"
        try:
            check_pdf(document)
        except LabelMismatch:
            raise UserError(self.env._("The label must be a PDF.")) from None
        return document, "pdf"

import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.res_users import LABEL_OPENINGS


class DeliveryLabelPrint(models.TransientModel):
    """Prints labels that exist; it never asks a carrier."""

    _name = "delivery.label.print"
    _description = "Print Labels"
    _inherit = ["delivery.label.layout"]

    # A many2many would not keep the order of the selection.
    parcel_refs = fields.Json(default=list)
    label_count = fields.Integer(string="Labels", readonly=True)
    note = fields.Text(readonly=True)
    opening = fields.Selection(
        LABEL_OPENINGS,
        string="PDF",
        required=True,
        default=lambda self: self.env.user.label_opening,
    )
    file = fields.Binary(readonly=True)

    def _open(self, parcels, without=()):
        """Open the dialog over parcels, in their order.

        :param without: names of what was selected and has no label
        """
        printable = parcels._get_labelled()
        dialog = self.create(
            {
                "parcel_refs": printable.ids,
                "label_count": len(printable),
                "note": self._describe_missing(parcels._get_labelled("zpl"), without),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print Labels"),
            "res_model": self._name,
            "res_id": dialog.id,
            "view_mode": "form",
            "target": "new",
        }

    def _describe_missing(self, zpl, without):
        told = []
        if without:
            told.append(self.env._("Without a label: %s.", ", ".join(without)))
        if zpl:
            told.append(
                self.env._(
                    "Made for a label printer (ZPL), not in the PDF: %s.",
                    ", ".join(zpl.mapped("reference")),
                )
            )
        return "\n".join(told) or False

    def action_print(self):
        """Lay the labels out, remember how, and open or save the document."""
        self.ensure_one()
        self.env.user.write(
            {
                "label_layout": self.layout,
                "label_start_position": self.start_position,
                "labels_per_sheet": self.labels_per_sheet,
                "label_opening": self.opening,
            }
        )
        parcels = self.env["delivery.parcel"].browse(self.parcel_refs).exists()
        # One may have been cancelled while the dialog was open.
        printable = parcels._get_labelled()
        document, left_out = printable._lay_out_labels(*self._get_layout())
        note = left_out._describe_left_out()
        if not document.pdf:
            raise UserError(note or self.env._("There is no label to print."))
        self.file = base64.b64encode(document.pdf)
        (printable - left_out)._mark_printed()
        url = f"/web/content/{self._name}/{self.id}/file/labels.pdf"
        download = {
            **self.env.user._get_document_action(url),
            # A download alone would leave the dialog open.
            "target": "new",
            "close": True,
        }
        return self._tell(note, download) if note else download

    def _tell(self, message, action):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": message,
                "next": action,
            },
        }

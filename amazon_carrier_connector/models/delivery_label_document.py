"""The labels of a run as one document."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

from ..carriers.labels import MIMETYPES


class DeliveryLabelRun(models.Model):
    _inherit = "delivery.label.run"

    attachment_id = fields.Many2one(
        "ir.attachment", string="All Labels", readonly=True, ondelete="set null"
    )

    def action_download(self):
        self.ensure_one()
        if not self.attachment_id:
            raise UserError(self.env._("There are no labels to download yet."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "download",
        }

    def _merge_labels(self):
        """Store one PDF of all labels in the order of the list."""
        parcels = self._get_labelled("pdf")
        if not parcels:
            return
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{self.name}.pdf",
                    "raw": merge_pdf(parcels.label_attachment_id.mapped("raw")),
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                    "company_id": self.company_id.id,
                }
            )
        )
        old, self.attachment_id = self.attachment_id, attachment
        old.sudo().unlink()

    def _get_labelled(self, label_format):
        """The parcels whose labels have a format, in the order of the list."""
        # The merge reads as root what users may write: labels only.
        return self.parcel_ids.filtered(
            lambda parcel: parcel.state == "labelled"
            and parcel.label_attachment_id.sudo().res_model == parcel._name
            and parcel.label_attachment_id.sudo().res_id == parcel.id
            and parcel.label_attachment_id.sudo().mimetype == MIMETYPES[label_format]
        ).sorted(lambda parcel: (parcel.position, parcel.id))

"""The labels of a run that a label printer reads in its own language."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.labels import MIMETYPES


class DeliveryLabelRun(models.Model):
    _inherit = "delivery.label.run"

    zpl_count = fields.Integer(compute="_compute_zpl_count")

    @api.depends("parcel_ids.label_attachment_id")
    def _compute_zpl_count(self):
        for run in self:
            run.zpl_count = len(run._get_labelled("zpl"))

    def action_download_zpl(self):
        """Download them as one file for the printer, in the order of the list."""
        self.ensure_one()
        parcels = self._get_labelled("zpl")
        labels = parcels.label_attachment_id
        if not labels:
            raise UserError(self.env._("There are no labels to download yet."))
        # Documents are not for people to delete; this one is the run's own.
        self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("mimetype", "=", MIMETYPES["zpl"]),
            ]
        ).unlink()
        joined = b"\n".join(labels.sudo().mapped("raw"))
        attachment = self._attach_document(joined, "zpl")
        parcels._mark_printed()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "download",
        }

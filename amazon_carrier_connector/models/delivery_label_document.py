"""What is printed of a run: its labels as one document, packing slips and pick list."""

from hashlib import sha256

from odoo import fields, models
from odoo.exceptions import UserError

from ..carriers.labels import MIMETYPES


class DeliveryLabelRun(models.Model):
    _name = "delivery.label.run"
    _inherit = ["delivery.label.run", "delivery.label.layout"]

    attachment_id = fields.Many2one(
        "ir.attachment",
        string="All Labels",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    document_digest = fields.Char(
        readonly=True, help="Fingerprint of the labels in the document, and its layout."
    )
    document_note = fields.Text(readonly=True)

    # === ACTION METHODS === #

    def action_download(self):
        """Print, or print again, what is labelled now, in the layout of now."""
        self.ensure_one()
        self._merge_labels()
        if not self.attachment_id:
            raise UserError(self.env._("There are no labels to download yet."))
        left_out = self.document_note or ""
        self._get_labelled("pdf").filtered(
            lambda parcel: parcel.reference not in left_out
        )._mark_printed()
        return self.env.user._get_document_action(
            f"/web/content/{self.attachment_id.id}"
        )

    def action_print_packing_slips(self):
        return self._print_report("action_report_packing_slip")

    def action_print_pick_list(self):
        return self._print_report("action_report_pick_list")

    def _print_report(self, name):
        """Print a report of the deliveries in the order of their labels."""
        self.ensure_one()
        parcels = self._get_in_order()
        labelled = parcels.filtered(lambda parcel: parcel.state == "labelled")
        report = self.env.ref(f"amazon_carrier_connector.{name}")
        return report.report_action((labelled or parcels).picking_id)

    # === THE DOCUMENT === #

    def _merge_labels(self):
        """Store one PDF of all labels in the order of the list, unless it is there."""
        parcels = self._get_labelled("pdf")
        digest = self._get_document_digest(parcels)
        if digest == self.document_digest:
            return
        document, left_out = parcels._lay_out_labels(*self._get_layout())
        old = self.attachment_id
        self._record(
            {
                "attachment_id": self._attach_document(document.pdf).id,
                "document_digest": digest,
                "document_note": left_out._describe_left_out(),
            }
        )
        # Documents are not for people to delete; this one is the run's own.
        old.sudo().unlink()

    def _attach_document(self, document, label_format="pdf"):
        """
        :return: no attachment for an empty document
        """
        # Labels are no documents that people may write.
        attachments = self.env["ir.attachment"].sudo()
        values = {
            "name": f"{self.name}.{label_format}",
            "raw": document,
            "mimetype": MIMETYPES[label_format],
            "res_model": self._name,
            "res_id": self.id,
            "company_id": self.company_id.id,
        }
        return attachments.create([values] if document else [])

    def _get_document_digest(self, parcels):
        shown = (*self._get_layout(), parcels.label_attachment_id.ids)
        return sha256(repr(shown).encode()).hexdigest()

    def _get_labelled(self, label_format):
        """The parcels whose labels have a format, in the order of the list."""
        return self._get_in_order()._get_labelled(label_format)

    def _get_in_order(self):
        return self.parcel_ids.sorted(lambda parcel: (parcel.position, parcel.id))

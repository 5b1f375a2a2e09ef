"""Labels of a selection as one PDF: laid out here, so that reprinting is free."""

from odoo import api, fields, models
from odoo.fields import Domain

from ..carriers.label_sheets import lay_out
from ..carriers.labels import MIMETYPES


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    printed_at = fields.Datetime(
        string="Printed on",
        readonly=True,
        copy=False,
        help="When somebody last downloaded or opened the label.",
    )

    _unprinted_idx = models.Index(
        "(company_id) WHERE state = 'labelled' AND printed_at IS NULL"
    )

    def action_print_labels(self):
        """Print the labels that there are again, in the order of the selection."""
        labelled = self._get_printable()
        self.env["amazon.audit.event"]._log("printed", labelled)
        without = (self - labelled).mapped("reference")
        return self.env["delivery.label.print"]._open(self, without)

    def action_print_new_labels(self):
        """Print all that was never printed, in the order of its runs.

        Whatever is selected: those are printed by ``action_print_labels``.
        """
        unprinted = self.search(
            self._get_unprinted_domain()
            & Domain("company_id", "in", self.env.companies.ids)
        )
        if unprinted:
            self.env["amazon.audit.event"]._log("printed", unprinted)
            in_order = unprinted.sorted(lambda p: (p.run_id.id, p.position, p.id))
            return self.env["delivery.label.print"]._open(in_order)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("All labels have been printed."),
            },
        }

    @api.model
    def _get_unprinted_domain(self):
        return (
            Domain("state", "=", "labelled")
            & Domain("printed_at", "=", False)
            & Domain("without_label", "=", False)
        )

    def _get_printable(self):
        """Those that have a label, of whatever format."""
        return self._get_labelled() | self._get_labelled("zpl")

    def _mark_printed(self):
        """Remember that their labels left for a printer."""
        self._record({"printed_at": fields.Datetime.now()})

    def _get_labelled(self, label_format="pdf"):
        """Those whose stored labels have a format, in the same order."""

        def is_labelled(parcel):
            # The attachment is read as root: it must be this parcel's own.
            label = parcel.label_attachment_id.sudo()
            return (
                parcel.state == "labelled"
                and label.res_model == parcel._name
                and label.res_id == parcel.id
                and label.mimetype == MIMETYPES[label_format]
            )

        return self.filtered(is_labelled)

    def _lay_out_labels(self, *layout):
        """Lay out the labels of these labelled parcels, in their order.

        :param layout: as ``delivery.label.layout._get_layout`` gives it
        :return: the document, and the parcels whose labels could not be read
        :rtype: tuple[LabelDocument, delivery.parcel]
        """
        document = lay_out(self._read_labels(), *layout)
        return document, self.browse([self[n].id for n in document.left_out])

    def _read_labels(self):
        for parcel in self:
            # Alone, and forgotten again: together they may be too much for the memory.
            label = parcel.label_attachment_id.sudo().with_prefetch()
            yield label.raw
            label.invalidate_recordset(["raw"], flush=False)

    def _describe_left_out(self):
        """Which labels a document lacks, or False."""
        if not self:
            return False
        return self.env._(
            "Not in the document, because they cannot be laid out: the labels of"
            " parcels %s. Open these one by one.",
            ", ".join(self.mapped("reference")),
        )

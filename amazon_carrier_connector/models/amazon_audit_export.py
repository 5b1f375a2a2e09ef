"""What leaves Odoo with buyers in it: exported lists and printed reports."""

from odoo import models
from odoo.fields import Domain

# Each of these tells of a buyer, or of several.
_TELLING = {
    "amazon.order",
    "amazon.order.import",
    "delivery.label.run",
    "delivery.parcel",
    "delivery.parcel.return",
}


class _Document:
    """What the pages of a document show; no client can put one into a context."""

    def __init__(self):
        self.shown = []


class Base(models.AbstractModel):
    _inherit = "base"

    def _get_audited(self):
        """Whose buyers are told of where these are shown.

        :return: records with a company; none where there is no buyer of Amazon's
        """
        if self._name in _TELLING:
            return self
        field = self._fields.get("picking_ids")
        if field and field.comodel_name == "stock.picking":
            # Batches, say: of modules that the addon does not need.
            # Whoever prints these need not read deliveries.
            return self.sudo().picking_ids._get_audited()
        return self.browse()

    def export_data(self, fields_to_export):
        exported = super().export_data(fields_to_export)
        for audited in self._find_audited(fields_to_export):
            self.env["amazon.audit.event"]._log("exported", audited)
        return exported

    def _find_audited(self, paths):
        """What a list of these tells of: themselves, or what its columns lead to.

        :param paths: names of fields, those of other models after ``/``
        :return: recordsets of one model each
        """
        if own := self._get_audited():
            return [own]
        found = {}
        for path in paths:
            for records in self._follow(path):
                audited = records._get_audited()
                found[audited._name] = found.get(audited._name, audited) | audited
        return [*found.values()]

    def _follow(self, path):
        # What may be read was asked before.
        records = self.sudo()
        for name in path.split("/"):
            field = records._fields.get(name)
            if not (field and field.relational):
                return
            records = records[name]
            yield records


class AmazonOrderImportProblem(models.Model):
    _inherit = "amazon.order.import.problem"

    def _get_audited(self):
        return self.import_id


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_audited(self):
        # Whoever prints or exports a contact need not read orders.
        named = Domain("partner_id", "in", self.ids)
        deliveries = self.env["stock.picking"].sudo()
        deliveries = deliveries.search(named & Domain("amazon_shop_id", "!=", False))
        orders = self.env["amazon.order"].sudo().search(named)
        return orders | deliveries.amazon_order_ids

    def _get_vcard_file(self):
        file = super()._get_vcard_file()
        self.env["amazon.audit.event"]._log("exported", self._get_audited())
        return file


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _get_audited(self):
        # Reports are also asked for with ids that they do not use.
        return self.exists().filtered("amazon_shop_id")


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_audited(self):
        return self.picking_id._get_audited()


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        document = _Document()
        report = self.with_context(amazon_document=document)
        pages = super(IrActionsReport, report)._pre_render_qweb_pdf(
            report_ref, res_ids, data
        )
        # Pages that were kept are not made again.
        kept = self.env[self._get_report(report_ref).model].browse(res_ids)
        self._log_printed([*document.shown, kept])
        return pages

    def _get_rendering_context(self, report, docids, data):
        values = super()._get_rendering_context(report, docids, data)
        shown = [values.get("docs")]
        # Core's report of what a receipt is for names the deliveries so.
        for sources in values.get("sources_to_lines") or ():
            shown += sources
        document = self.env.context.get("amazon_document")
        if isinstance(document, _Document):
            document.shown += shown
        else:
            self._log_printed(shown)
        return values

    def _log_printed(self, shown):
        """Any report of deliveries may show the address, core's too."""
        found = {}
        for records in shown:
            if isinstance(records, models.BaseModel):
                # Whoever prints need not read deliveries.
                audited = records.sudo()._get_audited()
                found[audited._name] = found.get(audited._name, audited) | audited
        for audited in found.values():
            self.env["amazon.audit.event"]._log("printed", audited)

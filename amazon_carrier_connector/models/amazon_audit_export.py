"""What leaves Odoo with buyers in it: exported lists and printed reports."""

from odoo import models

# Each of these tells of a buyer, or of several.
_TELLING = {
    "amazon.order",
    "amazon.order.import",
    "delivery.label.run",
    "delivery.parcel",
    "delivery.parcel.return",
}
# No client can put this into a context.
_LATER = object()


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
        return self.env["amazon.order"].sudo().search([("partner_id", "in", self.ids)])


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _get_audited(self):
        # Reports are also asked for with ids that they do not use.
        return self.exists().filtered("amazon_shop_id")


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        # Pages are made of HTML, several at once or one by one, or were kept.
        report = self.with_context(amazon_audited=_LATER)
        pages = super(IrActionsReport, report)._pre_render_qweb_pdf(
            report_ref, res_ids, data
        )
        self._log_printed(report_ref, res_ids)
        return pages

    def _render_qweb_html(self, report_ref, docids, data=None):
        page = super()._render_qweb_html(report_ref, docids, data)
        self._log_printed(report_ref, docids)
        return page

    def _render_qweb_text(self, report_ref, docids, data=None):
        text = super()._render_qweb_text(report_ref, docids, data)
        self._log_printed(report_ref, docids)
        return text

    def _log_printed(self, report_ref, res_ids):
        """Any report of deliveries may show the address, core's too."""
        model = self.env.get(self._get_report(report_ref).model)
        if model is None or self.env.context.get("amazon_audited") is _LATER:
            return
        audited = model.sudo().browse(res_ids)._get_audited()
        self.env["amazon.audit.event"]._log("printed", audited)

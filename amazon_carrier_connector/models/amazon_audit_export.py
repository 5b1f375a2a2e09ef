"""Lists that leave Odoo with buyers in them: exported files and printed reports."""

from odoo import models


class AmazonAuditExport(models.AbstractModel):
    _name = "amazon.audit.export"
    _description = "Export in the Audit Trail"

    def export_data(self, fields_to_export):
        self.env["amazon.audit.event"]._log("exported", self._get_audited())
        return super().export_data(fields_to_export)

    def _get_audited(self):
        """Those among these that have a buyer of Amazon's."""
        return self


class AmazonOrder(models.Model):
    _name = "amazon.order"
    _inherit = ["amazon.order", "amazon.audit.export"]


class DeliveryParcel(models.Model):
    _name = "delivery.parcel"
    _inherit = ["delivery.parcel", "amazon.audit.export"]


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "amazon.audit.export"]

    def _get_audited(self):
        return self.filtered("amazon_shop_id")


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        """Any report of deliveries may show the address, core's too."""
        if self._get_report(report_ref).model == "stock.picking" and res_ids:
            pickings = self.env["stock.picking"].browse(res_ids)
            self.env["amazon.audit.event"]._log("printed", pickings._get_audited())
        return super()._pre_render_qweb_pdf(report_ref, res_ids, data)

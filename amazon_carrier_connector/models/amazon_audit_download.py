"""What leaves through a link is written down, whoever made the link."""

from odoo import models

IMPORT = "amazon.order.import"
# What the files of a record tell of its buyer, and the trail's word for opening one.
FILES = {
    IMPORT: "exported",
    "amazon.order": "exported",
    "delivery.label.run": "printed",
    "delivery.parcel": "printed",
    "delivery.parcel.return": "printed",
    "stock.picking": "printed",
}


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _get_stream_from(self, record, field_name="raw", *args, **options):
        stream = super()._get_stream_from(record, field_name, *args, **options)
        self._log_download(record)
        return stream

    def _log_download(self, record):
        owner = record
        if record._name == "ir.attachment" and record.res_model in FILES:
            owner = self.env[record.res_model].browse(record.res_id)
        elif record._name != IMPORT:
            # Screens show pictures of other records.
            return
        # By the rights on the file, which core has checked.
        audited = owner.sudo().exists()._get_audited()
        self.env["amazon.audit.event"]._log(FILES[owner._name], audited)

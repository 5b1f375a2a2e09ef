"""What leaves through a link is written down, whoever made the link."""

from odoo import models

# The files with buyers in them that people save; labels are printed by buttons.
IMPORT = "amazon.order.import"


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _get_stream_from(self, record, field_name="raw", *args, **options):
        stream = super()._get_stream_from(record, field_name, *args, **options)
        self._log_download(record)
        return stream

    def _log_download(self, record):
        imports = self.env[IMPORT]
        if record._name == IMPORT:
            imports = record
        elif record._name == "ir.attachment" and record.res_model == IMPORT:
            imports = imports.browse(record.res_id)
        if not imports:
            return
        # Such links are followed in a transaction that may only read.
        with self.env.registry.cursor() as cr:
            imports = imports.with_env(self.env(cr=cr)).exists()
            imports.env["amazon.audit.event"]._log("exported", imports)

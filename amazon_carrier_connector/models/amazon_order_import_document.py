"""The documents that were read from Amazon are not kept."""

from datetime import timedelta

from odoo import api, fields, models

# What could not be imported by then comes again with the next report.
LONGEST_LIFE = timedelta(days=1)


class AmazonOrderImport(models.Model):
    _inherit = "amazon.order.import"

    def _erase_documents(self):
        """What people have uploaded is theirs; the rest is erased once it is read."""
        read = self.filtered(lambda order_import: order_import.source == "api")
        # Whoever imports may not delete what the scheduled action has stored.
        read.sudo().attachment_ids.unlink()

    @api.autovacuum
    def _gc_documents(self):
        long_ago = fields.Datetime.now() - LONGEST_LIFE
        self.search(
            [
                ("source", "=", "api"),
                ("attachment_ids", "!=", False),
                ("create_date", "<", long_ago),
            ]
        )._erase_documents()

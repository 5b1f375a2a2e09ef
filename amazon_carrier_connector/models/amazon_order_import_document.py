"""The documents that were read from Amazon are not kept."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# What could not be imported by then comes again with the next report.
LONGEST_LIFE = timedelta(days=1)


class AmazonOrderImport(models.Model):
    _inherit = "amazon.order.import"

    def _erase_documents(self):
        """What people have uploaded is theirs; the rest is erased once it is read."""
        read = self.filtered(lambda order_import: order_import.source == "api")
        # Whoever imports may not delete what the scheduled action has stored.
        read.sudo().attachment_ids.unlink()

    @api.model
    def _erase_uploads(self, company, before):
        """What people uploaded before a moment, or what holds an erased buyer."""
        rests = [
            ("company_id", "=", company.id),
            ("state", "in", ("checked", "done", "failed")),
            ("attachment_ids", "!=", False),
        ]
        over = Domain("create_date", "<", before)
        over |= Domain("line_ids.order_id.erased_at", "!=", False)
        # As above.
        self.search(Domain(rests) & over).sudo().attachment_ids.unlink()
        self.env["ir.cron"]._commit_progress()

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

"""The documents that were read from Amazon are not kept."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# What could not be imported by then comes again with the next report.
LONGEST_LIFE = timedelta(days=1)
ERASED_TOGETHER = 100


class AmazonOrderImport(models.Model):
    _inherit = "amazon.order.import"

    erased_at = fields.Datetime(
        string="Erased On",
        readonly=True,
        copy=False,
        help="The reports and what people wrote here are gone: buyers were in them.",
    )

    _to_erase_idx = models.Index("(company_id, create_date) WHERE erased_at IS NULL")

    def _erase_documents(self):
        """What people have uploaded is theirs; the rest is erased once it is read."""
        read = self.filtered(lambda order_import: order_import.source == "api")
        # Whoever imports may not delete what the scheduled action has stored.
        read.sudo().attachment_ids.unlink()

    @api.model
    def _erase_expired(self, company, before):
        """What was imported before a moment, or holds an erased buyer.

        One that still waits after so long is stuck; its file is no younger for that.
        """
        orders = self.env["amazon.order"].sudo()
        unerased = Domain([("company_id", "=", company.id), ("erased_at", "=", False)])
        over = Domain("create_date", "<", before) | Domain(
            [
                ("state", "in", ("checked", "done", "failed")),
                ("line_ids.order_id.erased_at", "!=", False),
            ]
        )
        expired = self.sudo().search(unerased & over)
        for start in range(0, len(expired), ERASED_TOGETHER):
            imports = expired[start : start + ERASED_TOGETHER]
            found = {self._name: imports}
            orders._clear(found | orders._find_attached(found))
            # Those that belong to nothing yet are only named here.
            imports.attachment_ids.unlink()
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

"""The documents that were read from Amazon are not kept."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# What could not be imported by then comes again with the next report.
LONGEST_LIFE = timedelta(days=1)
ERASED_TOGETHER = 100
READ = ("checked", "done", "failed")


class AmazonOrderImport(models.Model):
    _name = "amazon.order.import"
    _inherit = ["amazon.order.import", "amazon.erased.record"]

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

        :return: False when the time of the scheduled action is over
        """
        over = [("create_date", "<", before)]
        told = [
            ("state", "in", READ),
            ("attachment_ids", "!=", False),
            ("line_ids.order_id.erased_at", "!=", False),
        ]
        imports = self.search(
            Domain([("company_id", "=", company.id), ("erased_at", "=", False)])
            & (Domain(over) | Domain(told))
        )
        for start in range(0, len(imports), ERASED_TOGETHER):
            imports[start : start + ERASED_TOGETHER]._erase_isolated()
            if not self.env["ir.cron"]._commit_progress():
                return False
        return True

    def _erase(self):
        """Erase the reports of these imports, and what people wrote and attached."""
        # Nobody may write or delete all of that.
        imports = self.sudo()
        orders = self.env["amazon.order"].sudo()
        orders = orders.with_context(tracking_disable=True)
        orders._clear(orders._find_attached({self._name: imports}))
        # Those that belong to nothing yet are only named here.
        imports.attachment_ids.unlink()
        # People may write on the others until their time is over too.
        imports.filtered(
            lambda i: i.create_date < i.company_id._get_retention_limit()
        ).erased_at = fields.Datetime.now()

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

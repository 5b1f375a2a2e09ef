from odoo import api, fields, models

from ..models.amazon_order_erasure import CRON

# A dialog counts so many orders at most.
COUNTED = 5000


class AmazonErasureWizard(models.TransientModel):
    """What the next erasure would erase, counted and not touched."""

    _name = "amazon.erasure.wizard"
    _description = "Erasure of Buyers' Data"

    retention_days = fields.Integer(compute="_compute_counts")
    order_count = fields.Integer(string="Orders Due", compute="_compute_counts")
    is_limited = fields.Boolean(compute="_compute_counts")
    summary = fields.Text(string="Would Be Erased", compute="_compute_counts")
    kept_contact_count = fields.Integer(
        string="Contacts Used Elsewhere", compute="_compute_counts"
    )
    disputed_count = fields.Integer(string="Disputed", compute="_compute_counts")

    @api.depends_context("company")
    def _compute_counts(self):
        company = self.env.company
        # It is only counted; a manager may not read all of it.
        orders = self.env["amazon.order"].sudo()
        counts, kept = orders._count_expired(company, COUNTED)
        for wizard in self:
            wizard.retention_days = company.amazon_retention_days
            wizard.order_count = counts["amazon.order"]
            wizard.is_limited = wizard.order_count >= COUNTED
            wizard.summary = orders._describe_counts(counts)
            wizard.kept_contact_count = kept
            wizard.disputed_count = orders.search_count(
                [
                    ("company_id", "=", company.id),
                    ("is_disputed", "=", True),
                    ("erased_at", "=", False),
                ]
            )

    def action_erase(self):
        """Have the scheduled action do it now."""
        self.check_access("write")
        # Managers may not start scheduled actions; this one comes by itself anyway.
        self.env.ref(CRON).sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Buyers' data is being erased. What was erased is listed in the"
                    " audit trail."
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_view_kept(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_order_kept_action"
        )

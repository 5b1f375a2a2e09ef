from datetime import timedelta

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    amazon_retention_days = fields.Integer(
        string="Buyers' Data Kept", required=True, default=30
    )

    _amazon_retention_allowed = models.Constraint(
        "CHECK (amazon_retention_days BETWEEN 1 AND 30)",
        "Buyers' data is kept for 1 to 30 days after delivery: Amazon allows no more.",
    )

    def _get_retention_limit(self):
        """What was over before this moment is erased."""
        self.ensure_one()
        return fields.Datetime.now() - timedelta(days=self.amazon_retention_days)

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    amazon_retention_days = fields.Integer(
        related="company_id.amazon_retention_days", readonly=False
    )

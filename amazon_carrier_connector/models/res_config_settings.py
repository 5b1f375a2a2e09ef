from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    amazon_client_id = fields.Char(
        related="company_id.amazon_client_id", readonly=False
    )
    amazon_client_secret_entry = fields.Char(
        related="company_id.amazon_client_secret_entry", readonly=False
    )
    has_amazon_client_secret = fields.Boolean(
        related="company_id.has_amazon_client_secret"
    )
    myparcel_api_key_entry = fields.Char(
        related="company_id.myparcel_api_key_entry", readonly=False
    )
    has_myparcel_api_key = fields.Boolean(related="company_id.has_myparcel_api_key")

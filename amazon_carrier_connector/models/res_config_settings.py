from odoo import api, fields, models

from .res_company import LOGIN_PATH


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    amazon_application_id = fields.Char(
        related="company_id.amazon_application_id", readonly=False
    )
    amazon_app_is_draft = fields.Boolean(
        related="company_id.amazon_app_is_draft", readonly=False
    )
    amazon_client_id = fields.Char(
        related="company_id.amazon_client_id", readonly=False
    )
    amazon_client_secret_entry = fields.Char(
        related="company_id.amazon_client_secret_entry", readonly=False
    )
    amazon_redirect_uri = fields.Char(compute="_compute_amazon_uris")
    amazon_login_uri = fields.Char(compute="_compute_amazon_uris")
    amazon_secret_set_at = fields.Date(
        related="company_id.amazon_secret_set_at", readonly=False
    )
    has_amazon_client_secret = fields.Boolean(
        related="company_id.has_amazon_client_secret"
    )
    myparcel_api_key_entry = fields.Char(
        related="company_id.myparcel_api_key_entry", readonly=False
    )
    has_myparcel_api_key = fields.Boolean(related="company_id.has_myparcel_api_key")
    customs_eori = fields.Char(related="company_id.customs_eori", readonly=False)
    customs_uk_vat = fields.Char(related="company_id.customs_uk_vat", readonly=False)
    customs_voec = fields.Char(related="company_id.customs_voec", readonly=False)
    customs_vat = fields.Char(string="Company VAT", related="company_id.vat")
    amazon_carrier_id = fields.Many2one(
        related="company_id.amazon_carrier_id", readonly=False
    )
    amazon_package_type_id = fields.Many2one(
        related="company_id.amazon_package_type_id", readonly=False
    )

    @api.depends("company_id")
    def _compute_amazon_uris(self):
        for settings in self:
            company = settings.company_id
            settings.amazon_redirect_uri = company._get_amazon_redirect_uri()
            settings.amazon_login_uri = company.get_base_url() + LOGIN_PATH

    def action_remove_secret(self):
        """Forget the company's secret that the context names."""
        self.company_id.action_remove_secret()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.onchange("amazon_client_secret_entry")
    def _onchange_amazon_client_secret_entry(self):
        # The form sends its date as well, which would put the former one back.
        if self.amazon_client_secret_entry:
            self.amazon_secret_set_at = fields.Date.context_today(self)

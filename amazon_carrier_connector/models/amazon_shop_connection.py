"""Since when a shop is connected to Amazon, and until when that holds."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError

from ..amazon.addresses import checked_address
from ..amazon.errors import InsecureAddress

# Source: https://developer-docs.amazon.com/sp-api/docs/renew-authorizations
CONSENT_LIFETIME = timedelta(days=365)
# Source: .../docs/rotating-your-apps-lwa-credentials
SECRET_LIFETIME = timedelta(days=180)


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    connected_at = fields.Datetime(string="Connected Since", readonly=True, copy=False)
    consent_expires_at = fields.Datetime(
        string="Consent Valid Until",
        readonly=True,
        copy=False,
        help="Empty for a refresh token that was entered by hand: Amazon sets it no"
        " date.",
    )
    tested_at = fields.Datetime(
        string="Last Tested",
        readonly=True,
        copy=False,
        help="When somebody last tested the connection, and it worked.",
    )
    consent_days_left = fields.Integer(compute="_compute_days_left")
    secret_expires_at = fields.Datetime(
        string="App Secret Valid Until",
        compute="_compute_secret_expires_at",
        compute_sudo=True,
    )
    secret_days_left = fields.Integer(compute="_compute_days_left")
    consent_message = fields.Text(
        compute="_compute_consent_message",
        help="What became of the user's last way to Amazon, if it was no success.",
    )

    # === COMPUTE METHODS === #

    @api.depends("company_id.amazon_secret_set_at")
    def _compute_secret_expires_at(self):
        for shop in self:
            set_at = fields.Datetime.to_datetime(shop.company_id.amazon_secret_set_at)
            shop.secret_expires_at = set_at and set_at + SECRET_LIFETIME

    @api.depends("consent_expires_at", "secret_expires_at")
    def _compute_days_left(self):
        now = fields.Datetime.now()
        for shop in self:
            for name in ("consent", "secret"):
                end = shop[f"{name}_expires_at"]
                shop[f"{name}_days_left"] = (end - now).days if end else 0

    @api.depends_context("uid")
    def _compute_consent_message(self):
        # People remember by their own consents, which others may not see.
        latest = dict(
            self.env["amazon.consent.wizard"]
            .sudo()
            ._read_group(
                [("shop_id", "in", self.ids), ("create_uid", "=", self.env.uid)],
                ["shop_id"],
                ["id:recordset"],
            )
        )
        for shop in self:
            consents = latest.get(shop, self.env["amazon.consent.wizard"])
            shop.consent_message = consents.sorted("id")[-1:].message

    # === ACTION METHODS === #

    def action_connect(self):
        """Open what is to be known before leaving for Amazon's consent page."""
        self.ensure_one()
        self.check_access("write")
        self._check_app_keys()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_consent_wizard_action"
        )
        return dict(action, target="new", context={"default_shop_id": self.id})

    def _check_app_keys(self):
        """Refuse to leave for Amazon when nobody could come back connected."""
        self._check_outside_allowed()
        company = self.company_id
        missing = company._get_missing_app_keys(
            ["amazon_application_id", "amazon_client_id", "amazon_client_secret"]
        )
        if missing:
            self._ask_for_app_keys(missing)
        try:
            checked_address(company._get_amazon_redirect_uri())
        except InsecureAddress:
            raise UserError(
                self.env._(
                    "Amazon sends people back to https addresses only, and this Odoo is"
                    " at %s. Enter a refresh token on the page Connection instead.",
                    company.get_base_url(),
                )
            ) from None

    def _ask_for_app_keys(self, missing):
        message = self.env._(
            "The Amazon app of %(company)s is not complete. Missing: %(fields)s. An"
            " administrator enters them in the settings.",
            company=self.company_id.name,
            fields=", ".join(missing),
        )
        if not self.env.user.has_group("base.group_system"):
            raise UserError(message)
        settings = self.env.ref("stock.action_stock_config_settings")
        raise RedirectWarning(message, settings.id, self.env._("Go to the Settings"))

    # === BUSINESS METHODS === #

    def _store_consent(self, refresh_token, lifetime=None):
        """Keep the seller's consent, or forget it.

        :param refresh_token: False to forget it
        :param timedelta lifetime: how long it holds, None if Amazon sets no end
        """
        now = fields.Datetime.now()
        # What was said of earlier attempts is past; only their users may see them.
        consents = self.env["amazon.consent.wizard"].sudo()
        consents.search([("shop_id", "in", self.ids)]).message = False
        # Nobody may read or write the token itself.
        self.sudo().write(
            {
                "refresh_token": refresh_token,
                "connected_at": refresh_token and now,
                "consent_expires_at": lifetime and now + lifetime,
                "tested_at": False,
            }
        )
        self.env["amazon.audit.event"]._log(
            "connected" if refresh_token else "disconnected", self
        )
        if refresh_token:
            self._resume()

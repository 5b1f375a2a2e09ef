"""Since when a shop is connected to Amazon, and until when that holds."""

from datetime import timedelta

from odoo import api, fields, models

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
    participating_market_ids = fields.Many2many(
        "amazon.market",
        "amazon_shop_participating_market_rel",
        string="Markets at Amazon",
        readonly=True,
        copy=False,
        help="Where the seller may sell, as Amazon tells.",
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

    # === BUSINESS METHODS === #

    def _store_consent(self, refresh_token, lifetime=None):
        """Keep the seller's consent, or forget it.

        :param refresh_token: False to forget it
        :param timedelta lifetime: how long it holds, None if Amazon sets no end
        """
        now = fields.Datetime.now()
        # Nobody may read or write the token itself.
        self.sudo().write(
            {
                "refresh_token": refresh_token,
                "connected_at": refresh_token and now,
                "consent_expires_at": lifetime and now + lifetime,
                "tested_at": False,
            }
        )
        if refresh_token:
            self._resume()

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS

from ..carriers.errors import CarrierError
from .carrier_messages import describe_carrier_error

# Registered at Amazon as the redirect URI and the login URI of the app.
CONSENT_PATH = "/amazon_carrier_connector/consent"
LOGIN_PATH = "/amazon_carrier_connector/login"


class ResCompany(models.Model):
    _inherit = "res.company"

    amazon_shop_ids = fields.One2many("amazon.shop", "company_id")
    amazon_application_id = fields.Char(
        copy=False,
        groups="base.group_system",
        help="Of your app in Seller Central, begins with amzn1.sp.solution. Needed to"
        " connect shops by consent.",
    )
    amazon_app_is_draft = fields.Boolean(
        string="Amazon App Is a Draft",
        copy=False,
        groups="base.group_system",
        help="Amazon shows the consent page of an app that is not published only if"
        " this is set.",
    )
    amazon_client_id = fields.Char(
        string="Amazon Client ID", copy=False, groups="base.group_system"
    )
    amazon_client_secret = fields.Char(
        string="Stored Amazon Client Secret",
        groups=NO_ACCESS,
        copy=False,
        prefetch=False,
    )
    amazon_client_secret_entry = fields.Char(
        string="Amazon Client Secret",
        compute="_compute_secret_entries",
        inverse="_inverse_amazon_client_secret_entry",
        groups="base.group_system",
        help="Can be set, never read back.",
    )
    amazon_secret_set_at = fields.Date(
        string="Amazon Client Secret Made On",
        copy=False,
        groups="base.group_system",
        help="The day you entered it. Change it if Amazon made the secret earlier: it"
        " expires after 180 days.",
    )
    myparcel_api_key = fields.Char(
        string="Stored MyParcel API Key",
        groups=NO_ACCESS,
        copy=False,
        prefetch=False,
    )
    myparcel_api_key_entry = fields.Char(
        string="MyParcel API Key",
        compute="_compute_secret_entries",
        inverse="_inverse_myparcel_api_key_entry",
        groups="base.group_system",
        help="Can be set, never read back.",
    )
    myparcel_key_set_at = fields.Datetime(
        string="MyParcel API Key Since", copy=False, readonly=True
    )
    myparcel_key_tested_at = fields.Datetime(
        string="MyParcel API Key Tested", copy=False, readonly=True
    )
    has_amazon_client_secret = fields.Boolean(
        compute="_compute_secret_entries", groups="base.group_system"
    )
    has_myparcel_api_key = fields.Boolean(
        compute="_compute_secret_entries", groups="base.group_system"
    )

    @api.depends("amazon_client_secret", "myparcel_api_key")
    def _compute_secret_entries(self):
        for company in self:
            secrets = company.sudo()
            company.amazon_client_secret_entry = False
            company.myparcel_api_key_entry = False
            company.has_amazon_client_secret = bool(secrets.amazon_client_secret)
            company.has_myparcel_api_key = bool(secrets.myparcel_api_key)

    def _inverse_amazon_client_secret_entry(self):
        for company in self.filtered("amazon_client_secret_entry"):
            company._store_amazon_client_secret(
                company.amazon_client_secret_entry.strip()
            )

    def _store_amazon_client_secret(self, secret):
        """Another secret begins another 180 days."""
        # Nobody may read or write the secret itself.
        company = self.sudo()
        if secret != company.amazon_client_secret:
            company.amazon_client_secret = secret
            company.amazon_secret_set_at = fields.Date.context_today(self)

    def _inverse_myparcel_api_key_entry(self):
        for company in self.filtered("myparcel_api_key_entry"):
            # Nobody may read or write the key itself.
            company.sudo().write(
                {
                    "myparcel_api_key": company.myparcel_api_key_entry.strip(),
                    "myparcel_key_set_at": fields.Datetime.now(),
                    "myparcel_key_tested_at": False,
                    # Another key may be another shop, which calls nobody yet.
                    "myparcel_hook_token": False,
                    "myparcel_hook_ref": False,
                }
            )

    def _test_myparcel_key(self):
        """Ask MyParcel whether it knows the key.

        :raises UserError: when it does not, or does not answer
        """
        self.ensure_one()
        self.env["amazon.shop"]._check_outside_allowed()
        try:
            self.env["delivery.carrier"]._myparcel_nl_get_client(self).check()
        except CarrierError as error:
            raise UserError(describe_carrier_error(self.env, error)) from None
        # A manager of Amazon may test what administrators enter.
        self.sudo().myparcel_key_tested_at = fields.Datetime.now()

    def _get_amazon_responsible(self, creator=None):
        """Who is told of what a person must mend: never a robot or an archived user.

        :param creator: of what is to be mended; told before anybody else
        """
        self.ensure_one()
        managers = self.env.ref(
            "amazon_carrier_connector.group_amazon_manager"
        ).all_user_ids.filtered(
            lambda user: self in user.company_ids and user.id != SUPERUSER_ID
        )
        creator = creator or self.create_uid
        return creator & managers or managers[:1] or creator

    def _get_amazon_redirect_uri(self):
        """Where Amazon sends people back to."""
        return self.get_base_url() + CONSENT_PATH

    def _get_missing_app_keys(self, names):
        """The labels of those keys of the Amazon app that are not entered.

        :param list names: fields of the company
        """
        labels = {
            "amazon_application_id": self.env._("application ID"),
            "amazon_client_id": self.env._("client ID"),
            "amazon_client_secret": self.env._("client secret"),
        }
        # People who connect shops may not read the keys.
        company = self.sudo()
        return [labels[name] for name in names if not company[name]]

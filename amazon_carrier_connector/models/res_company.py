from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError

from ..carriers.errors import CarrierError
from .carrier_messages import describe_carrier_error
from .secret_field import Secret

# Registered at Amazon as the redirect URI and the login URI of the app.
CONSENT_PATH = "/amazon_carrier_connector/consent"
LOGIN_PATH = "/amazon_carrier_connector/login"


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "myparcel.hook.owner"]

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
    amazon_client_secret = Secret("Stored Amazon Client Secret")
    amazon_client_secret_entry = fields.Char(
        string="Amazon Client Secret",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
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
    myparcel_api_key = Secret("Stored MyParcel API Key")
    myparcel_api_key_entry = fields.Char(
        string="MyParcel API Key",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
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
        compute="_compute_secrets", groups="base.group_system"
    )
    has_myparcel_api_key = fields.Boolean(
        compute="_compute_secrets", groups="base.group_system"
    )

    def _prepare_secret(self, name, value):
        values = super()._prepare_secret(name, value)
        if name == "amazon_client_secret" and not self._is_secret(name, value):
            # Another secret begins another 180 days.
            values["amazon_secret_set_at"] = value and fields.Date.context_today(self)
        if name == "myparcel_api_key":
            values |= {
                "myparcel_key_set_at": value and fields.Datetime.now(),
                "myparcel_key_tested_at": False,
            }
        return values

    def _test_myparcel_key(self):
        """Ask MyParcel whether it knows the key.

        :raises UserError: when it does not, or does not answer
        """
        self.ensure_one()
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

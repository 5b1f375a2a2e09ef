from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.orm.models import NO_ACCESS

from ..carriers import gls, gls_tracking
from ..carriers.errors import CarrierError
from ..carriers.gls_payload import PASSWORD_LENGTH, USERNAME_LENGTH
from .carrier_messages import describe_carrier_error

# System parameter and GLS's own address, of each environment.
LABEL_URLS = {False: ("gls_url", gls.BASE_URL), True: ("gls_test_url", gls.TEST_URL)}
TRACKING_URLS = {
    False: ("gls_tracking_url", gls_tracking.BASE_URL),
    True: ("gls_test_tracking_url", gls_tracking.TEST_URL),
}


class GlsAccount(models.Model):
    """A login of MyGLS: of a company, or of one of its delivery methods.

    GLS's test environment has logins of its own.
    """

    _name = "gls.account"
    _description = "GLS Account"
    _order = "company_id, is_test, carrier_id, id"
    _rec_name = "username"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Only for",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        domain="[('delivery_type', '=', 'gls_nl')]",
        help="Empty: for every GLS delivery method that has no account of its own.",
    )
    is_test = fields.Boolean(
        string="Test Environment",
        help="Used while a delivery method is in its test environment.",
    )
    username = fields.Char(required=True, size=USERNAME_LENGTH)
    password = fields.Char(
        string="Stored Password", groups=NO_ACCESS, copy=False, prefetch=False
    )
    password_entry = fields.Char(
        string="Password",
        compute="_compute_entries",
        inverse="_inverse_password_entry",
        help="At most 20 characters. Can be set, never read back.",
    )
    has_password = fields.Boolean(compute="_compute_entries")
    subscription_key = fields.Char(
        string="Stored Key", groups=NO_ACCESS, copy=False, prefetch=False
    )
    subscription_key_entry = fields.Char(
        string="API Key",
        compute="_compute_entries",
        inverse="_inverse_subscription_key_entry",
        help="Only where GLS gave you one. Can be set, never read back.",
    )
    has_subscription_key = fields.Boolean(compute="_compute_entries")
    customer_ids = fields.One2many(
        "gls.customer", "account_id", string="Customer Numbers", readonly=True
    )
    customer_id = fields.Many2one(
        "gls.customer",
        string="Customer Number",
        domain="[('account_id', '=', id)]",
        copy=False,
        ondelete="set null",
        help="Of those that GLS lists for the login: press Validate Login.",
    )
    password_set_at = fields.Datetime(
        string="Password Since", readonly=True, copy=False
    )
    validated_at = fields.Datetime(
        compute="_compute_validated_at",
        store=True,
        copy=False,
        help="When GLS last accepted what is entered here.",
    )

    _owner_uniq = models.UniqueIndex(
        "(company_id, COALESCE(carrier_id, 0), COALESCE(is_test, FALSE))",
        "There is an account for this company, delivery method and environment.",
    )

    # === COMPUTE METHODS === #

    @api.depends("password", "subscription_key")
    def _compute_entries(self):
        for account in self:
            # Only whether there is one is shown.
            secrets = account.sudo()
            account.password_entry = False
            account.subscription_key_entry = False
            account.has_password = bool(secrets.password)
            account.has_subscription_key = bool(secrets.subscription_key)

    @api.depends("username", "password", "subscription_key")
    def _compute_validated_at(self):
        # Another login is yet to be accepted.
        self.validated_at = False

    def _inverse_password_entry(self):
        for account in self.filtered("password_entry"):
            if len(account.password_entry) > PASSWORD_LENGTH:
                raise ValidationError(
                    self.env._(
                        "GLS allows passwords of at most %s characters. Change it in"
                        " MyGLS first.",
                        PASSWORD_LENGTH,
                    )
                )
            # What is entered can be written, but never read.
            account.sudo().write(
                {
                    "password": account.password_entry,
                    "password_set_at": fields.Datetime.now(),
                }
            )

    def _inverse_subscription_key_entry(self):
        for account in self.filtered("subscription_key_entry"):
            # As the password.
            account.sudo().subscription_key = account.subscription_key_entry.strip()

    # === ACTION METHODS === #

    def action_validate_login(self):
        """Ask GLS whether the login is good, and which customer numbers it has."""
        self.ensure_one()
        try:
            customers = self._connect().validate_login()
        except CarrierError as error:
            raise UserError(describe_carrier_error(self.env, error)) from None
        self._store_customers(customers)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "GLS accepts the login. Customer numbers: %s.",
                    ", ".join(self.customer_ids.mapped("number")) or "-",
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _store_customers(self, customers):
        known = self.customer_ids.grouped("number")
        told = {customer.number: customer.name for customer in customers}
        self.customer_ids.filtered(lambda item: item.number not in told).unlink()
        self.env["gls.customer"].create(
            [
                {"account_id": self.id, "number": number, "name": name}
                for number, name in told.items()
                if number not in known
            ]
        )
        if len(self.customer_ids) == 1:
            self.customer_id = self.customer_ids
        self.validated_at = fields.Datetime.now()

    # === THE CLIENTS === #

    @api.model
    def _find(self, carrier, company, is_test):
        """The account of a delivery method, else that of the company.

        :raises UserError: when there is none that can be used; says what to do
        """
        # Who makes labels need not see accounts.
        accounts = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("is_test", "=", is_test),
                ("carrier_id", "in", (carrier.id, False)),
            ]
        )
        account = accounts.filtered("carrier_id") or accounts
        if not account.password:
            raise UserError(
                self.env._(
                    "No GLS login for the %(environment)s environment is set for"
                    " %(company)s. Enter it in Amazon > Configuration > GLS Accounts.",
                    environment=self.env._("test")
                    if is_test
                    else self.env._("production"),
                    company=company.name,
                )
            )
        return account

    def _connect(self):
        """
        :rtype: carriers.gls.Gls
        """
        self.env["amazon.shop"]._check_outside_allowed()
        # Whoever may use the account need not read its secrets.
        account = self.sudo()
        return gls.Gls(
            account.username,
            account.password or "",
            customer_no=account.customer_id.number or "",
            subscription_key=account.subscription_key or "",
            base_url=self._get_url(LABEL_URLS),
            version=self.env.ref("base.module_amazon_carrier_connector")
            .sudo()
            .latest_version,
        )

    def _connect_tracking(self):
        """
        :rtype: carriers.gls_tracking.GlsTracking
        """
        self.env["amazon.shop"]._check_outside_allowed()
        # As above.
        account = self.sudo()
        return gls_tracking.GlsTracking(
            account.username,
            account.password or "",
            subscription_key=account.subscription_key or "",
            base_url=self._get_url(TRACKING_URLS),
        )

    def _get_url(self, urls):
        name, default = urls[self.is_test]
        # Addresses are for tests; only the administrator sees parameters.
        parameters = self.env["ir.config_parameter"].sudo()
        return parameters.get_param(f"amazon_carrier_connector.{name}", default)


class GlsCustomer(models.Model):
    """A customer number that a login may ship for, as GLS has listed it."""

    _name = "gls.customer"
    _description = "GLS Customer Number"
    _order = "number"
    _rec_name = "number"

    account_id = fields.Many2one(
        "gls.account", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="account_id.company_id")
    number = fields.Char(required=True)
    name = fields.Char()

    @api.depends("number", "name")
    def _compute_display_name(self):
        for customer in self:
            customer.display_name = " ".join(
                filter(None, (customer.number, customer.name))
            )

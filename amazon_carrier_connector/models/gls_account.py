from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..carriers import gls, gls_tracking
from ..carriers.errors import CarrierError
from ..carriers.gls_payload import PASSWORD_LENGTH, USERNAME_LENGTH
from .carrier_messages import describe_carrier_error
from .secret_field import Secret

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
    _inherit = ["amazon.secret.mixin"]
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
    password = Secret("Stored Password")
    password_entry = fields.Char(
        string="Password",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        help="At most 20 characters. Can be set, never read back.",
    )
    has_password = fields.Boolean(compute="_compute_secrets")
    subscription_key = Secret("Stored Key")
    subscription_key_entry = fields.Char(
        string="API Key",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        help="Only where GLS gave you one. Can be set, never read back.",
    )
    has_subscription_key = fields.Boolean(compute="_compute_secrets")
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
    needs_customer = fields.Boolean(compute="_compute_needs_customer")
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

    @api.depends("customer_ids", "customer_id")
    def _compute_needs_customer(self):
        for account in self:
            account.needs_customer = (
                len(account.customer_ids) > 1 and not account.customer_id
            )

    @api.depends("username", "password", "subscription_key")
    def _compute_validated_at(self):
        # Another login is yet to be accepted.
        self.validated_at = False

    def _prepare_secret(self, name, value):
        values = super()._prepare_secret(name, value)
        if name == "password":
            if value and len(value) > PASSWORD_LENGTH:
                raise ValidationError(
                    self.env._(
                        "GLS allows passwords of at most %s characters. Change it in"
                        " MyGLS first.",
                        PASSWORD_LENGTH,
                    )
                )
            values["password_set_at"] = fields.Datetime.now()
        return values

    # === ACTION METHODS === #

    def action_validate_login(self):
        """Ask GLS whether the login is good, and which customer numbers it has."""
        self.ensure_one()
        self.check_access("write")
        try:
            customers = self._connect().validate_login()
        except CarrierError as error:
            raise UserError(describe_carrier_error(self.env, error)) from None
        self._store_customers(customers)
        message = self.env._(
            "GLS accepts the login. Customer numbers: %s.",
            ", ".join(self.customer_ids.mapped("number")) or "-",
        )
        if self.needs_customer:
            message += " " + self._describe_needs_customer()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if self.needs_customer else "success",
                "sticky": self.needs_customer,
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _describe_needs_customer(self):
        return self.env._(
            "GLS login %s may ship for several customer numbers: choose the one that"
            " ships in Amazon > Configuration > GLS Accounts.",
            self.username,
        )

    def _store_customers(self, customers):
        known = self.customer_ids.grouped("number")
        told = {customer.number: customer.name for customer in customers}
        if told:
            # GLS promises no list: where none comes, what was chosen stays.
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
            account._reveal_secret("password"),
            customer_no=account.customer_id.number or "",
            subscription_key=account._reveal_secret("subscription_key"),
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
            account._reveal_secret("password"),
            subscription_key=account._reveal_secret("subscription_key"),
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

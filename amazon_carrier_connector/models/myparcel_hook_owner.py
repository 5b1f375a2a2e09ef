import logging
from hashlib import sha256
from secrets import token_hex

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS

from ..carriers.errors import CarrierError, Refused, Unauthorized
from ..carriers.myparcel_hooks import STATUS_CHANGE, is_hook_url

_logger = logging.getLogger(__name__)

# In lower case, as MyParcel calls it.
HOOK_PATH = "/amazon_carrier_connector/myparcel"


def hash_token(token):
    """What is kept of a token that others bring along.

    :rtype: str
    """
    return sha256(token.encode()).hexdigest()


class MyparcelHookOwner(models.AbstractModel):
    """Who has a key of MyParcel: a company, or a delivery method of its own.

    A key is of one shop at MyParcel, and each shop calls one address.
    """

    _name = "myparcel.hook.owner"
    _description = "Owner of a MyParcel Key"
    _inherit = ["amazon.secret.mixin"]

    # Only MyParcel needs the token itself.
    myparcel_hook_hash = fields.Char(
        string="Hash of the MyParcel Hook Token",
        groups=NO_ACCESS,
        copy=False,
        prefetch=False,
    )
    myparcel_hook_ref = fields.Char(
        string="MyParcel Subscription",
        groups="base.group_system",
        copy=False,
        readonly=True,
    )

    # === THE KEY === #

    def _enter_secret(self, name, value):
        if name == "myparcel_api_key" and not value:
            self._unsubscribe_before_removal()
        return super()._enter_secret(name, value)

    def _prepare_secret(self, name, value):
        values = super()._prepare_secret(name, value)
        if name == "myparcel_api_key":
            # Another key may be of another shop, which calls nobody yet.
            values |= {"myparcel_hook_hash": False, "myparcel_hook_ref": False}
        return values

    def _unsubscribe_before_removal(self):
        """What cannot be ended calls an address that answers it no more."""
        # As below; whoever may remove a key need not know what it is used for.
        ref = self.sudo().myparcel_hook_ref
        if ref and self._count_subscribed(ref) == 1:
            try:
                self._unsubscribe(self.env.company)
            except (CarrierError, UserError) as error:
                _logger.info("Subscription %s was left: %s", ref, type(error).__name__)

    @api.model
    def _count_subscribed(self, ref):
        """Several owners may have the same key, and so the same subscription."""
        # Of all companies.
        return sum(
            self.env[model]
            .sudo()
            .with_context(active_test=False)
            .search_count([("myparcel_hook_ref", "=", ref)])
            for model in ("res.company", "delivery.carrier")
        )

    # === CALLS === #

    def _subscribe(self, company):
        """Have MyParcel call this Odoo; any other listener of the shop is replaced.

        :return: what is to be kept by all that have the same key
        :raises UserError: when it could not call
        :raises CarrierError: when it does not accept that
        """
        self.ensure_one()
        token = token_hex(32)
        base_url = company.get_base_url()
        url = f"{base_url}{HOOK_PATH}/{company.id}/{token}"
        if not is_hook_url(url):
            raise UserError(
                self.env._(
                    "MyParcel calls https addresses in lower case only, and this Odoo"
                    " is at %s. Without it the parcels are tracked all the same, some"
                    " hours later.",
                    base_url,
                )
            )
        ref = self._get_hook_client(company).subscribe(STATUS_CHANGE, url)
        return {"myparcel_hook_hash": hash_token(token), "myparcel_hook_ref": ref}

    def _unsubscribe(self, company):
        """
        :raises CarrierError: when MyParcel does not say that nobody is called any more
        """
        self.ensure_one()
        # Nobody may read or write the hash.
        owner = self.sudo()
        try:
            self._get_hook_client(company).unsubscribe(owner.myparcel_hook_ref)
        except (Refused, Unauthorized) as error:
            # It is not there any more, or nothing can be ended with this key.
            _logger.info("MyParcel ended no subscription: %s", error)
        owner.write({"myparcel_hook_hash": False, "myparcel_hook_ref": False})

    def _get_hook_client(self, company):
        self.env["amazon.shop"]._check_outside_allowed()
        carriers = self.env["delivery.carrier"]
        carrier = self if self._name == carriers._name else carriers
        return carrier._myparcel_nl_get_client(company)

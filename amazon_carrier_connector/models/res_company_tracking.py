from hashlib import sha256
from secrets import token_hex

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS

from ..carriers.errors import CarrierError, Refused
from ..carriers.myparcel_hooks import STATUS_CHANGE, is_hook_url
from .carrier_messages import describe_carrier_error

# In lower case, as MyParcel calls it.
HOOK_PATH = "/amazon_carrier_connector/myparcel"


def hash_token(token):
    """What is kept of a token that others bring along.

    :rtype: str
    """
    return sha256(token.encode()).hexdigest()


class ResCompany(models.Model):
    """Whether MyParcel calls when a parcel moves."""

    _inherit = "res.company"

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

    def _subscribe_to_myparcel(self):
        """Have MyParcel call this Odoo; any other listener of the shop is replaced.

        :raises UserError: when it does not, or could not call
        """
        self.ensure_one()
        token = token_hex(32)
        url = f"{self.get_base_url()}{HOOK_PATH}/{self.id}/{token}"
        if not is_hook_url(url):
            raise UserError(
                self.env._(
                    "MyParcel calls https addresses in lower case only, and this Odoo"
                    " is at %s. Without it the parcels are tracked all the same, some"
                    " hours later.",
                    self.get_base_url(),
                )
            )
        ref = self._ask_myparcel(lambda client: client.subscribe(STATUS_CHANGE, url))
        # Nobody may read or write the hash.
        self.sudo().write(
            {"myparcel_hook_hash": hash_token(token), "myparcel_hook_ref": ref}
        )

    def _unsubscribe_from_myparcel(self):
        """
        :raises UserError: when MyParcel cannot be asked
        """
        self.ensure_one()
        if ref := self.myparcel_hook_ref:
            self._ask_myparcel(lambda client: _end(client, ref))
        # As above.
        self.sudo().write({"myparcel_hook_hash": False, "myparcel_hook_ref": False})

    def _ask_myparcel(self, ask):
        self.env["amazon.shop"]._check_outside_allowed()
        try:
            return ask(self.env["delivery.carrier"]._myparcel_nl_get_client(self))
        except CarrierError as error:
            raise UserError(describe_carrier_error(self.env, error)) from None


def _end(client, ref):
    try:
        client.unsubscribe(ref)
    except Refused:
        # It is not there any more.
        return

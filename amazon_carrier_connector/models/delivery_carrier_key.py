"""A delivery method may have a MyParcel key of its own, beside its company's."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..carriers.errors import CarrierError
from .carrier_messages import describe_carrier_error
from .secret_field import Secret


class DeliveryCarrier(models.Model):
    _name = "delivery.carrier"
    _inherit = ["delivery.carrier", "myparcel.hook.owner"]

    myparcel_api_key = Secret("Stored MyParcel API Key")
    myparcel_api_key_entry = fields.Char(
        string="API Key of Its Own",
        compute="_compute_secrets",
        inverse="_inverse_secrets",
        groups="stock.group_stock_manager",
        help="Of another shop at MyParcel. Empty: the key of the company. Can be set,"
        " never read back.",
    )
    myparcel_key_set_at = fields.Datetime(
        string="API Key Since", copy=False, readonly=True
    )
    myparcel_key_tested_at = fields.Datetime(
        string="API Key Tested", copy=False, readonly=True
    )
    has_myparcel_api_key = fields.Boolean(
        compute="_compute_secrets", groups="stock.group_stock_manager"
    )

    def _prepare_secret(self, name, value):
        return {
            **super()._prepare_secret(name, value),
            "myparcel_key_set_at": value and fields.Datetime.now(),
            "myparcel_key_tested_at": False,
        }

    # === ACTION METHODS === #

    def action_test_myparcel_key(self):
        """Ask MyParcel whether it knows the key that this delivery method uses.

        :raises UserError: when it does not, or does not answer
        """
        self.ensure_one()
        self.check_access("write")
        company = self.company_id or self.env.company
        try:
            self._myparcel_nl_get_client(company).check()
        except CarrierError as error:
            raise UserError(describe_carrier_error(self.env, error)) from None
        self.myparcel_key_tested_at = fields.Datetime.now()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("MyParcel accepts the API key."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

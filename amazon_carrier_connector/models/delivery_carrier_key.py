"""A delivery method may have a MyParcel key of its own, beside its company's."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS

from ..carriers.errors import CarrierError
from .carrier_messages import describe_carrier_error


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    myparcel_api_key = fields.Char(
        string="Stored MyParcel API Key",
        groups=NO_ACCESS,
        copy=False,
        prefetch=False,
    )
    myparcel_api_key_entry = fields.Char(
        string="API Key of Its Own",
        compute="_compute_myparcel_api_key_entry",
        inverse="_inverse_myparcel_api_key_entry",
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
        compute="_compute_myparcel_api_key_entry", groups="stock.group_stock_manager"
    )

    @api.depends("myparcel_api_key")
    def _compute_myparcel_api_key_entry(self):
        for carrier in self:
            carrier.myparcel_api_key_entry = False
            # Only whether there is one is shown.
            carrier.has_myparcel_api_key = bool(carrier.sudo().myparcel_api_key)

    def _inverse_myparcel_api_key_entry(self):
        for carrier in self.filtered("myparcel_api_key_entry"):
            # What is entered can be written, but never read.
            carrier.sudo().write(
                {
                    "myparcel_api_key": carrier.myparcel_api_key_entry.strip(),
                    "myparcel_key_set_at": fields.Datetime.now(),
                    "myparcel_key_tested_at": False,
                }
            )

    # === ACTION METHODS === #

    def action_remove_myparcel_key(self):
        """Go back to the key of the company."""
        self.check_access("write")
        # As above.
        self.sudo().myparcel_api_key = False

    def action_test_myparcel_key(self):
        """Ask MyParcel whether it knows the key that this delivery method uses.

        :raises UserError: when it does not, or does not answer
        """
        self.ensure_one()
        self.check_access("write")
        self.env["amazon.shop"]._check_outside_allowed()
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

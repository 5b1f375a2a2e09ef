from odoo import api, models

from ..carriers.tracking_states import track_gls, track_myparcel


class DeliveryCarrier(models.Model):
    """Who tells where parcels are: ``_<provider>_get_tracking(company)`` of a provider
    returns a ``carriers.tracking_states.Tracking``."""

    _inherit = "delivery.carrier"

    @api.model
    def _get_tracking_providers(self):
        return [
            provider
            for provider in self._get_label_providers()
            if hasattr(self, f"_{provider}_get_tracking")
        ]

    def _get_tracking(self, company):
        """
        :raises UserError: when nothing may or can be asked; says what to do
        """
        self.ensure_one()
        self.env["amazon.shop"]._check_outside_allowed()
        return getattr(self, f"_{self.delivery_type}_get_tracking")(company)

    def _myparcel_nl_get_tracking(self, company):
        return track_myparcel(self._myparcel_nl_get_client(company))

    def _gls_nl_get_tracking(self, company):
        account = self.env["gls.account"]._find(self, company, False)
        return track_gls(account._connect_tracking())

from odoo import api, models


class DeliveryCarrier(models.Model):
    """The options of a delivery method hold where nothing nearer says otherwise."""

    _name = "delivery.carrier"
    _inherit = ["delivery.carrier", "delivery.label.options"]

    @api.model
    def _get_label_option_attributes(self):
        return {"placeholder": self.env._("Left to the carrier")}

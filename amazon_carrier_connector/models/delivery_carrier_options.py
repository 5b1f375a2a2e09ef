from odoo import api, models


class DeliveryCarrier(models.Model):
    """The options of a delivery method hold where nothing nearer says otherwise."""

    _name = "delivery.carrier"
    _inherit = ["delivery.carrier", "delivery.label.options"]

    @api.model
    def _get_label_option_attributes(self, known):
        __, absent = self._describe_label_option(known.name, known.absent)
        return {"placeholder": absent or self.env._("Left to the carrier")}

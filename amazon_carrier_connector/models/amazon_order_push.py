from odoo import api, fields, models

from ..amazon.own_shipping import is_confirmed_by_amazon


class AmazonOrder(models.Model):
    """What the push must know of an order."""

    _inherit = "amazon.order"

    is_confirmed_by_amazon = fields.Boolean(
        string="Confirmed by Amazon",
        readonly=True,
        help="Bought as Ship+ or with a label of Amazon's: Amazon is not told its"
        " tracking number.",
    )

    @api.model
    def _prepare_order_values(self, order):
        return {
            **super()._prepare_order_values(order),
            "is_confirmed_by_amazon": is_confirmed_by_amazon(order),
        }

    def _prepare_refresh_values(self, order):
        # A report without these columns says nothing: its silence changes nothing.
        return {
            **super()._prepare_refresh_values(order),
            "is_confirmed_by_amazon": self.is_confirmed_by_amazon
            or is_confirmed_by_amazon(order),
        }

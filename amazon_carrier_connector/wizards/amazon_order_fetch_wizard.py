from odoo import fields, models
from odoo.exceptions import UserError

from ..models.amazon_order_fetch import MOST_FETCHED, split_order_refs


class AmazonOrderFetchWizard(models.TransientModel):
    """The dialog that reads single orders by their ids."""

    _name = "amazon.order.fetch.wizard"
    _description = "Fetch Orders from Amazon"

    shop_id = fields.Many2one(
        "amazon.shop", required=True, default=lambda self: self._default_shop_id()
    )
    order_refs = fields.Text(string="Order IDs", required=True)

    def _default_shop_id(self):
        shops = self.env["amazon.shop"].search([("active", "=", True)])
        connected = shops.filtered(lambda shop: shop.state == "connected")
        return connected if len(connected) == 1 else connected.browse()

    def action_fetch(self):
        """Read and import them, and open what came of it.

        :raises UserError: when there are none, or too many
        """
        self.ensure_one()
        order_refs = split_order_refs(self.order_refs)
        if not 0 < len(order_refs) <= MOST_FETCHED:
            raise UserError(
                self.env._("Enter between 1 and %s order ids.", MOST_FETCHED)
            )
        order_import = self.shop_id._fetch_orders(order_refs)
        if order_import:
            return order_import.action_open()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Nothing has changed at Amazon."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

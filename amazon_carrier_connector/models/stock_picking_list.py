"""What the screens of deliveries show besides, and are searched by."""

from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class StockPicking(models.Model):
    _inherit = "stock.picking"

    amazon_market_code = fields.Char(string="Market", compute="_compute_amazon_marks")
    amazon_kind = fields.Char(
        string="Kind", compute="_compute_amazon_marks", help="Prime, Business, or both."
    )
    amazon_sku = fields.Char(
        string="SKU",
        compute="_compute_amazon_sku",
        store=True,
        help="All SKUs of the delivery: those of the same content stand together.",
    )

    # === CRUD METHODS === #

    def _auto_init(self):
        # No delivery that is there before the module has a SKU: none is computed.
        if not column_exists(self.env.cr, "stock_picking", "amazon_sku"):
            create_column(self.env.cr, "stock_picking", "amazon_sku", "varchar")
        return super()._auto_init()

    @api.model
    def get_empty_list_help(self, help_message):
        """Core tells of its barcode app, whatever an action says."""
        if self.env.context.get("amazon_deliveries"):
            return help_message
        return super().get_empty_list_help(help_message)

    # === COMPUTE METHODS === #

    @api.depends(
        "move_ids.amazon_item_id.order_id.is_prime",
        "move_ids.amazon_item_id.order_id.is_business",
        "move_ids.amazon_item_id.order_id.market_id.code",
    )
    def _compute_amazon_marks(self):
        prime, business = self.env._("Prime"), self.env._("Business")
        for picking in self:
            orders = picking.move_ids.amazon_item_id.order_id
            kinds = [
                prime if any(orders.mapped("is_prime")) else "",
                business if any(orders.mapped("is_business")) else "",
            ]
            picking.amazon_market_code = orders.market_id[:1].code
            picking.amazon_kind = ", ".join(filter(None, kinds))

    @api.depends("move_ids.amazon_item_id.sku")
    def _compute_amazon_sku(self):
        for picking in self:
            skus = picking.move_ids.amazon_item_id.mapped("sku")
            picking.amazon_sku = ", ".join(sorted(set(skus))) or False

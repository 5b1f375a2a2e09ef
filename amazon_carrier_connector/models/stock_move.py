from odoo import api, fields, models


class StockMove(models.Model):
    _inherit = "stock.move"

    amazon_item_id = fields.Many2one(
        "amazon.order.item",
        string="Amazon Order Item",
        index="btree_not_null",
        ondelete="restrict",
        help="Kept on chained moves and backorders: what Amazon is told is counted"
        " from here.",
    )

    def _get_leaving_quantity(self):
        """How much of it is in the delivery's parcels, in its own unit of measure."""
        self.ensure_one()
        if self.state in ("done", "cancel"):
            return self.quantity
        policy = self.picking_id._get_stock_policy()
        if policy != "leave_out" or not any(
            self.picking_id.move_ids.mapped("quantity")
        ):
            # The shop ships what stock does not show, or nothing is reserved yet.
            return max(self.quantity, self.product_uom_qty)
        return self.quantity

    @api.model
    def _prepare_merge_moves_distinct_fields(self):
        # Two items of one product stay two moves: Amazon confirms per item.
        return super()._prepare_merge_moves_distinct_fields() + ["amazon_item_id"]

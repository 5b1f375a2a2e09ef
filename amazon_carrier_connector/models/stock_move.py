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

    @api.model
    def _prepare_merge_moves_distinct_fields(self):
        # Two items of one product stay two moves: Amazon confirms per item.
        return super()._prepare_merge_moves_distinct_fields() + ["amazon_item_id"]

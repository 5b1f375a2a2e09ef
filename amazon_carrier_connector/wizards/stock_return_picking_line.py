from odoo import models


class StockReturnPickingLine(models.TransientModel):
    _inherit = "stock.return.picking.line"

    def _prepare_move_default_values(self, new_picking):
        # What comes back is no part of what Amazon is told was shipped.
        values = super()._prepare_move_default_values(new_picking)
        return dict(values, amazon_item_id=False)

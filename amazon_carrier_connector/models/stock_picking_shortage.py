from odoo import models


class StockPicking(models.Model):
    """What deliveries lack in stock, told before anything is reserved for them."""

    _inherit = "stock.picking"

    def _find_shortages(self):
        """What one delivery takes, those after it do not find any more.

        :return: by delivery the products of which it lacks some
        :rtype: dict[stock.picking, product.product]
        """
        waiting = self.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
            and not move._should_bypass_reservation()
        )
        free = waiting._get_free_quantities()
        shortages = {}
        for picking, moves in waiting.grouped("picking_id").items():
            for move in moves:
                missing = move._get_unreserved_quantity()
                place = move.location_id, move.product_id
                # What another step brings is there when that step is done.
                found = 0 if move.move_orig_ids else free[place]
                if move.product_id.uom_id.compare(missing, found) > 0:
                    known = shortages.get(picking, move.product_id)
                    shortages[picking] = known | move.product_id
                else:
                    free[place] -= missing
        return shortages


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_free_quantities(self):
        """
        :return: what nobody has reserved yet, by location and product, in the
            product's own unit
        :rtype: dict[tuple[stock.location, product.product], float]
        """
        return {
            (location, product): product.free_qty
            for location, moves in self.grouped("location_id").items()
            for product in moves.product_id.with_context(location=location.id)
        }

    def _get_unreserved_quantity(self):
        """How much of a move is still to be found, in the product's own unit."""
        reserved = self.product_uom._compute_quantity(
            self.quantity, self.product_id.uom_id, round=False
        )
        return max(0, self.product_qty - reserved)

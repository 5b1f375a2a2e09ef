from collections import defaultdict

from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_pick_places(self):
        """Where to fetch it, in the product's own unit of measure.

        :return: quantity by location and lot, both empty for what is not reserved
        :rtype: dict[tuple, float]
        """
        self.ensure_one()
        places = defaultdict(float)
        for line in self.move_line_ids:
            if line.quantity:
                places[line.location_id, line.lot_id] += line.quantity_product_uom
        missing = self.product_qty - sum(places.values())
        is_open = self.state not in ("done", "cancel")
        if is_open and self.product_id.uom_id.compare(missing, 0) > 0:
            nowhere = self.env["stock.location"], self.env["stock.lot"]
            places[nowhere] += missing
        return places

    def _get_pick_name(self):
        """SKU and title as the shelf has them; of a placeholder as Amazon has them."""
        product, item = self.product_id, self.amazon_item_id
        # By its id, which Odoo remembers: the record would be searched for each move.
        placeholder = self.env["ir.model.data"]._xmlid_to_res_id(
            "amazon_carrier_connector.product_placeholder"
        )
        if item and product.id == placeholder:
            return item.sku, item.title or product.name
        return product.default_code or "", product.with_context(
            display_default_code=False
        ).display_name

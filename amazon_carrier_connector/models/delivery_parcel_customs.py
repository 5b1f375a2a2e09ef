from odoo import models

from ..carriers.customs import declare


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    def _prepare_declaration(self):
        """What customs are told: the contents of this parcel alone.

        :rtype: carriers.customs.Declaration
        """
        self.ensure_one()
        picking = self.picking_id
        orders = picking.amazon_order_ids.sorted("name")
        moves = picking.move_ids.filtered(lambda move: move.state != "cancel")
        quantities = {
            move: move._get_leaving_quantity(self.package_id) for move in moves
        }
        return declare(
            [
                content
                for move, quantity in quantities.items()
                if quantity > 0
                for content in move._prepare_customs_contents(quantity)
            ],
            parcel_grams=self._get_grams(),
            # Amazon's buyers know the sale by it.
            invoice=", ".join(orders.mapped("name")) or picking.origin or picking.name,
            numbers=picking.amazon_shop_id._prepare_customs_numbers(self.company_id),
        )

    def _get_grams(self):
        return max(1, round(self.weight_kg * 1000))

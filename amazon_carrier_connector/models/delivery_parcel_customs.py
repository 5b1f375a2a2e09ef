from odoo import fields, models

from ..carriers.customs import UK_LIMIT, VOEC_LIMIT, declare
from .stock_move_customs import has_rate


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
            rates=self._get_customs_rates(),
        )

    def _get_customs_rates(self):
        """
        :return: euros for one unit of each currency in which a limit is set, and that
            can be converted
        :rtype: dict[str, float]
        """
        company, euro = self.company_id, self.env.ref("base.EUR")
        today = fields.Date.context_today(self)
        # Who sells in euros only need not use the others.
        currencies = self.env["res.currency"].with_context(active_test=False)
        limited = currencies.search([("name", "in", [UK_LIMIT[0], VOEC_LIMIT[0]])])
        return {
            currency.name: currency._convert(1, euro, company, today, round=False)
            for currency in limited
            if has_rate(currency, company) and has_rate(euro, company)
        }

    def _get_grams(self):
        return max(1, round(self.weight_kg * 1000))

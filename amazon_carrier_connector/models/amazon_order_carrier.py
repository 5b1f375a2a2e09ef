import json
from collections import defaultdict

from odoo import api, models

from ..amazon.shipping_rules import ShippingFacts, fold


class AmazonOrder(models.Model):
    """How the deliveries of orders are shipped: by rule, shop or company."""

    _inherit = "amazon.order"

    @api.model
    def _choose_carriers_again(self, pickings):
        """The same for deliveries of one order each."""
        orders = self.browse().concat(
            *(picking.amazon_order_ids for picking in pickings)
        )
        orders._choose_carriers(pickings)

    def _choose_carriers(self, pickings):
        """Give each picking how it is shipped: by rule, else by shop or company.

        :param pickings: one per order
        """
        rules = self.env["amazon.shipping.rule"].search(
            [("company_id", "in", self.company_id.ids)]
        )
        matches = rules._find_for_all(self._get_all_facts(pickings))
        ids_by_values = defaultdict(list)
        for order, picking, match in zip(self, pickings, matches, strict=True):
            values = match.rule._prepare_choice(order.shop_id, picking, match.reasons)
            ids_by_values[json.dumps(values)].append(picking.id)
        for values, ids in ids_by_values.items():
            pickings.browse(ids).write(json.loads(values))

    def _get_all_facts(self, pickings):
        """
        :param pickings: one per order
        :return: the facts of each; None where the shop applies no rules
        :rtype: list[amazon.shipping_rules.ShippingFacts | None]
        """
        # Rules, and delivery methods after them, read them one delivery at a time.
        moves = pickings.move_ids
        moves.fetch(
            ["product_id", "product_uom", "product_uom_qty", "amazon_item_id", "state"]
        )
        moves.amazon_item_id.fetch(["sku", "product_id"])
        return [
            order._get_shipping_facts(picking) if order.shop_id.apply_rules else None
            for order, picking in zip(self, pickings, strict=True)
        ]

    def _get_shipping_facts(self, picking):
        """What of the order is in one of its deliveries.

        :rtype: amazon.shipping_rules.ShippingFacts
        """
        self.ensure_one()
        contact, pieces = picking.partner_id, picking._get_planned_pieces()
        items = self.item_ids.browse().concat(*pieces)
        return ShippingFacts(
            company_id=self.company_id.id,
            shop_id=self.shop_id.id,
            market_id=self.market_id.id,
            country_id=contact.country_id.id or 0,
            postal_code=fold(contact.zip or ""),
            weight=self.shop_id._get_parcel_weight(picking.weight),
            quantity=sum(pieces.values()),
            skus=frozenset(fold(item.sku) for item in items),
            tag_ids=frozenset(items.product_id.all_product_tag_ids.ids),
            service_level=fold(self.service_level or ""),
            is_prime=self.is_prime,
            is_business=self.is_business,
        )

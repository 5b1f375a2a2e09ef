from collections import defaultdict
from typing import NamedTuple

from odoo import models
from odoo.fields import Command

from ..amazon.shipping_rules import ShippingFacts, fold


class Preview(NamedTuple):
    """How an order would be shipped; each an id, or False."""

    rule_id: int | bool = False
    carrier_id: int | bool = False
    package_type_id: int | bool = False
    is_on_hold: bool = False


class AmazonOrderImport(models.Model):
    """What the shipping rules make of orders that do not exist yet."""

    _inherit = "amazon.order.import"

    def _preview_deliveries(self, orders, markets):
        """
        :param orders: ``amazon.orders.Order`` dataclasses
        :param markets: the market of each
        :return: a ``Preview`` by order id; held orders are absent
        """
        products = self._preview_products(orders)
        ready = [
            (order, market)
            for order, market in zip(orders, markets, strict=True)
            if all(item.sku in products for item in order.items)
        ]
        addresses = self._preview_addresses([order for order, __ in ready])
        rules = self.env["amazon.shipping.rule"]
        if self.shop_id.apply_rules:
            rules = rules.search([("company_id", "=", self.company_id.id)])
        matches = rules._find_for_all(
            self._preview_facts(order, market, address, products)
            for (order, market), address in zip(ready, addresses, strict=True)
        )
        known = {}
        return {
            order.order_ref: self._preview_delivery(
                match.rule,
                address,
                [(products[item.sku], item.quantity_to_ship) for item in order.items],
                known,
            )
            for (order, __), address, match in zip(
                ready, addresses, matches, strict=True
            )
        }

    def _preview_products(self, orders):
        """The product of each SKU; what the import would create has no weight yet."""
        shop = self.shop_id
        skus = {item.sku for order in orders for item in order.items}
        products = shop._find_products(skus)
        unknown = skus - products.keys()
        if shop.unknown_sku_policy == "placeholder":
            return products | shop._get_placeholders(unknown)
        if shop.unknown_sku_policy == "create":
            return products | dict.fromkeys(unknown, self.env["product.product"])
        return products

    def _preview_addresses(self, orders):
        """What carriers and rules ask of the contacts that the import would create."""
        model = self.env["amazon.order"]
        addresses = [order.recipient for order in orders]
        places = model._find_places(addresses)
        values = [model._prepare_contact_address(a, *places) for a in addresses]
        return [
            {name: vals.get(name, False) for name in ("country_id", "state_id", "zip")}
            for vals in values
        ]

    def _preview_facts(self, order, market, address, products):
        leaving = [item for item in order.items if item.quantity_to_ship]
        items = [(products[item.sku], item.quantity_to_ship) for item in leaving]
        digits = self.env["decimal.precision"].precision_get("Stock Weight")
        return ShippingFacts(
            company_id=self.company_id.id,
            shop_id=self.shop_id.id,
            market_id=market.id,
            country_id=address["country_id"] or 0,
            postal_code=fold(address["zip"] or ""),
            weight=self.shop_id._get_parcel_weight(
                round(sum(p.weight * quantity for p, quantity in items), digits)
            ),
            quantity=sum(quantity for __, quantity in items),
            skus=frozenset(fold(item.sku) for item in leaving),
            tag_ids=frozenset(
                tag for product, __ in items for tag in product.all_product_tag_ids.ids
            ),
            service_level=fold(order.service_level),
            is_prime=order.is_prime,
            is_business=order.is_business,
        )

    def _preview_delivery(self, rule, address, content, known):
        """
        :param content: pairs of product and quantity
        :param dict known: what was found out about carriers before
        """
        shipping = rule._get_shipping(self.shop_id)
        # Warehouse staff may not read all of its conditions.
        carrier = shipping.carrier.sudo()
        place = (address["country_id"], address["state_id"])
        if carrier.zip_prefix_ids:
            place += (address["zip"],)
        quantities = defaultdict(int)
        for product, quantity in content:
            quantities[product.id] += quantity
        key = (carrier.id, place, frozenset(quantities.items()))
        if key not in known:
            known[key] = self._is_available(carrier, address, quantities)
        if not known[key]:
            return Preview(rule_id=rule.id, is_on_hold=rule.hold)
        return Preview(rule.id, carrier.id, shipping.package_type.id, rule.hold)

    def _is_available(self, carrier, address, quantities):
        """Ask the carrier itself, about a delivery that is never written."""
        if not carrier:
            return False
        picking = self.env["stock.picking"].new(
            {
                "move_ids": [
                    Command.create({"product_id": product, "product_uom_qty": quantity})
                    for product, quantity in quantities.items()
                ]
            }
        )
        partner = self.env["res.partner"].new(address)
        # Nor may they create contacts, and this one is a new one.
        return bool(carrier.available_carriers(partner.sudo(), picking.sudo()))

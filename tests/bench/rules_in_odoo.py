"""Shipping rules applied to many deliveries, inside an Odoo; see `rules`."""

from __future__ import annotations

from odoo.addons.amazon_carrier_connector.amazon.unshipped_report import (
    read_unshipped_report,
)

from .frame import peak_memory
from .imports_in_odoo import ADDON, Measure, set_up

CHUNK = 500
COUNTRIES = ("nl", "be", "de", "fr", "es", "it", "at", "pl", "se", "dk")


def main(env, report: bytes, rules: int) -> dict:
    """Import, write the rules, apply them and try the last."""
    shop = set_up(env)
    deliveries = _import(env, shop, report)
    last = _write_rules(env, shop, rules)
    with Measure(env) as applied:
        deliveries.action_apply_rules()
    decided = deliveries.filtered("amazon_rule_id")
    env.invalidate_all()
    with Measure(env) as tried:
        last.action_try()
    return {
        "deliveries": len(deliveries),
        "decided": len(decided),
        "seconds": applied.seconds,
        "queries": applied.queries,
        "try_seconds": tried.seconds,
        "memory": peak_memory(),
    }


def _import(env, shop, data: bytes):
    orders = read_unshipped_report(data).orders
    order_import = env["amazon.order.import"].create(
        {"shop_id": shop.id, "market_id": shop.market_id.id}
    )
    for start in range(0, len(orders), CHUNK):
        chunk = orders[start : start + CHUNK]
        env["amazon.order"]._import_orders(order_import, chunk)
        env.cr.commit()
        env.invalidate_all()
    return env["stock.picking"].search([("amazon_shop_id", "=", shop.id)])


def _write_rules(env, shop, count: int):
    """Rules with several conditions each, of which few fit; the last fits all."""
    carrier = env.ref(f"{ADDON}.delivery_carrier_myparcel_postnl")
    express = carrier.copy()
    rules = env["amazon.shipping.rule"].create(
        [
            {
                "name": f"Rule {number}",
                "sequence": number,
                "carrier_id": (carrier if number % 2 else express).id,
                "shop_ids": shop.ids,
                "country_ids": env.ref(f"base.{COUNTRIES[number % 10]}").ids,
                "zip_prefixes": f"{number:02d}, {number + 30:02d}",
                "weight_max": number,
                "quantity_max": 20,
                "label_signature": "yes",
            }
            for number in range(1, count)
        ]
        + [{"name": "All", "sequence": count, "carrier_id": express.id}]
    )
    env.cr.commit()
    env.invalidate_all()
    return rules[-1]

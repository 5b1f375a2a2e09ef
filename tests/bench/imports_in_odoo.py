"""The ways to create the deliveries of a report, inside an Odoo; see `imports`."""

from __future__ import annotations

import csv
import time
from base64 import b64encode

from odoo import sql_db
from odoo.fields import Command

from tests.driver.unshipped_report import PRODUCTS, UNKNOWN

from .frame import peak_memory

ADDON = "amazon_carrier_connector"


def main(env, report: bytes, way: str) -> dict:
    """Set up a shop and its products, and import."""
    shop = set_up(env)
    told = WAYS[way](env, shop, report)
    return told | {
        "deliveries": env["stock.picking"].search_count([]),
        "memory": peak_memory(),
    }


def create_products(env):
    return env["product.product"].create(
        [
            {
                "name": product.name,
                "default_code": product.sku,
                "weight": product.weight_kg,
                "is_storable": True,
            }
            for product in (*PRODUCTS, *UNKNOWN)
        ]
    )


def set_up(env):
    create_products(env)
    market = env.ref(f"{ADDON}.market_nl")
    shop = env["amazon.shop"].create(
        {
            "selling_partner_id": "A1BENCH",
            "market_ids": [Command.set(market.ids)],
            "market_id": market.id,
            "carrier_id": env.ref(f"{ADDON}.delivery_carrier_myparcel_postnl").id,
        }
    )
    env.cr.commit()
    env.invalidate_all()
    return shop


class Measure:
    """Seconds, those of the processor, and queries of a block with all its writing."""

    def __init__(self, env):
        self._env = env

    def __enter__(self):
        self._queries, self._start = sql_db.sql_counter, time.perf_counter()
        self._cpu = time.process_time()
        return self

    def __exit__(self, *_error):
        self._env.flush_all()
        self._env.cr.commit()
        self.seconds = time.perf_counter() - self._start
        self.cpu = time.process_time() - self._cpu
        self.queries = sql_db.sql_counter - self._queries


def _addon(env, shop, data: bytes) -> dict:
    attachment = env["ir.attachment"].create(
        {"name": "report.txt", "datas": b64encode(data)}
    )
    wizard = env["amazon.order.import.wizard"].create(
        {"shop_id": shop.id, "attachment_ids": [Command.set(attachment.ids)]}
    )
    env.cr.commit()
    with Measure(env) as check:
        action = wizard.action_check()
    order_import = env[action["res_model"]].browse(action["res_id"])
    cron = env.ref(f"{ADDON}.cron_import_orders")
    with Measure(env) as measured:
        order_import.action_import()
        # As the scheduler does, with a pause every ten seconds.
        while order_import.state in ("queued", "running"):
            env.cr.commit()
            cron.method_direct_trigger()
            env.cr.commit()
    if order_import.state != "done":
        raise RuntimeError(f"the import is {order_import.state}")
    return {
        "seconds": measured.seconds,
        "queries": measured.queries,
        "check_seconds": check.seconds,
    }


def _batch(env, shop, data: bytes) -> dict:
    orders = read_rows(data)
    with Measure(env) as measured:
        products = find_products(env)
        contacts = env["res.partner"].create(
            [contact_values(env, rows) for rows in orders]
        )
        env["stock.picking"].create(
            [
                delivery_values(shop.warehouse_id, rows, contact, products)
                for rows, contact in zip(orders, contacts, strict=True)
            ]
        )
    return {"seconds": measured.seconds, "queries": measured.queries}


def _singles(env, shop, data: bytes) -> dict:
    orders = read_rows(data)
    pickings, contacts = env["stock.picking"], env["res.partner"]
    with Measure(env) as measured:
        for rows in orders:
            if pickings.search([("origin", "=", rows[0]["order-id"])], limit=1):
                continue
            products = {
                row["sku"]: env["product.product"].search(
                    [("default_code", "=", row["sku"])], limit=1
                )
                for row in rows
            }
            contact = contacts.create(contact_values(env, rows))
            pickings.create(delivery_values(shop.warehouse_id, rows, contact, products))
            env.flush_all()
    return {"seconds": measured.seconds, "queries": measured.queries}


WAYS = {"addon": _addon, "batch": _batch, "singles": _singles}


def read_rows(data: bytes) -> list[list[dict]]:
    """The rows of each order."""
    orders: dict[str, list[dict]] = {}
    lines = data.decode().splitlines()
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        orders.setdefault(row["order-id"], []).append(row)
    return list(orders.values())


def find_products(env) -> dict:
    found = env["product.product"].search([("default_code", "!=", False)])
    return {product.default_code: product for product in found}


def contact_values(env, rows: list[dict]) -> dict:
    row = rows[0]
    return {
        "name": row["recipient-name"],
        "type": "delivery",
        "active": False,
        "street": row["ship-address-1"],
        "street2": row["ship-address-2"],
        "zip": row["ship-postal-code"],
        "city": row["ship-city"],
        "country_id": env.ref(f"base.{row['ship-country'].lower()}").id,
    }


def delivery_values(warehouse, rows: list[dict], contact, products: dict) -> dict:
    row = rows[0]
    kind = warehouse.out_type_id
    places = {
        "location_id": kind.default_location_src_id.id,
        "location_dest_id": contact.property_stock_customer.id,
    }
    return {
        **places,
        "partner_id": contact.id,
        "picking_type_id": kind.id,
        "origin": row["order-id"],
        "scheduled_date": row["promise-date"][:19].replace("T", " "),
        "move_ids": [
            Command.create(
                {
                    **places,
                    "product_id": products[item["sku"]].id,
                    "product_uom_qty": int(item["quantity-to-ship"]),
                }
            )
            for item in rows
        ],
    }

"""Shipped orders by the thousand, and their erasure, inside an Odoo; see `erase`."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from itertools import pairwise

from odoo.addons.amazon_carrier_connector.amazon.unshipped_report import (
    read_unshipped_report,
)

from .frame import peak_memory
from .imports_in_odoo import Measure, set_up

# How the copies of a row differ: ``n`` counts them.
COPIED = {
    "res_partner": {"commercial_partner_id": "{res_partner} + n"},
    "amazon_order": {"name": "'402-' || n", "partner_id": "{res_partner} + n"},
    "amazon_order_item": {"order_id": "{amazon_order} + n", "item_ref": "n::text"},
    "stock_picking": {"name": "'BENCH/' || n", "partner_id": "{res_partner} + n"},
    "stock_move": {
        "picking_id": "{stock_picking} + n",
        "amazon_item_id": "{amazon_order_item} + n",
        "partner_id": "{res_partner} + n",
    },
    "ir_attachment": {"res_id": "{delivery_parcel} + n"},
    "delivery_parcel": {
        "picking_id": "{stock_picking} + n",
        "reference": "'bench-' || n",
        "label_attachment_id": "{ir_attachment} + n",
    },
    "mail_message": {"res_id": "{stock_picking} + n"},
}


def main(env, report: bytes, count: int) -> dict:
    """Make one order of the report, and copies of it; erase them."""
    copy(env, make_one(env, report), count - 1)
    orders = env["amazon.order"]
    commits = [time.perf_counter()]
    commit = env.cr.commit
    env.cr.commit = lambda: (commit(), commits.append(time.perf_counter()))
    with Measure(env) as erasing:
        orders._cron_erase()
    with Measure(env) as idle:
        orders._cron_erase()
    if left := orders.search_count([("erased_at", "=", False)]):
        raise RuntimeError(f"{left} of {count} orders are left")
    return {
        "seconds": erasing.seconds,
        "queries": erasing.queries,
        "idle": idle.seconds,
        "longest": max(later - sooner for sooner, later in pairwise(commits)),
        "memory": peak_memory(),
    }


def make_one(env, data: bytes) -> dict:
    """A labelled order that left 40 days ago; its rows, by table."""
    shop, long_ago = set_up(env), datetime.now(timezone.utc) - timedelta(days=40)
    report = read_unshipped_report(data)
    long_ago = long_ago.replace(tzinfo=None)
    order_import = env["amazon.order.import"].create(
        {"shop_id": shop.id, "market_id": shop.market_id.id}
    )
    order, __ = env["amazon.order"]._import_orders(order_import, report.orders)
    picking = order.picking_ids
    picking.write({"state": "done", "date_done": long_ago})
    picking.move_ids.state = "done"
    (parcel,) = picking._create_parcels(env["delivery.label.run"])
    label = env["ir.attachment"].create(
        {"name": "label.pdf", "res_model": parcel._name, "res_id": parcel.id}
    )
    parcel.write(
        {
            "state": "labelled",
            "tracking_number": "3SBENCH",
            "labelled_at": long_ago,
            "label_attachment_id": label.id,
        }
    )
    message = picking._message_log(body="Labelled")
    env.flush_all()
    env.cr.execute("UPDATE amazon_order SET create_date = %s", [long_ago])
    rows = (
        *(order.partner_id, order, order.item_ids[:1], picking, picking.move_ids[:1]),
        *(label, parcel, message),
    )
    return {record._table: record.id for record in rows}


def copy(env, rows: dict, count: int) -> None:
    """Copy rows in the database: importing so many takes longer than erasing them."""
    firsts = {}
    for table in COPIED:
        env.cr.execute(f"SELECT max(id) FROM {table}")
        (firsts[table],) = env.cr.fetchone()
    for table, others in COPIED.items():
        env.cr.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        values = {name: f'"{name}"' for (name,) in env.cr.fetchall()}
        values |= {name: text.format(**firsts) for name, text in others.items()}
        values["id"] = f"{firsts[table]} + n"
        columns = ", ".join(f'"{name}"' for name in values)
        env.cr.execute("SET CONSTRAINTS ALL DEFERRED")
        env.cr.execute(
            f"INSERT INTO {table} ({columns}) SELECT {', '.join(values.values())}"
            f" FROM {table}, generate_series(1, {count}) n WHERE id = {rows[table]}"
        )
        env.cr.execute(f"SELECT setval('{table}_id_seq', {firsts[table] + count})")
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
    env.invalidate_all()

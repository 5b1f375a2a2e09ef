"""A database as it is after a long time: deliveries by the ten thousand, in an Odoo.

Some orders are imported as always; the rest are copies of their rows, made by the
database.
"""

from __future__ import annotations

from odoo.tools import SQL

from odoo.addons.amazon_carrier_connector.amazon.unshipped_report import (
    read_unshipped_report,
)

from .imports_in_odoo import set_up

# What is copied, and which of its columns point to other copies.
LINKS = {
    "amazon_order": (),
    "amazon_order_item": ("order_id",),
    "stock_picking": (),
    "stock_move": ("picking_id", "amazon_item_id"),
    "delivery_parcel": ("picking_id",),
    "amazon_shipment_confirmation": ("order_id", "picking_id", "parcel_id"),
}
# What must be another in each copy.
NAMES = {
    "amazon_order": ("name",),
    "stock_picking": ("name", "origin", "carrier_tracking_ref"),
    "delivery_parcel": ("reference", "tracking_number"),
    "amazon_shipment_confirmation": ("tracking_number",),
}
SHIPPED = """
UPDATE stock_picking
   SET state = 'done', date_done = scheduled_date, carrier_tracking_ref = 'T' || id
 WHERE amazon_shop_id IS NOT NULL;
UPDATE stock_move SET state = 'done', quantity = product_uom_qty
 WHERE amazon_item_id IS NOT NULL;
INSERT INTO delivery_parcel (
       picking_id, company_id, carrier_id, sequence, position, reference,
       tracking_number, weight_kg, price, state, without_label, labelled_at)
SELECT id, company_id, carrier_id, 1, 1, origin || '-' || id,
       'T' || id, 0.4, 4.95, 'labelled', TRUE, scheduled_date
  FROM stock_picking WHERE amazon_shop_id IS NOT NULL;
INSERT INTO amazon_shipment_confirmation (
       order_id, company_id, shop_id, ship_by, picking_id, parcel_id, carrier_id,
       tracking_number, ship_date, state)
SELECT DISTINCT ON (picking.id)
       item.order_id, picking.company_id, picking.amazon_shop_id,
       picking.date_deadline, picking.id, parcel.id, picking.carrier_id,
       parcel.tracking_number, parcel.labelled_at, 'confirmed'
  FROM stock_picking picking
  JOIN delivery_parcel parcel ON parcel.picking_id = picking.id
  JOIN stock_move move ON move.picking_id = picking.id
  JOIN amazon_order_item item ON item.id = move.amazon_item_id
"""
# Two of a hundred are still in the house, each a little further than the one before.
OPEN = """
UPDATE stock_picking SET state = 'assigned', date_done = NULL,
       date_deadline = now() AT TIME ZONE 'UTC' + (id %% 400 - 100) * interval '1 hour'
 WHERE amazon_shop_id IS NOT NULL AND id %% 50 = 0;
UPDATE stock_move move SET state = 'assigned' FROM stock_picking picking
 WHERE picking.id = move.picking_id AND picking.state = 'assigned';
UPDATE amazon_shipment_confirmation SET state = 'to_push'
 WHERE picking_id %% 50 = 0 AND picking_id %% 200 != 0;
DELETE FROM amazon_shipment_confirmation WHERE picking_id %% 200 = 0;
UPDATE delivery_parcel SET state = 'refused', error = 'The postal code is wrong.'
 WHERE picking_id %% 2000 = 0;
DELETE FROM delivery_parcel WHERE picking_id %% 200 = 0 AND picking_id %% 2000 != 0;
UPDATE stock_picking SET carrier_tracking_ref = NULL WHERE id %% 200 = 0
"""


def fill(env, report: bytes, copies: int):
    """A shop whose deliveries are those of a report, and so many copies of each.

    :return: the shop
    """
    shop = set_up(env)
    order_import = env["amazon.order.import"].create(
        {"shop_id": shop.id, "market_id": shop.market_id.id}
    )
    orders = read_unshipped_report(report).orders
    env["amazon.order"]._import_orders(order_import, orders)
    env.flush_all()
    _run(env.cr, SHIPPED)
    # Each copy's ids begin where those of the one before may end.
    step = max(_highest(env.cr, table) for table in LINKS)
    for table, links in LINKS.items():
        _copy(env.cr, table, links, step, copies)
    _run(env.cr, OPEN)
    env.cr.commit()
    env.invalidate_all()
    # Of all that was just changed, as after some nights.
    env.cr._cnx.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    env.cr._cnx.autocommit = False
    return shop


def _run(cr, statements: str) -> None:
    for statement in statements.split(";"):
        cr.execute(statement, ())


def _highest(cr, table: str) -> int:
    cr.execute(SQL("SELECT coalesce(max(id), 0) FROM %s", SQL.identifier(table)))
    return cr.fetchone()[0]


def _copy(cr, table: str, links, step: int, copies: int) -> None:
    cr.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = %s AND table_schema = current_schema",
        [table],
    )
    columns = [name for (name,) in cr.fetchall()]
    names = NAMES.get(table, ())
    cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(columns)s) SELECT %(values)s"
            " FROM %(table)s, generate_series(1, %(copies)s) AS copy"
            " WHERE %(is_ours)s",
            table=SQL.identifier(table),
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(
                _value(column, links, names, step) for column in columns
            ),
            copies=copies,
            is_ours=SQL(
                {
                    "stock_picking": "amazon_shop_id IS NOT NULL",
                    "stock_move": "amazon_item_id IS NOT NULL",
                }.get(table, "TRUE")
            ),
        )
    )
    cr.execute(
        "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
        [table, _highest(cr, table)],
    )


def _value(column: str, links, names, step: int) -> SQL:
    """What a copy has in a column."""
    same = SQL.identifier(column)
    if column == "id" or column in links:
        return SQL("%s + copy * %s", same, step)
    if column in names:
        return SQL("%s || '-' || copy", same)
    return same

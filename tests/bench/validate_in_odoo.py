"""Labelled deliveries are validated, with the addon and without; see `validate`."""

from __future__ import annotations

from .frame import peak_memory
from .imports_in_odoo import (
    Measure,
    contact_values,
    create_products,
    delivery_values,
    find_products,
    read_rows,
    set_up,
)

# As many together as a label run validates.
TOGETHER = 50
STOCK = 100_000


def main(env, report: bytes, way: str) -> dict:
    """Make the deliveries and validate them."""
    validate, pickings = WAYS[way](env, report)
    env.cr.commit()
    env.invalidate_all()
    with Measure(env) as measured:
        validate()
    return {
        "seconds": measured.seconds,
        "cpu": measured.cpu,
        "queries": measured.queries,
        "memory": peak_memory(),
        "done": len(pickings.filtered(lambda picking: picking.state == "done")),
    }


def prepare_imported(env, data: bytes):
    """The shop and its imported deliveries, confirmed and reserved."""
    from odoo.addons.amazon_carrier_connector.amazon.unshipped_report import (
        read_unshipped_report,
    )

    shop = set_up(env)
    order_import = env["amazon.order.import"].create(
        {"shop_id": shop.id, "market_id": shop.market_id.id}
    )
    report = read_unshipped_report(data)
    orders, __ = env["amazon.order"]._import_orders(order_import, report.orders)
    _reserve(env, orders.picking_ids, shop.warehouse_id)
    return shop, orders.picking_ids


def label(env, pickings):
    """Label them as a run does, without a carrier; the run, about to validate."""
    from odoo.addons.amazon_carrier_connector.carriers.labelling import Label, Outcome

    run = pickings._create_label_run()
    labels = {
        parcel.reference: Label(
            remote_ref=str(parcel.id),
            tracking_number=f"3SBENCH{parcel.id:09d}",
            tracking_url="https://example.com/",
            price_cents=675,
            document=b"%PDF-1.4 no label at all",
        )
        for parcel in run.parcel_ids
    }
    run.parcel_ids.is_test = False
    env.cr.commit()
    run.parcel_ids._store_apart(Outcome(labels=labels))
    env.cr.commit()
    run.parcel_ids._run_rules()
    run.parcel_ids._update_pickings()
    run.state = "running"
    if env["amazon.shipment.confirmation"].search_count([]) != len(pickings):
        raise RuntimeError("the rule on labelled parcels has not run")
    return run


def _with_addon(env, data: bytes):
    """Imported orders with labels, as a label run leaves them before it validates."""
    _shop, pickings = prepare_imported(env, data)
    return label(env, pickings)._validate_deliveries, pickings


def _with_core(env, data: bytes):
    """The same deliveries with a delivery method and a number, as core has them."""
    create_products(env)
    products, orders = find_products(env), read_rows(data)
    warehouse = env["stock.warehouse"].search([], limit=1)
    contacts = env["res.partner"].create([contact_values(env, rows) for rows in orders])
    pickings = env["stock.picking"].create(
        [
            delivery_values(warehouse, rows, contact, products)
            for rows, contact in zip(orders, contacts, strict=True)
        ]
    )
    service = env["product.product"].create({"name": "Delivery", "type": "service"})
    pickings.carrier_id = env["delivery.carrier"].create(
        {"name": "Courier", "delivery_type": "fixed", "product_id": service.id}
    )
    _reserve(env, pickings, warehouse)
    for picking in pickings:
        picking.carrier_tracking_ref = f"3SBENCH{picking.id:09d}"

    def validate():
        for start in range(0, len(pickings), TOGETHER):
            together = pickings[start : start + TOGETHER]
            together.with_context(skip_sms=True).button_validate()
            env.cr.commit()

    return validate, pickings


WAYS = {"addon": _with_addon, "core": _with_core}


def _reserve(env, pickings, warehouse):
    for product in pickings.move_ids.product_id:
        env["stock.quant"]._update_available_quantity(
            product, warehouse.lot_stock_id, STOCK
        )
    pickings.action_confirm()
    pickings.action_assign()

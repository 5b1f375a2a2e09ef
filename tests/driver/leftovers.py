"""Records in every state, as no whole day leaves them: what screens can show."""

from __future__ import annotations

from .client import OdooClient
from .main_job import MainJob
from .unshipped_report import change_report
from .working_day import make_orders

SEED = 1000


def leave_behind(admin: OdooClient, standins, shop_id: int) -> dict[str, int]:
    """Ids by what they are.

    A delivery waits for somebody to look at its address, one is labelled, one is done,
    others can be merged; an import and a label run wait at their check. ``delivery``
    and ``sale`` have nothing to do with Amazon.
    """
    job = MainJob(admin, shop_id)
    receive(job, standins, make_orders(SEED))
    waiting, labelled, done = admin.search(
        "stock.picking", [("label_state", "=", "to_label")], order="id"
    )
    label(job, labelled, validate_after=False)
    run = label(job, done, validate_after=True)
    receive(job, standins, change_report(make_orders(SEED + 1), give_to_one_buyer))
    told = admin.read("stock.picking", waiting, "partner_id", "picking_type_id")
    partner = {"partner_id": told["partner_id"]}
    return {
        "shop": shop_id,
        "other_shop": create(admin, "amazon.shop", name="Amazon second account"),
        "waiting": waiting,
        "done": done,
        "address": order_of(admin, waiting),
        "order": order_of(admin, done),
        "import": job.check(change_report(make_orders(SEED + 2), spoil)),
        "run": run,
        "checked_run": job.create_labels([waiting]),
        "parcel": find(admin, "delivery.parcel", ("picking_id", "=", done)),
        "confirmation": find(admin, "amazon.shipment.confirmation"),
        "delivery": create(admin, "stock.picking", **told),
        "sale": create(admin, "sale.order", **partner),
    }


def receive(job: MainJob, standins, report: bytes) -> None:
    standins.amazon.orders.load_report(report)
    job.start_import(job.check(report))


def give_to_one_buyer(row: dict[str, str]) -> None:
    row["recipient-name"] = row["buyer-name"] = "Siem Ooievaar"
    row["buyer-email"] = "siem@marketplace.amazon.nl"
    row["ship-address-1"] = "Kade 1"


def spoil(row: dict[str, str]) -> None:
    if row["ship-address-1"] == "Voorbeeldstraat 2":
        row["quantity-to-ship"] = "two"


def label(job: MainJob, delivery: int, *, validate_after: bool) -> int:
    run = job.create_labels([delivery])
    job.client.write("delivery.label.run", run, validate_after=validate_after)
    job.start_labels(run)
    return run


def order_of(admin: OdooClient, delivery: int) -> int:
    told = admin.read("stock.picking", delivery, "amazon_order_ids")
    return told["amazon_order_ids"][0]


def find(admin: OdooClient, model: str, *domain) -> int:
    return admin.search(model, list(domain), limit=1)[0]


def create(admin: OdooClient, model: str, **values) -> int:
    values.pop("id", None)
    return admin.create(model, values)[0]

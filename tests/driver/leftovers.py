"""Records in every state, as no whole day leaves them: what screens can show."""

from __future__ import annotations

from .client import OdooClient
from .main_job import MainJob
from .shop import GLS, POSTNL, connect_gls
from .unshipped_report import change_report
from .working_day import make_orders

SEED = 1000
ODOOS_CARRIER = "delivery.free_delivery_carrier"


def leave_behind(admin: OdooClient, standins, shop_id: int) -> dict[str, int]:
    """Ids by what they are.

    A delivery waits for somebody to look at its address, one is labelled, one is done,
    others can be merged; one goes to a parcel shop of GLS, and of one the label of GLS
    was lost; an import and a label run wait at their check. ``delivery``, ``sale`` and
    ``odoos_carrier`` have nothing to do with Amazon.
    """
    job = MainJob(admin, shop_id)
    done_import = receive(job, standins, make_orders(SEED))
    waiting, labelled, done = admin.search(
        "stock.picking", [("label_state", "=", "to_label")], order="id"
    )
    label(job, labelled, validate_after=False)
    run = label(job, done, validate_after=True)
    receive(job, standins, change_report(make_orders(SEED + 1), give_to_one_buyer))
    told = admin.read("stock.picking", waiting, "partner_id", "picking_type_id")
    partner = {"partner_id": told["partner_id"]}
    checked_run = job.create_labels([waiting])
    to_parcel_shop, lost = give_to_gls(job, standins)
    return {
        "shop": shop_id,
        "other_shop": create(admin, "amazon.shop", name="Amazon second account"),
        "waiting": waiting,
        "done": done,
        "address": order_of(admin, waiting),
        "order": order_of(admin, done),
        "import": job.check(change_report(make_orders(SEED + 2), spoil)),
        "done_import": done_import,
        "run": run,
        "checked_run": checked_run,
        "parcel": find(admin, "delivery.parcel", ("picking_id", "=", done)),
        "confirmation": find(admin, "amazon.shipment.confirmation"),
        "to_parcel_shop": to_parcel_shop,
        "lost": find(admin, "delivery.parcel", ("picking_id", "=", lost)),
        "myparcel": admin.ref(POSTNL),
        "gls": admin.ref(GLS),
        "odoos_carrier": admin.ref(ODOOS_CARRIER),
        "delivery": create(admin, "stock.picking", **told),
        "sale": create(admin, "sale.order", **partner),
    }


def receive(job: MainJob, standins, report: bytes) -> int:
    """The id of the import."""
    standins.amazon.orders.load_report(report)
    import_id = job.check(report)
    job.start_import(import_id)
    return import_id


def give_to_gls(job: MainJob, standins) -> tuple[int, int]:
    """Two deliveries: to a parcel shop, and with a label whose answer was lost."""
    carrier = connect_gls(job.client, standins.connection(), job.shop_id)
    receive(job, standins, make_orders(SEED + 3))
    mine = [("carrier_id", "=", carrier), ("label_state", "=", "to_label")]
    _guessed, to_parcel_shop, lost = job.client.search(
        "stock.picking", mine, order="id"
    )
    job.client.write("stock.picking", to_parcel_shop, label_parcel_shop="yes")
    standins.gls.faults.add("Label/Create", "cut", moment="after")
    run = label(job, lost, validate_after=False)
    # Looked up, GLS tells of the parcel, but not its label again.
    job.start_labels(run)
    return to_parcel_shop, lost


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

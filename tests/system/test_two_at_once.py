"""Two users at the same moment, on a database that really commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from threading import Barrier

import pytest
import requests

from tests.driver.client import OdooClient, OdooError
from tests.driver.main_job import MainJob
from tests.driver.shop import USER, create_user, put_in_stock
from tests.driver.unshipped_report import (
    PRODUCTS,
    ask_to_cancel,
    change_report,
    make_report,
)

ORDERS = 120


@pytest.fixture
def colleague(server, admin):
    create_user(admin, "colleague", USER)
    return OdooClient(server.url, server.database, "colleague", "colleague")


def test_file_imported_by_two_users_at_once_gives_one_set_of_deliveries(
    server, shop_id, clerk, colleague
):
    report = make_report(ORDERS, datetime.now(timezone.utc))
    jobs = [MainJob(client, shop_id) for client in (clerk, colleague)]
    imports = [job.check(report) for job in jobs]
    at_once(
        lambda: jobs[0].start_import(imports[0]),
        lambda: jobs[1].start_import(imports[1]),
    )
    server.work_until(
        lambda: all(map(MainJob.has_imported, jobs, imports)), 120, "both imports"
    )
    counts = jobs[0].count_all()
    assert counts["amazon.order"] == counts["stock.picking"] == ORDERS
    created = clerk.read("amazon.order.import", imports, "created_count")
    assert sum(told["created_count"] for told in created) == ORDERS


@pytest.mark.expected_odoo_log(r"odoo\.http: UserError from amazon_carrier_connector")
def test_products_chosen_by_two_users_at_once_are_the_one_that_is_remembered(
    server, shop_id, admin, clerk, colleague
):
    put_in_stock(admin, PRODUCTS[:2])
    products = [find_product(admin, product.sku) for product in PRODUCTS[:2]]
    job = MainJob(clerk, shop_id)
    now = datetime.now(timezone.utc)
    report = change_report(make_report(40, now), lambda row: row.update(sku="A-7F"))
    job.start_import(job.check(report))
    listing = clerk.search("amazon.listing", [("sku", "=", "A-7F")])

    at_once(
        lambda: choose_product(clerk, listing, products[0]),
        lambda: choose_product(colleague, listing, products[1]),
    )
    (chosen,) = clerk.read("amazon.listing", listing, "product_id")
    assert chosen["product_id"] in products
    moves = clerk.search("stock.move", [("amazon_item_id.sku", "=", "A-7F")])
    assert len(moves) >= 40
    delivered = clerk.read("stock.move", moves, "product_id")
    assert {move["product_id"] for move in delivered} == {chosen["product_id"]}


def find_product(client, sku) -> int:
    (product,) = client.search("product.product", [("default_code", "=", sku)])
    return product


def choose_product(client, listing, product) -> None:
    """Choose it; refused while somebody else does."""
    try:
        client.write("amazon.listing", listing, product_id=product)
    except OdooError as error:
        assert "Try again in a moment" in error.message


def test_changes_imported_by_two_users_at_once_are_taken_over_once(
    server, shop_id, clerk, colleague
):
    report = make_report(ORDERS, datetime.now(timezone.utc))
    jobs = [MainJob(client, shop_id) for client in (clerk, colleague)]
    first = jobs[0].check(report)
    jobs[0].start_import(first)
    server.work_until(lambda: jobs[0].has_imported(first), 120, "the first import")
    imports = [job.check(change_report(report, ask_to_cancel)) for job in jobs]
    at_once(
        lambda: jobs[0].start_import(imports[0]),
        lambda: jobs[1].start_import(imports[1]),
    )
    server.work_until(
        lambda: all(map(MainJob.has_imported, jobs, imports)), 120, "both imports"
    )
    told = clerk.read("amazon.order.import", imports, "updated_count", "problem_count")
    assert sum(each["updated_count"] for each in told) == ORDERS
    assert sum(each["problem_count"] for each in told) == 0
    activities = [("res_model", "=", "amazon.order")]
    assert clerk.count("mail.activity", activities) == ORDERS


# Both reserve the same products; who comes second does it once more.
@pytest.mark.expected_odoo_log(r"odoo\.sql_db: bad query")
def test_deliveries_labelled_by_two_users_at_once_get_one_label_each(
    server, standins, admin, shop_id, clerk, colleague
):
    put_in_stock(admin, PRODUCTS)
    jobs = [MainJob(client, shop_id) for client in (clerk, colleague)]
    report = make_report(20, datetime.now(timezone.utc))
    standins.amazon.orders.load_report(report)
    import_id = jobs[0].check(report)
    jobs[0].start_import(import_id)
    server.work_until(lambda: jobs[0].has_imported(import_id), 120, "the import")
    # Few enough for a request of each user: they do not wait for one another.
    deliveries = jobs[0].deliveries()
    runs = [job.create_labels(deliveries) for job in jobs]
    at_once(
        lambda: jobs[0].start_labels(runs[0]),
        lambda: jobs[1].start_labels(runs[1]),
    )
    domain = [("run_id", "in", runs), ("state", "=", "labelled")]
    parcels = clerk.search("delivery.parcel", domain)
    labelled = clerk.read("delivery.parcel", parcels, "picking_id", "tracking_number")
    assert len({parcel["picking_id"] for parcel in labelled}) == len(labelled) == 20
    shipments = standins.myparcel.shipments.values()
    bought = [shipment.barcode for shipment in shipments if shipment.barcode]
    assert sorted(bought) == sorted(parcel["tracking_number"] for parcel in labelled)
    states = clerk.read("stock.picking", deliveries, "state")
    assert {told["state"] for told in states} == {"done"}
    check_delivery_made_and_validated_at_once(server, standins, admin, shop_id)


def check_delivery_made_and_validated_at_once(server, standins, admin, shop_id):
    """Code makes and validates a delivery in one transaction: a run labels it."""
    (model,) = admin.search("ir.model", [("model", "=", "stock.picking")])
    (action,) = admin.create(
        "ir.actions.server",
        {
            "name": "Ship one more",
            "model_id": model,
            "state": "code",
            "code": "copied = record.copy()\ncopied.action_confirm()\n"
            "copied.action_assign()\ncopied.button_validate()",
        },
    )
    (sample,) = admin.search(
        "stock.picking", [("amazon_shop_id", "=", shop_id)], limit=1
    )
    bought = len(standins.myparcel.shipments)
    admin.call(
        "ir.actions.server",
        "run",
        [action],
        context={"active_model": "stock.picking", "active_id": sample},
    )
    (copied,) = admin.search("stock.picking", [], order="id desc", limit=1)
    assert copied != sample
    server.work_until(
        lambda: admin.read("stock.picking", copied, "state")["state"] == "done",
        60,
        "the validation",
    )
    told = admin.read("stock.picking", copied, "carrier_tracking_ref")
    assert told["carrier_tracking_ref"]
    assert len(standins.myparcel.shipments) == bought + 1


# Both end on the first page of the web client, which notes in core who is there.
@pytest.mark.expected_odoo_log(r'odoo\.sql_db: bad query: UPDATE "?res_users')
def test_answer_of_amazon_that_comes_twice_at_once_is_exchanged_once(
    server, standins, admin, shop_id
):
    admin.press("amazon.shop", shop_id, "action_disconnect")
    (consent,) = admin.create("amazon.consent.wizard", {"shop_id": shop_id})
    url = admin.press("amazon.consent.wizard", consent, "action_continue")["url"]
    seller = standins.seller.selling_partner_id
    answer = requests.get(f"{url}&seller={seller}", allow_redirects=False, timeout=10)
    path = answer.headers["Location"].removeprefix(server.url)
    again = OdooClient(server.url, server.database, "admin", "admin")
    standins.lwa.faults.add("token", "latency", seconds=0.5)

    at_once(lambda: admin.download(path), lambda: again.download(path))

    assert admin.read("amazon.shop", shop_id, "state")["state"] == "connected"
    # The exchange, and the access token with which the markets are read.
    assert standins.lwa.count("token") == 2


def at_once(*works) -> None:
    """Run functions in threads that start together; raises what one of them raised."""
    barrier = Barrier(len(works))

    def run(work):
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(run, works))

"""The screens of the push in a real Odoo: what failed is seen, mended and confirmed,
and a file takes the push's place."""

from __future__ import annotations

import csv
import re
from datetime import datetime, timezone

import pytest
from playwright.sync_api import expect

from tests.driver.main_job import MainJob
from tests.driver.shop import PLACEHOLDER, put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report, read_report
from tests.driver.web_client import button, cells, field

ORDERS = 3
# Amazon shows a confirmed parcel some minutes later.
SETTLING_SECONDS = 600


@pytest.fixture
def report():
    return make_report(ORDERS, datetime.now(timezone.utc))


@pytest.fixture
def job(admin, standins, shop_id, clerk, report):
    put_in_stock(admin, PRODUCTS)
    standins.amazon.orders.load_report(report)
    return MainJob(clerk, shop_id)


@pytest.fixture
def colissimo(admin, shop_id):
    """A delivery method of the merchant's own, without Amazon's code; the shop's."""
    product = admin.read("product.product", admin.ref(PLACEHOLDER), "id")["id"]
    (carrier,) = admin.create(
        "delivery.carrier", {"name": "Colissimo Domicile", "product_id": product}
    )
    admin.write("amazon.shop", shop_id, carrier_id=carrier)
    return carrier


def test_failed_push_is_seen_mended_and_confirmed(
    server, standins, browsing, admin, job, report, colissimo
):
    deliveries = ship_by_hand(admin, job, report)
    server.work_until(lambda: job.confirmations("failed") == ORDERS, 60, "the push")
    assert standins.amazon.count("confirmShipment") == 0

    page = browsing.log_in("admin", "admin")
    page.goto(f"{server.url}/odoo/amazon-shops")
    card = page.locator(".o_kanban_record", has_text="Failed Pushes")
    expect(card).to_have_count(1)
    browsing.take_picture(page, "push-shops")
    # Its numbers open what they count; the corner opens the shop.
    card.click(position={"x": 20, "y": 20})
    expect(field(page, "unmapped_carrier_ids")).to_contain_text("Colissimo Domicile")
    expect(field(page, "confirmation_failed_count")).to_contain_text(str(ORDERS))
    expect(page.locator(".o-mail-Activity")).to_have_count(1)
    browsing.take_picture(page, "push-shop-failed")
    page.locator("button[name=action_view_failed_confirmations]").click()
    expect(cells(page, "state", "Failed")).to_have_count(ORDERS)
    browsing.take_picture(page, "push-list-failed")

    page.goto(f"{server.url}/odoo/amazon-deliveries/{deliveries[0]}")
    alert = page.locator(".alert-danger", has_text="Amazon")
    expect(alert).to_contain_text("Colissimo Domicile")
    browsing.take_picture(page, "push-delivery-failed")
    alert.get_by_role("button", name="Add Carrier Code").click()
    code = page.locator(".modal .o_field_widget[name=carrier_code] input")
    expect(code).to_have_value("Colissimo")
    browsing.take_picture(page, "push-carrier-code")
    page.locator(".modal .o_form_button_save").click()
    expect(page.locator(".modal")).to_have_count(0)

    server.work_until(lambda: job.confirmations("pushed") == ORDERS, 60, "the push")
    page.reload()
    expect(field(page, "push_message")).to_have_text(re.compile(r"^pushed \d"))
    standins.clock.advance(SETTLING_SECONDS)
    page.goto(f"{server.url}/odoo/amazon-confirmations")
    page.locator("thead .o_list_record_selector input").click()
    button(page, "Check at Amazon").click()
    expect(cells(page, "state", "Confirmed")).to_have_count(ORDERS)
    browsing.take_picture(page, "push-list-confirmed")
    cells(page, "order_id", "").first.click()
    page.get_by_role("tab", name="History").click()
    browsing.take_picture(page, "push-confirmation")
    page.goto(f"{server.url}/odoo/amazon-deliveries/{deliveries[0]}")
    expect(field(page, "push_message")).to_have_text(re.compile(r"^confirmed \d"))
    browsing.take_picture(page, "push-delivery-confirmed")
    page.goto(f"{server.url}/odoo/amazon-carrier-codes")
    expect(cells(page, "carrier_code", "Colissimo")).to_have_count(1)
    browsing.take_picture(page, "push-carrier-codes")
    methods = f"{server.url}/odoo/action-delivery.action_delivery_carrier_form"
    page.goto(f"{methods}/{colissimo}")
    page.get_by_role("tab", name="Amazon").click()
    expect(cells(page, "carrier_code", "Colissimo")).to_have_count(1)
    browsing.take_picture(page, "push-delivery-method")
    page.goto(f"{server.url}/odoo/amazon-carriers")
    expect(cells(page, "code", "BPOST")).to_have_count(1)
    browsing.take_picture(page, "push-carriers")
    page.goto(f"{server.url}/odoo/amazon-shops/{job.shop_id}")
    expect(field(page, "unmapped_carrier_ids")).to_have_count(0)

    told = {item.carrier_code for item in standins.amazon.confirmations}
    assert told == {"Colissimo"}
    assert standins.amazon.count("confirmShipment", status=204) == ORDERS


def test_confirmation_file_takes_the_place_of_the_push(
    server, standins, browsing, admin, job, report, shop_id
):
    admin.press("amazon.shop", shop_id, "action_disconnect")
    label_all(server, job, report)
    page = browsing.log_in("admin", "admin")
    page.goto(f"{server.url}/odoo/amazon-shops/{shop_id}")
    expect(field(page, "confirmation_to_push_count")).to_contain_text(str(ORDERS))
    browsing.take_picture(page, "push-shop-to-push")
    with page.expect_download() as downloading:
        button(page, "Download Confirmation File").click()
    expect(page.locator(".o_notification")).to_contain_text(f"{ORDERS} parcels")
    expect(button(page, "Download Confirmation File")).to_have_count(0)
    browsing.take_picture(page, "push-file-downloaded")
    assert_tells_all(downloading.value.path(), read_report(report))

    page.goto(f"{server.url}/odoo/amazon-confirmations")
    expect(cells(page, "state", "Handed Over")).to_have_count(ORDERS)
    browsing.take_picture(page, "push-list-handed-over")
    page.goto(f"{server.url}/odoo/amazon-confirmation-files")
    expect(cells(page, "open_count", str(ORDERS))).to_have_count(1)
    browsing.take_picture(page, "push-files")
    cells(page, "filename", "").first.click()
    expect(button(page, "Take Back")).to_have_count(1)
    browsing.take_picture(page, "push-file")
    button(page, "Take Back").click()
    page.locator(".modal").get_by_role("button", name="Take Back").click()
    expect(button(page, "Take Back")).to_have_count(0)
    assert job.confirmations("to_push") == ORDERS
    assert standins.amazon.count("confirmShipment") == 0


def ship_by_hand(admin, job: MainJob, report: bytes) -> list[int]:
    """Deliveries done with numbers that were typed."""
    import_all(job, report)
    deliveries = job.deliveries()
    for number, delivery in enumerate(deliveries, start=1):
        admin.write("stock.picking", delivery, carrier_tracking_ref=f"6A{number:011d}")
    admin.call("stock.picking", "action_confirm", deliveries)
    admin.call("stock.picking", "button_validate", deliveries)
    return deliveries


def label_all(server, job: MainJob, report: bytes) -> None:
    import_all(job, report)
    run_id = job.create_labels(job.deliveries())
    job.start_labels(run_id)
    server.work_until(lambda: job.has_labelled(run_id), 60, "the labels")


def import_all(job: MainJob, report: bytes) -> None:
    import_id = job.check(report)
    job.start_import(import_id)
    assert job.has_imported(import_id)


def assert_tells_all(path, expected) -> None:
    """The file has each item of the report with its quantity, and a number."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert {
        (row["order-id"], row["order-item-id"], int(row["quantity"])) for row in rows
    } == {
        (order.order_ref, item, quantity)
        for order in expected.values()
        for item, quantity in order.quantities.items()
        if quantity
    }
    assert {row["carrier-code"] for row in rows} == {"PostNL"}
    assert all(row["tracking-number"] for row in rows)

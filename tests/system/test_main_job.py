"""The main job in a real Odoo, by people at the web client: from the report to what
Amazon knows. The pictures in `.dev/screenshots` show what they see."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from playwright.sync_api import Page, expect

from tests.driver import checks
from tests.driver.main_job import MainJob
from tests.driver.shop import PLACEHOLDER, put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report, read_report
from tests.driver.web_client import button, cells, choose_files, field, menu

# More than a label run does inside a request: the scheduled actions have to work.
ORDERS = 24
BACKGROUND_SECONDS = 120
# Amazon shows a confirmed parcel some minutes later.
SETTLING_SECONDS = 600


@pytest.fixture
def report():
    return make_report(ORDERS, datetime.now(timezone.utc))


@pytest.fixture
def expected(report):
    return read_report(report)


@pytest.fixture
def job(admin, standins, shop_id, clerk, report):
    """The clerk's work in a shop whose orders Amazon knows, products in stock."""
    put_in_stock(admin, PRODUCTS)
    standins.amazon.orders.load_report(report)
    return MainJob(clerk, shop_id)


def test_clerk_ships_all_orders_of_a_report_and_amazon_knows(
    server, standins, browsing, job, report, expected
):
    page = browsing.log_in("clerk", "clerk")
    upload(page, report)
    browsing.take_picture(page, "import-dialog")
    button(page, "Check").click()
    expect(field(page, "order_count")).to_have_text(str(ORDERS))
    expect(field(page, "problem_count")).to_have_text("0")
    browsing.take_picture(page, "check-screen")

    button(page, f"Import {ORDERS} Orders").click()
    button(page, "Show Deliveries").click()
    expect(cells(page, "state", "Draft")).to_have_count(ORDERS)
    browsing.take_picture(page, "delivery-list")

    page.locator("thead .o_list_record_selector input").click()
    button(page, "Create Labels").click()
    expect(field(page, "ready_count")).to_have_text(str(ORDERS))
    browsing.take_picture(page, "label-run-check")
    button(page, "Create Labels").click()
    download = button(page, "Download Labels")
    wait_in_background(server, download)
    browsing.take_picture(page, "label-run")
    with page.expect_download() as downloading:
        download.click()
    pdf = downloading.value.path().read_bytes()

    myparcel = standins.myparcel.state()
    assert list(checks.compare_labels(expected, myparcel, pdf)) == []
    page.locator("button[name=action_view_deliveries]").click()
    expect(cells(page, "state", "Done")).to_have_count(ORDERS)
    server.work_until(lambda: not job.confirmations("to_push"), 120, "the push")
    page.reload()
    expect(cells(page, "push_state", "Pushed")).to_have_count(ORDERS)
    browsing.take_picture(page, "delivery-list-done")
    cells(page, "name", "").first.click()
    page.get_by_role("tab", name="Parcels").click()
    browsing.take_picture(page, "delivery-labelled")
    page.get_by_role("tab", name="Amazon").click()
    browsing.take_picture(page, "delivery-amazon")

    amazon = standins.amazon.state()
    assert list(checks.compare_confirmations(expected, amazon, myparcel)) == []
    assert standins.amazon.count("confirmShipment") == ORDERS
    assert standins.amazon.count("confirmShipment", status=204) == ORDERS

    standins.clock.advance(SETTLING_SECONDS)
    menu(page, "Tracking", "Confirmations")
    page.locator("thead .o_list_record_selector input").click()
    button(page, "Check at Amazon").click()
    expect(cells(page, "state", "Confirmed")).to_have_count(ORDERS)
    browsing.take_picture(page, "confirmations")


def test_buyers_get_neither_text_nor_mail_by_label_run_or_plain_validation(
    server, standins, browsing, admin, job, report, expected
):
    assert_texting_is_on(admin)
    mails = admin.count("mail.mail")
    import_orders(job, report)
    assert any(admin.read("amazon.order", all_ids(admin), "recipient_phone"))
    first, *rest = job.deliveries()
    run_id = job.create_labels(rest)
    job.start_labels(run_id)
    server.work_until(lambda: job.has_labelled(run_id), 120, "the labels")

    page = browsing.log_in("clerk", "clerk")
    page.goto(f"{server.url}/odoo/amazon-deliveries/{first}")
    button(page, "Validate").click()
    expect(page.locator(".o_arrow_button_current")).to_have_text("Done")
    expect(page.locator(".modal")).to_have_count(0)

    done = [("id", "in", [first, *rest]), ("state", "=", "done")]
    assert admin.count("stock.picking", done) == ORDERS
    server.work_until(lambda: not job.confirmations("to_push"), 120, "the push")
    told = standins.amazon.state(), standins.myparcel.state()
    assert list(checks.compare_confirmations(expected, *told)) == []
    assert standins.amazon.count("confirmShipment") == ORDERS
    assert admin.count("sms.sms") == 0
    assert admin.count("mail.mail") == mails
    buyers = admin.search(
        "res.partner", [("active", "=", False), ("type", "=", "delivery")]
    )
    assert len(buyers) == ORDERS
    assert admin.count("mail.notification", [("res_partner_id", "in", buyers)]) == 0
    assert admin.count("mail.message", [("partner_ids", "in", buyers)]) == 0


def test_second_import_of_the_same_report_changes_nothing(job, report):
    import_orders(job, report)
    before = job.count_all()
    import_id = job.check(report)
    told = job.client.read("amazon.order.import", import_id, "new_count", "known_count")
    assert (told["new_count"], told["known_count"]) == (0, ORDERS)
    job.start_import(import_id)
    assert job.has_imported(import_id)
    assert job.count_all() == before
    assert before["stock.picking"] == before["amazon.order"] == ORDERS


# What the people do


def upload(page: Page, report: bytes) -> None:
    """Open the app and its dialog, choose the file."""
    page.locator(".o_navbar_apps_menu button").click()
    page.get_by_role("menuitem", name="Amazon", exact=True).click()
    menu(page, "Imports", "Upload Orders")
    choose_files(page, {"unshipped.txt": report})


def wait_in_background(server, shown) -> None:
    """Until something is there: the page shows it by itself."""
    server.work_until(
        shown.is_visible, BACKGROUND_SECONDS, "the work in the background"
    )


def import_orders(job: MainJob, report: bytes) -> None:
    import_id = job.check(report)
    job.start_import(import_id)
    assert job.has_imported(import_id)


def all_ids(admin) -> list[int]:
    return admin.search("amazon.order", [])


def assert_texting_is_on(admin) -> None:
    """Odoo does text: the contact of an ordinary delivery would get a message."""
    (contact,) = admin.create(
        "res.partner", {"name": "No buyer of Amazon", "phone": "+31612345678"}
    )
    (warehouse,) = admin.search("stock.warehouse", [])
    out_type = admin.read("stock.warehouse", warehouse, "out_type_id")["out_type_id"]
    (picking,) = admin.create(
        "stock.picking", {"partner_id": contact, "picking_type_id": out_type}
    )
    where = admin.read("stock.picking", picking, "location_id", "location_dest_id")
    admin.create(
        "stock.move",
        {
            "picking_id": picking,
            "product_id": admin.ref(PLACEHOLDER),
            "product_uom_qty": 1,
            "location_id": where["location_id"],
            "location_dest_id": where["location_dest_id"],
        },
    )
    action = admin.press("stock.picking", picking, "button_validate")
    assert action["res_model"] == "confirm.stock.sms"

"""The main job in a real Odoo, by people at the web client: from the report to what
Amazon knows. The pictures in `.dev/screenshots` show what they see."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.driver import checks
from tests.driver.main_job import MainJob
from tests.driver.shop import PLACEHOLDER, put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report, read_report
from tests.driver.web_client import button, cells, choose_files, field, leaving, menu

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
    server, standins, browsing, admin, job, report, expected
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

    spoiled = Spoiled(server, admin, job.deliveries())
    page.locator("thead .o_list_record_selector input").click()
    button(page, "Create Labels").click()
    expect(field(page, "problem_count")).to_have_text("5")
    spoiled.make_too_heavy()
    button(page, "Check Again").click()
    expect(field(page, "problem_count")).to_have_text("6")
    browsing.take_picture(page, "label-run-problems")
    mend_in_web_client(page, spoiled)
    spoiled.mend_the_others()
    button(page, "Check Again").click()
    expect(field(page, "ready_count")).to_have_text(str(ORDERS))
    browsing.take_picture(page, "label-run-check")
    button(page, "Create Labels").click()
    expect(page.locator(".o_field_amazon_live_progressbar")).to_be_visible()
    browsing.take_picture(page, "label-run-progress")
    # Whoever leaves the page finds it as it is by then.
    with leaving(page):
        page.locator(".o_breadcrumb").get_by_text("Deliveries", exact=True).click()
        expect(page.locator(".o_list_view")).to_be_visible()
    page.go_back()
    download = button(page, "Download Labels")
    wait_in_background(server, download)
    expect(page.locator(".alert-success")).to_contain_text(f"{ORDERS} of {ORDERS}")
    page.mouse.move(0, 0)  # no tooltip in the picture
    browsing.take_picture(page, "label-run")
    with page.expect_download() as downloading:
        download.click()
    pdf = downloading.value.path().read_bytes()

    myparcel = standins.myparcel.state()
    assert list(checks.compare_labels(expected, myparcel, pdf)) == []
    button(page, "Show Deliveries").click()
    expect(cells(page, "state", "Done")).to_have_count(ORDERS)
    server.work_until(lambda: not job.confirmations("to_push"), 120, "the push")
    page.reload()
    expect(cells(page, "push_state", "Pushed")).to_have_count(ORDERS)
    browsing.take_picture(page, "delivery-list-done")

    assert (
        list(checks.compare_sheets(myparcel, reprint_on_sheets(page, browsing))) == []
    )
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

    office = browsing.log_in("admin", "admin")
    let_myparcel_report(office, server.url)
    browsing.take_picture(office, "settings-myparcel")
    move_parcels(standins.myparcel)
    page.goto(f"{server.url}/odoo/parcels")
    server.work_until(
        lambda: admin.count("delivery.parcel", [("tracking_state", "=", "delivered")]),
        120,
        "what MyParcel reports",
    )
    page.reload()
    expect(cells(page, "tracking_state", "Delivered")).to_have_count(1)
    expect(cells(page, "tracking_state", "Problem")).to_have_count(1)
    browsing.take_picture(page, "parcels")
    cells(page, "tracking_state", "Problem").first.click()
    browsing.take_picture(page, "parcel-tracking")


def reprint_on_sheets(page: Page, browsing) -> bytes:
    """Print the labels of the whole list again, on A4, without the mouse at the end."""
    page.locator("thead .o_list_record_selector input").click()
    button(page, "Print Labels").click()
    dialog = page.locator(".modal-dialog")
    expect(dialog.locator("[name=label_count]")).to_have_text(str(ORDERS))
    dialog.get_by_label("A4 sheets").check()
    dialog.get_by_label("Four", exact=True).check()
    dialog.get_by_label("Top left", exact=True).check()
    browsing.take_picture(page, "print-labels")
    with page.expect_download() as downloading:
        page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    return downloading.value.path().read_bytes()


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


# What goes wrong


class Spoiled:
    """Six deliveries that wait for a person, each for another reason."""

    def __init__(self, server, admin, delivery_ids: list[int]):
        self.admin, self.ids = admin, delivery_ids
        (self.address, self.method, self.cancelled, self.held, *rest) = (
            self._find_dutch()
        )
        self.option, self.heavy, *__ = rest
        contact, self.zip = self._read_address()
        admin.write("res.partner", contact, zip=False)
        told = admin.read("stock.picking", self.method, "carrier_id")
        self.carrier = told["carrier_id"]
        admin.write("stock.picking", self.method, carrier_id=False)
        # Amazon tells it: no person may write it.
        server.environment.server.query(
            "UPDATE amazon_order SET cancel_requested = true"
            f" WHERE id = {self._get_order()}",
            server.database,
        )
        admin.write("stock.picking", self.held, amazon_on_hold=True)
        admin.write("stock.picking", self.option, label_receipt_code="yes")

    def make_too_heavy(self) -> None:
        self.admin.write("delivery.parcel", self._get_parcel(), weight_kg=41.5)

    def mend_the_others(self) -> None:
        self.admin.write("stock.picking", self.method, carrier_id=self.carrier)
        order = self._get_order()
        self.admin.press("amazon.order", order, "action_release_cancellation")
        self.admin.press("stock.picking", self.held, "action_release_hold")
        self.admin.write("stock.picking", self.option, label_receipt_code="no")

    def _find_dutch(self) -> list[int]:
        country = ("partner_id.country_id.code", "=", "NL")
        return self.admin.search("stock.picking", [("id", "in", self.ids), country])

    def _read_address(self) -> tuple[int, str]:
        told = self.admin.read("stock.picking", self.address, "partner_id")
        contact = told["partner_id"]
        return contact, self.admin.read("res.partner", contact, "zip")["zip"]

    def _get_order(self) -> int:
        told = self.admin.read("stock.picking", self.cancelled, "amazon_order_ids")
        return told["amazon_order_ids"][0]

    def _get_parcel(self) -> int:
        domain = [("picking_id", "=", self.heavy)]
        return self.admin.search("delivery.parcel", domain)[0]


# What the people do


def mend_in_web_client(page: Page, spoiled: Spoiled) -> None:
    """The address on its form, the weight in a dialog; both are checked at once."""
    problem(page, "Postal code").get_by_role("button", name="Mend").click()
    field(page, "recipient_zip").locator("input").fill(spoiled.zip)
    page.locator(".o_form_button_save").click()
    page.locator(".o_breadcrumb").get_by_text("Labels ").click()
    expect(field(page, "problem_count")).to_have_text("5")
    expect(problem(page, "Postal code")).to_have_count(0)
    problem(page, "heavier than").get_by_role("button", name="Mend").click()
    dialog = page.locator(".modal-dialog")
    dialog.locator("[name=weight_kg] input").fill("1.25")
    dialog.get_by_role("button", name="Save").click()
    expect(field(page, "problem_count")).to_have_text("4")
    expect(problem(page, "heavier than")).to_have_count(0)


def problem(page: Page, text: str):
    return page.locator(".o_data_row:has(td[name=error])", has_text=text)


def let_myparcel_report(page: Page, url: str) -> None:
    """Only an administrator can."""
    page.goto(f"{url}/odoo/action-stock.action_stock_config_settings")
    page.locator("button[name=action_subscribe_to_myparcel]").click()
    button(page, "Let It Report").click()
    told = page.get_by_text("MyParcel reports here when a parcel moves.")
    expect(told).to_be_visible()
    told.scroll_into_view_if_needed()


def move_parcels(myparcel) -> None:
    """One arrives, one is lost, the others are under way; MyParcel calls for each."""
    delivered, lost, *others = [s for s in myparcel.shipments.values() if s.barcode]
    for shipment, status in ((delivered, 7), (lost, 35), *((s, 4) for s in others)):
        shipment.status = status
        for call in myparcel.hook_calls(shipment):
            answer = requests.post(
                call.url, data=call.body, headers=call.headers, timeout=60
            )
            assert answer.status_code == 202


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

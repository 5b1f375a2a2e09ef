"""A clerk's morning at the deliveries: list, merge, scanning, printing what is left."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.driver.main_job import MainJob
from tests.driver.shop import put_in_stock
from tests.driver.unshipped_report import PRODUCTS, change_report, make_report
from tests.driver.web_client import button, cells, field, menu

ORDERS = 7
DESKTOP, LAPTOP = {"width": 1366, "height": 768}, {"width": 1024, "height": 768}
TABLET, PHONE = {"width": 768, "height": 1024}, {"width": 390, "height": 844}
ADDRESS = {
    "ship-country": "NL",
    "ship-address-1": "Voorbeeldstraat 12",
    "ship-address-2": "",
    "ship-address-3": "",
    "ship-postal-code": "3511 AB",
    "ship-city": "Utrecht",
    "ship-state": "",
    "sales-channel": "Amazon.nl",
}


@pytest.fixture
def orders():
    """The ids of the orders in the report, as they stand there."""
    return []


@pytest.fixture
def page(browsing, admin, standins, shop_id, clerk, orders) -> Page:
    """The clerk on the list of deliveries; the first two orders go to one buyer."""
    put_in_stock(admin, PRODUCTS)
    admin.write("amazon.shop", shop_id, validate_after=False)
    report = change_report(
        make_report(ORDERS, datetime.now(timezone.utc)),
        lambda row: _simplify(row, orders),
    )
    standins.amazon.orders.load_report(report)
    job = MainJob(clerk, shop_id)
    job.start_import(job.check(report))
    page = browsing.log_in("clerk", "clerk")
    page.goto(f"{clerk.url}/odoo/amazon-deliveries")
    expect(page.locator(".o_data_row")).to_have_count(ORDERS)
    return page


def _simplify(row, orders):
    if row["order-id"] not in orders:
        orders.append(row["order-id"])
    number = orders.index(row["order-id"])
    buyer = max(number, 1)
    row.update(ADDRESS)
    row["ship-address-1"] = f"Voorbeeldstraat {buyer}"
    row["recipient-name"] = row["buyer-name"] = f"Klant {buyer}"
    row["buyer-email"] = f"klant{buyer}@marketplace.amazon.nl"
    row["sku"] = PRODUCTS[number % 2].sku
    promised = datetime.now(timezone.utc) + timedelta(hours=9 * number - 4)
    row["promise-date"] = promised.isoformat(timespec="seconds")
    row["is-prime"] = "true" if number == 3 else "false"
    row["is-business-order"] = "true" if number == 4 else "false"


def test_a_clerk_merges_scans_and_prints_what_is_left(
    page, browsing, clerk, standins, orders
):
    edit_in_list(page)
    browsing.take_picture(page, "deliveries")
    merge(page, browsing, orders)
    undo_and_merge_again(page, browsing, orders)
    scan(page, browsing, standins.myparcel, orders)
    print_all_new(page, browsing, standins.myparcel)
    look_at_lists(page, browsing, clerk.url)
    look_at_other_widths(page, browsing, clerk.url)


def edit_in_list(page: Page) -> None:
    """One weight for several deliveries at once."""
    expect(cells(page, "amazon_kind", "Prime")).to_have_count(1)
    expect(cells(page, "amazon_kind", "Business")).to_have_count(1)
    expect(page.locator("td[name=amazon_market_code] img").first).to_be_visible()
    rows = page.locator(".o_data_row .o_list_record_selector input")
    for number in (ORDERS - 1, ORDERS - 2):
        rows.nth(number).click()
    cell = page.locator(".o_data_row td[name=parcel_weight]").last
    cell.click()
    cell.locator("input").fill("3.5")
    cell.locator("input").press("Enter")
    page.locator(".modal").get_by_role("button", name="Update").click()
    expect(cells(page, "parcel_weight", "3.5")).to_have_count(2)
    page.reload()
    expect(cells(page, "parcel_weight", "3.5")).to_have_count(2)


def merge(page: Page, browsing, orders) -> None:
    button(page, "Merge").click()
    dialog = page.locator(".modal-dialog")
    expect(dialog.locator("[name=order_names]").last).to_contain_text(orders[0])
    browsing.take_picture(page, "merge")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(page.locator(".o_data_row")).to_have_count(1)
    expect(cells(page, "origin", orders[1])).to_have_count(1)


def undo_and_merge_again(page: Page, browsing, orders) -> None:
    cells(page, "origin", orders[0]).click()
    page.get_by_role("tab", name="Amazon").click()
    browsing.take_picture(page, "delivery-merged")
    button(page, "Undo Merge").click()
    expect(field(page, "origin").locator("input")).to_have_value(orders[0])
    menu(page, "Deliveries")
    expect(page.locator(".o_data_row")).to_have_count(ORDERS)
    button(page, "Merge").click()
    page.locator(".modal-dialog").get_by_role("button", name="Merge").first.click()
    expect(page.locator(".o_data_row")).to_have_count(1)


def scan(page: Page, browsing, myparcel, orders) -> None:
    """As a scanner does: into whatever has the focus, with Enter at the end."""
    menu(page, "Scan to Print")
    answer = page.locator(".o_amazon_scan_answer")
    code = page.get_by_label("Scan an order, a delivery or a product")
    expect(code).to_be_focused()
    with page.expect_download() as downloading:
        wedge(page, orders[1])
        # The trigger was held too long.
        wedge(page, orders[1])
        expect(answer).to_have_attribute("data-status", "labelled")
    pdf = PdfReader(io.BytesIO(downloading.value.path().read_bytes()))
    (number,) = bought(myparcel)
    assert number in pdf.pages[0].extract_text()
    expect(page.get_by_text("was scanned twice")).to_be_visible()
    browsing.take_picture(page, "scan-labelled")

    wedge(page, orders[0])
    expect(answer).to_have_attribute("data-status", "known")
    browsing.take_picture(page, "scan-known")
    with page.expect_download():
        button(page, "Print Again").click()
    expect(code).to_be_focused()
    assert bought(myparcel) == [number]

    with page.expect_download():
        wedge(page, PRODUCTS[0].sku)
    expect(answer).to_have_attribute("data-status", "labelled")
    expect(answer).to_contain_text(orders[2])
    wedge(page, "9999999999999")
    expect(answer).to_have_attribute("data-status", "unknown")
    browsing.take_picture(page, "scan-unknown")
    # What else is on a parcel may be long; it stays in its row.
    wedge(page, "9" * 300)
    past = page.locator("li.list-group-item", has_text="9" * 300)
    expect(past).to_be_visible()
    assert past.evaluate("row => row.scrollWidth <= row.clientWidth")
    assert len(bought(myparcel)) == 2


def wedge(page: Page, code: str) -> None:
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def bought(myparcel) -> list[str]:
    return [s.barcode for s in myparcel.shipments.values() if s.barcode]


def print_all_new(page: Page, browsing, myparcel) -> None:
    menu(page, "Deliveries")
    # What Odoo remembers of the list is shown first; a selection in that is lost.
    expect(cells(page, "label_state", "Labelled")).to_have_count(2)
    page.locator("thead .o_list_record_selector input").click()
    button(page, "Create Labels").click()
    button(page, "Create Labels for the Others").click()
    expect(button(page, "Download Labels")).to_be_visible()
    menu(page, "Deliveries")
    button(page, "Print All New").click()
    with page.expect_download() as downloading:
        page.locator(".modal-dialog").get_by_role("button", name="Print").click()
    pdf = PdfReader(io.BytesIO(downloading.value.path().read_bytes()))
    # One was scanned with its order, one with its product, two orders were merged.
    assert len(pdf.pages) == ORDERS - 3 == len(bought(myparcel)) - 2
    expect(cells(page, "parcel_weight", "3.5")).to_have_count(2)
    browsing.take_picture(page, "deliveries-labelled")
    button(page, "Print All New").click()
    expect(page.get_by_text("All labels have been printed.")).to_be_visible()


def look_at_lists(page: Page, browsing, url: str) -> None:
    """Of no column anything is cut off, and the list keeps its title."""
    for path, size in (
        ("amazon-deliveries", DESKTOP),
        ("amazon-deliveries", LAPTOP),
        ("amazon-deliveries", TABLET),
        ("parcels", DESKTOP),
    ):
        page.set_viewport_size(size)
        page.goto(f"{url}/odoo/{path}")
        expect(page.locator(".o_data_row").first).to_be_visible()
        expect(page.locator(".o_breadcrumb .active")).to_be_visible()
        shown, needed = page.locator(".o_list_renderer").evaluate(
            "list => [list.clientWidth, list.scrollWidth]"
        )
        assert needed <= shown
        browsing.take_picture(page, f"{path}-{size['width']}")


def look_at_other_widths(page: Page, browsing, url: str) -> None:
    for name, size in (("tablet", TABLET), ("phone", PHONE)):
        page.set_viewport_size(size)
        page.goto(f"{url}/odoo/amazon-deliveries")
        expect(page.locator(".o_data_row, .o_kanban_record").first).to_be_visible()
        browsing.take_picture(page, f"deliveries-{name}")
        page.goto(f"{url}/odoo/amazon-scan")
        code = page.get_by_label("Scan an order, a delivery or a product")
        expect(code).to_be_focused()
        wedge(page, "9999999999999")
        expect(page.locator(".o_amazon_scan_answer")).to_be_visible()
        browsing.take_picture(page, f"scan-{name}")

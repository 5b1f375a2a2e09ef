"""Shipping rules in a real Odoo: written, tried, applied, overruled, released.

What a rule gave to GLS is labelled there, one of it at a parcel shop, and is on the
list of the day.
"""

from __future__ import annotations

import io
from datetime import datetime, timezone

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.driver.shop import MANAGER, POSTNL, connect_gls, create_user, put_in_stock
from tests.driver.unshipped_report import PRODUCTS, change_report, make_report
from tests.driver.web_client import button, cells, choose_files, field, menu

GLS = "GLS"
ORDERS = 6


@pytest.fixture
def page(browsing, admin, standins, shop_id) -> Page:
    """The person in charge at the app, on the list of deliveries."""
    put_in_stock(admin, PRODUCTS)
    connect_gls(admin, standins.connection(), shop_id, gls_confirm="day_list")
    admin.write("amazon.shop", shop_id, carrier_id=admin.ref(POSTNL))
    create_user(admin, "boss", MANAGER, name="Bo Beheer")
    page = browsing.log_in("boss", "boss")
    page.goto(f"{admin.url}/odoo/amazon-deliveries")
    return page


def report():
    """Orders of one item each; every second one is for a blue mug."""
    orders: dict[str, int] = {}

    def change(row):
        number = orders.setdefault(row["order-id"], len(orders))
        row["sku"] = "PAN-24" if number % 2 else "MUG-BLUE"

    return change_report(make_report(ORDERS, datetime.now(timezone.utc)), change)


def test_a_rule_is_written_and_the_deliveries_of_an_import_follow_it_to_gls(
    page, browsing, admin, standins
):
    write_rule(page, browsing)
    import_orders(page, browsing)
    mugs, others = cells(page, "carrier_id", GLS), cells(page, "carrier_id", "PostNL")
    expect(mugs).to_have_count(ORDERS // 2)
    expect(others).to_have_count(ORDERS // 2)
    browsing.take_picture(page, "deliveries-by-rule")

    mugs.first.click()
    page.get_by_role("tab", name="Additional Info").click()
    expect(field(page, "amazon_choice_text").first).to_contain_text("SKU MUG-BLUE")
    expect(field(page, "label_options_text")).to_have_text(
        "Only Recipient: Yes (Blue mugs)"
    )
    browsing.take_picture(page, "delivery-by-rule")
    choose(page, "carrier_id", "PostNL")
    button(page, "Save manually").click()
    expect(field(page, "amazon_choice_text").first).to_contain_text("Chosen by hand.")
    browsing.take_picture(page, "delivery-by-hand")

    try_rule(page, browsing)
    hold_the_rest(page, browsing, admin)
    to_parcel_shop(page, browsing)
    label_with_gls(page, browsing, standins.gls)
    confirm_the_day(page, browsing, standins.gls)

    page = browsing.log_in("admin", "admin")
    page.goto(f"{admin.url}/odoo/delivery.carrier/{admin.ref(POSTNL)}")
    page.get_by_role("tab", name="Label Options").click()
    expect(field(page, "label_signature")).to_be_visible()
    browsing.take_picture(page, "delivery-method-options")


def write_rule(page: Page, browsing) -> None:
    menu(page, "Configuration", "Shipping Rules")
    expect(page.get_by_text("Create a shipping rule")).to_be_visible()
    button(page, "New").click()
    field(page, "name").locator("input, textarea").fill("Blue mugs")
    choose(page, "carrier_id", GLS)
    field(page, "skus").locator("input").fill("MUG-BLUE")
    # Options of MyParcel are none of GLS's.
    expect(field(page, "label_signature")).to_have_count(0)
    select(page, "label_only_recipient", "Yes")
    browsing.take_picture(page, "shipping-rule")
    button(page, "Save manually").click()
    expect(page.locator(".o_form_status_indicator_buttons.invisible")).to_have_count(1)


def import_orders(page: Page, browsing) -> None:
    menu(page, "Imports", "Upload Orders")
    choose_files(page, {"unshipped.txt": report()})
    button(page, "Check").click()
    expect(cells(page, "rule_id", "Blue mugs")).to_have_count(ORDERS // 2)
    browsing.take_picture(page, "import-check-by-rule")
    button(page, f"Import {ORDERS} Orders").click()
    button(page, f"{ORDERS} imported").click()
    # The lines of the import have the same columns, but this one.
    expect(cells(page, "state", "Draft")).to_have_count(ORDERS)


def try_rule(page: Page, browsing) -> None:
    menu(page, "Configuration", "Shipping Rules")
    cells(page, "name", "Blue mugs").click()
    button(page, "Try on Open Deliveries").click()
    expect(page.locator(".o_breadcrumb")).to_contain_text(
        f"Fit Blue mugs: {ORDERS // 2}"
    )
    expect(page.locator(".o_data_row")).to_have_count(ORDERS // 2)
    browsing.take_picture(page, "shipping-rule-tried")


def hold_the_rest(page: Page, browsing, admin) -> None:
    admin.create(
        "amazon.shipping.rule",
        {"name": "Look at pans first", "skus": "PAN-24", "hold": True},
    )
    menu(page, "Deliveries")
    expect(page.locator(".o_data_row")).to_have_count(ORDERS)
    page.locator("thead .o_list_record_selector input").click()
    # An icon is part of its name.
    page.locator(".o_cp_action_menus button", has_text="Actions").click()
    page.get_by_role("menuitem", name="Apply Shipping Rules").click()
    notice = page.locator(".o_notification_content")
    expect(notice).to_contain_text(f"{ORDERS // 2} of {ORDERS} deliveries changed.")
    expect(notice).to_contain_text("a person chose the delivery method")
    browsing.take_picture(page, "rules-applied")
    page.locator(".o_notification_close").click()

    cells(page, "carrier_id", "PostNL").last.click()
    banner = page.locator(".alert", has_text="On hold.")
    expect(banner).to_contain_text("Look at pans first")
    browsing.take_picture(page, "delivery-on-hold")
    banner.get_by_role("button", name="Release").click()
    expect(banner).to_have_count(0)


def to_parcel_shop(page: Page, browsing) -> None:
    """One of the deliveries that go with GLS."""
    menu(page, "Deliveries")
    cells(page, "carrier_id", GLS).first.click()
    page.get_by_role("tab", name="Additional Info").click()
    choosing = page.locator("button[name=action_choose_parcel_shop]")
    expect(choosing).to_have_count(0)
    select(page, "label_parcel_shop", "Yes")
    choosing.click()
    shops = page.locator(".modal .o_data_row")
    expect(shops).to_have_count(10)
    browsing.take_picture(page, "parcel-shops")
    shops.nth(1).get_by_role("button", name="Choose").click()
    expect(page.locator(".modal")).to_have_count(0)
    expect(field(page, "parcel_shop_name")).to_have_text("Voorbeeldwinkel 2")
    browsing.take_picture(page, "delivery-parcel-shop")


def label_with_gls(page: Page, browsing, gls) -> None:
    """What the rule gave to GLS, but for the one that a person took away."""
    menu(page, "Deliveries")
    chosen = page.locator(".o_data_row").filter(has=cell(page, "carrier_id", GLS))
    expect(chosen).to_have_count(ORDERS // 2 - 1)
    for row in chosen.all():
        row.locator(".o_list_record_selector input").click()
    page.locator(".o_cp_action_menus button", has_text="Actions").click()
    page.get_by_role("menuitem", name="Create Labels").click()
    expect(field(page, "ready_count")).to_have_text(str(ORDERS // 2 - 1))
    button(page, "Create Labels").click()
    with page.expect_download() as downloading:
        button(page, "Download Labels").click()
    browsing.take_picture(page, "gls-label-run")
    pages = PdfReader(io.BytesIO(downloading.value.path().read_bytes())).pages
    texts = [label.extract_text() for label in pages]
    assert len(texts) == len(gls.units) == ORDERS // 2 - 1
    assert all(any(number in text for text in texts) for number in gls.units)
    asked = [
        call.data["services"] for call in gls.calls if call.operation == "Label/Create"
    ]
    assert all(services["addresseeOnlyService"] for services in asked)
    assert [services.get("shopDeliveryService") for services in asked].count(True) == 1


def confirm_the_day(page: Page, browsing, gls) -> None:
    menu(page, "Labels", "Day List")
    dialog = page.locator(".modal")
    expect(dialog.locator(".o_data_row")).to_have_count(ORDERS // 2 - 1)
    browsing.take_picture(page, "day-list")
    button(page, "Confirm at the Carrier").click()
    expect(button(page, "Confirm at the Carrier")).to_have_count(0)
    expect(button(page, "Print")).to_be_visible()
    browsing.take_picture(page, "day-list-confirmed")
    assert all(unit.confirmed for unit in gls.units.values())
    dialog.locator("footer button", has_text="Close").click()


def cell(page: Page, name: str, text: str):
    return page.locator(f"td[name={name}]", has_text=text)


def select(page: Page, name: str, text: str) -> None:
    field(page, name).locator("input").click()
    page.locator(".o_select_menu_item", has_text=text).click()


def choose(page: Page, name: str, text: str) -> None:
    field(page, name).locator("input").fill(text)
    page.locator(".o-autocomplete--dropdown-item", has_text=text).first.click()

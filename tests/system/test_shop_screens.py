"""The screens of the shops: one is added, set up, stops, works again and is removed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.driver.web_client import button, cells, field, menu

NARROW = {"width": 390, "height": 844}


@pytest.fixture
def shops(server, browsing):
    """The administrator at the list of shops, with the shop of the stand-ins."""
    page = browsing.log_in("admin", "admin")
    page.goto(f"{server.url}/odoo/amazon-shops")
    return page


def test_manager_adds_a_shop_switches_its_markets_and_removes_it(
    server, admin, shop_id, browsing, shops
):
    page = shops
    button(page, "New").click()
    field(page, "name").locator("input").fill("Amazon second account")
    # The tick follows when the form has taken it.
    for market in ("Amazon.nl", "Amazon.de", "Amazon.com.be", "Amazon.de"):
        box = field(page, "market_ids").get_by_label(market, exact=True)
        ticked = box.is_checked()
        box.click()
        expect(box).to_be_checked(checked=not ticked)
    field(page, "import_automatically").locator("input").check()
    field(page, "import_interval").locator("input").fill("15")
    browsing.take_picture(page, "shop-new")
    page.locator(".o_form_button_save").click()
    expect(page.locator(".alert-danger")).to_contain_text("not connected to Amazon")
    browsing.take_picture(page, "shop-connection-missing")
    (added,) = admin.search("amazon.shop", [("id", "!=", shop_id)])
    told = admin.read("amazon.shop", added, "market_ids", "import_interval")
    codes = admin.read("amazon.market", told["market_ids"], "code")
    assert {market["code"] for market in codes} == {"NL", "BE"}
    assert told["import_interval"] == 15

    for tab in ("Deliveries", "Tracking", "Connection", "Listings"):
        page.get_by_role("tab", name=tab).click()
        browsing.take_picture(page, f"shop-tab-{tab.lower()}")
    page.locator("button", has_text="Installation Guide").click()
    expect(page.locator(".modal")).to_contain_text("Professional selling plan")
    browsing.take_picture(page, "shop-guide")
    page.locator(".modal footer").get_by_role("button", name="Close").click()
    expect(page.locator(".modal")).to_have_count(0)

    page.goto(f"{server.url}/odoo/amazon-shops")
    expect(page.locator(".o_kanban_record:not(.o_kanban_ghost)")).to_have_count(2)
    browsing.take_picture(page, "shops-kanban")
    page.locator(".o_switch_view.o_list").click()
    expect(cells(page, "health", "Connection Missing")).to_have_count(1)
    expect(cells(page, "health", "Connected")).to_have_count(1)
    browsing.take_picture(page, "shops-list")
    cells(page, "health", "Connection Missing").click()
    button(page, "Remove").click()
    browsing.take_picture(page, "shop-remove")
    page.locator(".modal").get_by_role("button", name="Remove").click()
    notice = page.locator(".o_notification_content")
    expect(notice).to_have_text("Shop Amazon second account is deleted.")
    assert admin.count("amazon.shop") == 1


def test_shop_that_stopped_says_so_and_what_to_do(
    server, admin, shop_id, browsing, shops
):
    page = shops
    name = admin.read("amazon.shop", shop_id, "name")["name"]
    admin.write("amazon.shop", shop_id, import_automatically=True)
    admin.press("amazon.shop", shop_id, "action_disconnect")
    watch = admin.ref("amazon_carrier_connector.cron_watch_shops")
    admin.press("ir.cron", watch, "method_direct_trigger")

    page.reload()
    card = page.locator(".o_kanban_record", has_text=name)
    expect(card).to_contain_text("Connection Missing")
    browsing.take_picture(page, "shops-kanban-stopped")
    card.click()
    expect(page.locator(".alert-danger")).to_contain_text("Connect it, or switch off")
    expect(page.locator(".o-mail-Activity")).to_have_count(1)
    browsing.take_picture(page, "shop-stopped")
    page.set_viewport_size(NARROW)
    expect(page.locator(".alert-danger")).to_be_visible()
    browsing.take_picture(page, "shop-stopped-narrow")
    page.goto(f"{server.url}/odoo/amazon-shops")
    expect(card).to_contain_text("Connection Missing")
    browsing.take_picture(page, "shops-kanban-narrow")


def test_keys_are_listed_and_tested_without_their_values(
    server, admin, standins, shop_id, browsing, shops
):
    page = shops
    menu(page, "Configuration", "Keys")
    line = page.locator(".o_data_row", has_text="MyParcel API key")
    expect(line).to_have_count(1)
    expect(line.locator("td[name=tested_at]")).to_have_text("")
    line.get_by_role("button", name="Test").click()
    expect(line.locator("td[name=tested_at]")).to_have_text(re.compile(r"\d"))
    browsing.take_picture(page, "keys")
    given = standins.connection()
    shown = page.content()
    for name in ("client_secret", "refresh_token", "myparcel_key"):
        assert given[name] not in shown
    token = page.locator(".o_data_row", has_text="Amazon refresh token")
    token.get_by_role("button", name="Replace").click()
    expect(field(page, "name").locator("input")).to_be_visible()
    page.set_viewport_size(NARROW)
    page.goto(f"{server.url}/odoo/amazon-keys")
    card = page.locator(".o_kanban_record", has_text="MyParcel API key")
    expect(card).to_contain_text("Tested")
    browsing.take_picture(page, "keys-narrow")

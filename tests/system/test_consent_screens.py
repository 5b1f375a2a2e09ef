"""A shop is connected in a real Odoo, through the consent page of the stand-in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.driver.shop import (
    MANAGER,
    create_user,
    enter_keys,
    point_to_standins,
)
from tests.driver.web_client import button, field

SELLER, OTHER_SELLER = "A1STANDINSELLER", "A2SOMEBODYELSE"
ADDON = "amazon_carrier_connector"


@pytest.fixture
def office(server, admin, standins):
    """The keys of the app are entered, and registered at Amazon is this Odoo."""
    connection = standins.connection()
    point_to_standins(admin, connection)
    enter_keys(admin, connection)
    sellers = standins.lwa.sellers
    sellers.add(OTHER_SELLER)
    sellers.redirect_uris = (f"{server.url}/{ADDON}/consent",)
    sellers.login_uri = f"{server.url}/{ADDON}/login"
    create_user(admin, "boss", MANAGER, name="Jo Winkel")


def consent(page, seller: str) -> None:
    """On Amazon's page."""
    expect(page).to_have_title("Authorize")
    page.get_by_text(f"Confirm {seller}", exact=True).click()


def test_manager_connects_a_shop_by_consent(server, standins, browsing, admin, office):
    page = browsing.log_in("admin", "admin")
    page.goto(f"{server.url}/odoo/action-stock.action_stock_config_settings")
    app = page.locator("#amazon_app")
    app.scroll_into_view_if_needed()
    browsing.take_picture(page, "consent-settings")

    page = browsing.log_in("boss", "boss")
    page.goto(f"{server.url}/odoo/amazon-shops/new")
    field(page, "name").locator("input").fill("Our shop")
    button(page, "Save manually").click()
    button(page, "Connect to Amazon").click()
    dialog = page.locator(".modal")
    expect(dialog).to_contain_text("Professional selling plan")
    expect(dialog).to_contain_text("Direct-to-Consumer Delivery")
    browsing.take_picture(page, "consent-explained")
    button(page, "Continue to Amazon").click()

    # Somebody leaves Amazon's page without consenting.
    expect(page).to_have_title("Authorize")
    page.locator("a.cancel").click()
    expect(page.locator(".alert-warning")).to_contain_text("without the consent")
    browsing.take_picture(page, "consent-cancelled")

    button(page, "Connect to Amazon").click()
    button(page, "Continue to Amazon").click()
    consent(page, SELLER)
    expect(field(page, "name")).to_be_visible()
    expect(page.locator(".alert-warning")).to_have_count(0)
    page.get_by_role("tab", name="Connection").click()
    expect(field(page, "selling_partner_id").locator("input")).to_have_value(SELLER)
    expect(field(page, "participating_market_ids")).to_contain_text("Amazon.nl")
    expect(field(page, "consent_expires_at")).to_be_visible()
    browsing.take_picture(page, "consent-connected")
    (shop,) = admin.search("amazon.shop", [])
    told = admin.read(
        "amazon.shop", shop, "name", "state", "market_ids", "consent_days_left"
    )
    assert told["name"] == "Our shop"
    assert told["state"] == "connected"
    assert len(told["market_ids"]) == 10
    assert told["consent_days_left"] in (364, 365)

    button(page, "Test Connection").click()
    expect(page.locator(".o_notification")).to_contain_text("The connection works.")
    browsing.take_picture(page, "consent-tested")

    # The wrong account at Amazon.
    page.get_by_role("tab", name="Connection").click()
    button(page, "Renew the Consent").click()
    button(page, "Continue to Amazon").click()
    consent(page, OTHER_SELLER)
    expect(page.locator(".alert-warning")).to_contain_text(OTHER_SELLER)
    browsing.take_picture(page, "consent-other-seller")

    page.get_by_role("tab", name="Connection").click()
    button(page, "Disconnect").click()
    page.locator(".modal").get_by_role("button", name="Disconnect").click()
    expect(button(page, "Connect to Amazon")).to_be_visible()
    browsing.take_picture(page, "consent-disconnected")
    assert admin.read("amazon.shop", shop, "state")["state"] == "draft"


def test_consent_that_begins_at_amazon_connects_the_chosen_shop(
    server, standins, browsing, admin, office
):
    (shop,) = admin.create("amazon.shop", {"name": "Our European shop"})
    page = browsing.log_in("boss", "boss")
    page.goto(f"{standins.lwa.url}/apps/authorize/begin/{SELLER}")
    expect(field(page, "selling_partner_id")).to_contain_text(SELLER)
    browsing.take_picture(page, "consent-from-amazon")
    button(page, "Continue to Amazon").click()
    expect(field(page, "name").locator("input")).to_have_value("Our European shop")
    page.get_by_role("tab", name="Connection").click()
    expect(field(page, "connected_at")).to_be_visible()
    assert admin.read("amazon.shop", shop, "state")["state"] == "connected"

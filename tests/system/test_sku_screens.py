"""SKUs to match, by a clerk at the web client: one by one and several at once."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from playwright.sync_api import Page, expect

from tests.driver.main_job import MainJob
from tests.driver.shop import PLACEHOLDER, put_in_stock
from tests.driver.unshipped_report import PRODUCTS, change_report, make_report
from tests.driver.web_client import button, cells, menu

# What Amazon calls these products.
RENAMED = {"MUG-BLUE": "A-7F", "TEA-100": "B-2K", "PEN-4": "C-9Z"}
ORDERS = 20


def rename(row):
    row["sku"] = RENAMED.get(row["sku"], row["sku"])


@pytest.fixture
def job(admin, shop_id, clerk):
    """Imported orders, some of them for SKUs that Odoo does not know."""
    put_in_stock(admin, PRODUCTS)
    job = MainJob(clerk, shop_id)
    report = change_report(make_report(ORDERS, datetime.now(timezone.utc)), rename)
    job.start_import(job.check(report))
    return job


def test_clerk_chooses_products_and_the_deliveries_get_them(
    browsing, job, admin, clerk
):
    placeholder = admin.ref(PLACEHOLDER)
    page = browsing.log_in("clerk", "clerk")
    page.goto(f"{clerk.url}/odoo/amazon-deliveries")
    menu(page, "Orders", "SKUs to Match")
    expect(cells(page, "state", "To Match")).not_to_have_count(0)
    browsing.take_picture(page, "skus-to-match")

    row = page.locator(".o_data_row", has_text="A-7F")
    row.locator("td[name=product_id]").click()
    choose(page, "MUG-BLUE")
    browsing.take_picture(page, "skus-to-match-choosing")
    # Elsewhere, which saves the row.
    page.locator(".o_control_panel").click(position={"x": 5, "y": 5})
    notice = page.locator(".o_notification_content")
    expect(notice).to_contain_text("Deliveries updated")
    browsing.take_picture(page, "skus-to-match-chosen")
    assert products_of(clerk, "A-7F") == {find(clerk, "MUG-BLUE")}

    page.locator(".o_notification_close").first.click()
    for sku in ("B-2K", "C-9Z"):
        page.locator(".o_data_row", has_text=sku).locator("input").first.click()
    page.locator(".o_data_row", has_text="B-2K").locator("td[name=product_id]").click()
    choose(page, "TEA-100")
    page.locator(".modal").get_by_role("button", name="Update").click()
    expect(notice).to_contain_text("Deliveries updated")
    browsing.take_picture(page, "skus-to-match-several")
    tea = {find(clerk, "TEA-100")}
    assert products_of(clerk, "B-2K") == products_of(clerk, "C-9Z") == tea
    assert placeholder not in tea

    menu(page, "Deliveries")
    page.goto(f"{clerk.url}/odoo/amazon-shops/{job.shop_id}")
    expect(button(page, "Upload Orders")).to_be_visible()
    browsing.take_picture(page, "shop-with-skus-to-match")


def choose(page: Page, name: str) -> None:
    page.keyboard.type(name)
    page.locator(".o-autocomplete--dropdown-item", has_text=name).first.click()


def find(client, reference: str) -> int:
    (product,) = client.search("product.product", [("default_code", "=", reference)])
    return product


def products_of(client, sku: str) -> set[int]:
    """The products of all moves for a SKU."""
    moves = client.search("stock.move", [("amazon_item_id.sku", "=", sku)])
    assert moves
    return {
        move["product_id"] for move in client.read("stock.move", moves, "product_id")
    }

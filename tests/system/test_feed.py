"""Orders are read from Amazon in the background: the dialogs, and Odoo that dies."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from playwright.sync_api import expect

from devtools.waiting import wait_until
from tests.driver.main_job import MainJob
from tests.driver.shop import put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report
from tests.driver.web_client import button, cells, field, menu

SEARCH = "searchOrders"
PATIENCE = 240


@pytest.fixture
def sell(standins):
    """Have the seller sell so many orders."""

    def sell(count):
        report = make_report(count, datetime.now(timezone.utc))
        return standins.amazon.orders.load_report(report)

    return sell


@pytest.fixture
def feed(server, admin, shop_id):
    """The shop's feed, as after a first import: later ones search."""
    put_in_stock(admin, PRODUCTS)
    server.environment.server.query(
        "WITH feed AS (UPDATE amazon_shop_feed"
        " SET watermark = now() - interval '60 days'"
        f" WHERE shop_id = {shop_id} RETURNING id)"
        " INSERT INTO amazon_shop_feed_read_market_rel"
        " (amazon_shop_feed_id, amazon_market_id)"
        " SELECT feed.id, market.id FROM feed, amazon_market AS market"
        " JOIN amazon_market_amazon_shop_rel AS switched"
        "   ON switched.amazon_market_id = market.id"
        f" WHERE switched.amazon_shop_id = {shop_id}",
        server.database,
    )
    (feed,) = admin.search("amazon.shop.feed", [("shop_id", "=", shop_id)])
    return feed


def is_idle(admin, feed):
    told = admin.read("amazon.shop.feed", feed, "state", "last_import_at")
    return told["state"] == "idle" and told["last_import_at"]


def test_clerk_imports_from_a_shop_and_fetches_an_order_again(
    server, admin, shop_id, clerk, feed, sell, browsing
):
    first, *__ = sell(3)
    admin.create("amazon.shop", {"name": "Not connected yet", "region": "na"})
    page = browsing.log_in("clerk", "clerk")
    page.goto(f"{clerk.url}/odoo/amazon-deliveries")
    menu(page, "Imports", "Import from Shops")
    dialog = page.locator(".modal")
    switches = dialog.locator("td[name=is_selected] input")
    expect(switches).to_have_count(2)
    expect(switches.nth(0)).to_be_checked()
    expect(switches.nth(1)).not_to_be_checked()
    browsing.take_picture(page, "import-from-shops")
    dialog.get_by_role("button", name="Start Import").click()
    expect(page.locator(".o_notification_content")).to_contain_text("being read")
    server.work_until(lambda: is_idle(admin, feed), PATIENCE, "the import")

    menu(page, "Orders", "Amazon Orders")
    page.locator(".o_data_row", has_text=first.order_id).click()
    browsing.take_picture(page, "order-imported")
    first.recipient = dict(first.recipient, city="Maastricht")
    button(page, "Fetch from Amazon").click()
    expect(field(page, "recipient_city").locator("input")).to_have_value("Maastricht")
    expect(page.locator(".o_notification_content").last).to_contain_text("was changed")

    first.status = "CANCELLED"
    menu(page, "Imports", "Fetch from Amazon")
    dialog.locator("textarea").fill(f"{first.order_id}\n402-9999999-9999999")
    browsing.take_picture(page, "fetch-from-amazon")
    dialog.get_by_role("button", name="Fetch", exact=True).click()
    expect(cells(page, "order_ref", "402-9999999-9999999")).to_have_count(1)
    expect(dialog).to_have_count(0)
    browsing.take_picture(page, "fetched")
    (order,) = clerk.search("amazon.order", [("name", "=", first.order_id)])
    assert clerk.read("amazon.order", order, "state")["state"] == "cancelled"


def test_odoo_that_dies_while_it_reads_orders_has_each_once_in_the_end(
    server, admin, standins, shop_id, feed, sell
):
    sell(250)
    job = MainJob(admin, shop_id)
    for moment, nth in (("before", 1), ("answered", 2), ("answered", 1)):
        standins.amazon.faults.add(
            SEARCH, "kill", moment=moment, nth=nth, pid=server.pid
        )
        if not admin.read("amazon.shop.feed", feed, "state")["state"] == "running":
            admin.press("amazon.shop", shop_id, "action_start_import")
        wait_until(
            lambda: not server.is_running(),
            PATIENCE,
            "the crash",
            meanwhile=server.wake_cron,
        )
        server.start()
    server.work_until(lambda: is_idle(admin, feed), PATIENCE, "the import")
    counts = job.count_all()
    assert counts["amazon.order"] == counts["stock.picking"] == 250
    (done,) = admin.search("amazon.order.import", [("shop_id", "=", shop_id)])
    told = admin.read("amazon.order.import", done, "created_count", "state")
    assert (told["created_count"], told["state"]) == (250, "done")
    assert standins.amazon.count(SEARCH) <= 3 + 3

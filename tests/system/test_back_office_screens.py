"""The back office: what a person sees in the morning, at three widths.

One Odoo and one morning for all tests of this module.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import Page, expect

from tests.driver.client import OdooClient
from tests.driver.main_job import MainJob
from tests.driver.shop import MANAGER, USER, create_user, put_in_stock, set_up
from tests.driver.unshipped_report import PRODUCTS, change_report, make_report
from tests.driver.web_client import leaving
from tests.standins import Standins

from .conftest import own_database, serving

ORDERS = 30
# Of each day from yesterday on.
DAYS = 8
LABELLED = 5
BEFORE_TODAY = 4
# Before, today, four days, later.
BARS = 7
CHART = ".o_graph_renderer canvas"
READ_ORDERS = "Amazon: read orders"
CHOOSE = "Choose a delivery method, or write shipping rules"
TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def server(environment, request):
    with (
        own_database(environment, "office") as name,
        serving(environment, name, request.node) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def morning(server):
    """A shop with orders of some days, a few of them labelled, and a second one."""
    admin = OdooClient(server.url, server.database, "admin", "admin")
    create_user(admin, "clerk", USER, name="Wil Magazijn")
    create_user(admin, "manager", MANAGER, name="Bas Baas")
    put_in_stock(admin, PRODUCTS)
    with Standins(rates="fast") as standins:
        shop_id = set_up(admin, standins.connection(), name="Amazon Mugs & More")
        admin.create("amazon.shop", {"name": "Amazon second account"})
        clerk = OdooClient(server.url, server.database, "clerk", "clerk")
        job = MainJob(clerk, shop_id)
        data = report()
        standins.amazon.orders.load_report(data)
        job.start_import(job.check(data))
        run = job.create_labels(job.deliveries()[:LABELLED])
        admin.write("delivery.label.run", run, validate_after=False)
        job.start_labels(run)
        yield job
        assert standins.violations == []


def report() -> bytes:
    """Orders to be shipped on different days, each at noon."""
    noon = datetime.now(timezone.utc).replace(hour=12, minute=0, second=0)
    days: dict[str, int] = {}

    def spread(row):
        day = days.setdefault(row["order-id"], len(days) % DAYS - 1)
        row["promise-date"] = (noon + timedelta(days=day)).isoformat(timespec="seconds")

    return change_report(make_report(ORDERS, noon, seed=11), spread)


@pytest.fixture
def page(browsing, morning) -> Page:
    page = browsing.log_in("clerk", "clerk")
    page.goto(f"{morning.client.url}/odoo/amazon")
    return page


def test_the_overview_leads_to_what_it_counts(page, browsing, morning):
    expect(card(page)).to_contain_text(f"{ORDERS - LABELLED} To Label")
    # Keys, connection and carrier are not the clerk's.
    expect(page.locator("[name=setup]")).to_have_count(0)
    take_pictures(browsing, page, "overview")

    for name in ("Late", "Labelled", "SKUs to Match"):
        with leaving(page):
            follow_number(page, card(page), name)
        page.go_back()
    open_bar(page, 0)
    expect(page.locator(".o_data_row")).to_have_count(BEFORE_TODAY)
    browsing.take_picture(page, "overview-bar")


def test_labels_are_created_from_the_overview(page, morning):
    card(page).locator("a", has_text="Create Labels").dblclick()
    expect(page.locator(".o_form_view [name=parcel_count]")).to_have_text(
        str(ORDERS - LABELLED)
    )
    runs = morning.client.search("delivery.label.run", [("state", "=", "draft")])
    assert len(runs) == 1


def test_an_import_shows_its_progress_without_a_reload(page, browsing, server, morning):
    page.evaluate("window.isSamePage = true")
    work_in_background(server, READ_ORDERS, False)
    # An impatient double click starts it once.
    card(page).locator("a", has_text="Start Import").dblclick()
    expect(progress(page)).to_have_text("Orders are being imported.")
    tell_feed(server, "listed_count = 40")
    expect(progress(page)).to_contain_text("40 so far")
    browsing.take_picture(page, "overview-importing")
    tell_feed(server, "state = 'idle', last_import_at = now() AT TIME ZONE 'UTC'")
    expect(progress(page)).to_have_count(0)
    expect(card(page)).to_contain_text("Last import 1 minute ago")
    assert page.evaluate("window.isSamePage")
    work_in_background(server, READ_ORDERS, True)


def test_a_manager_sees_the_steps_that_are_left(page, browsing, morning, server):
    page = browsing.log_in("manager", "manager")
    page.goto(f"{server.url}/odoo/amazon")
    second = card(page, "second account")
    expect(second.locator("[name=setup] li")).to_have_count(5)
    expect(second.locator("[name=setup] a")).to_have_text(
        ["Hide", "Connect the shop to Amazon", CHOOSE, "Import your first orders"]
    )
    take_pictures(browsing, page, "overview-manager")
    with leaving(page):
        second.get_by_text(CHOOSE).click()
        expect(page.locator(".o_breadcrumb .active")).to_have_text("Shipping Rules")
    page.go_back()
    second.get_by_text("Hide", exact=True).click()
    expect(second.locator("[name=setup]")).to_have_count(0)


def test_the_inventory_overview_leads_to_what_is_to_label(page, browsing, server):
    page.goto(f"{server.url}/odoo/inventory")
    orders = card(page, "Delivery Orders")
    expect(orders.locator("canvas")).to_be_visible()
    take_pictures(browsing, page, "inventory-overview")
    follow_number(page, orders, "To Label")


def test_shipments_are_shown_per_carrier_and_day(page, browsing, server):
    page.goto(f"{server.url}/odoo/shipment-analysis?view_type=pivot")
    first = page.locator(".o_pivot tbody tr").first
    expect(first).to_contain_text(str(LABELLED))
    expect(first).to_contain_text("%")
    take_pictures(browsing, page, "shipment-pivot")
    page.goto(f"{server.url}/odoo/shipment-analysis")
    expect(page.locator(CHART)).to_be_visible()
    take_pictures(browsing, page, "shipment-graph")


# What the screens show


def card(page: Page, name="Mugs"):
    return page.locator(".o_kanban_record", has_text=name)


def follow_number(page: Page, place, name: str) -> None:
    """Click a number of a card: its list has as many rows."""
    link = place.locator("a", has=page.get_by_text(name, exact=True))
    count = int(link.inner_text().removeprefix(name))
    link.click()
    expect(page.locator(".o_data_row")).to_have_count(count)


def progress(page: Page):
    return card(page).locator("[name=progress_message] [role=status]")


def open_bar(page: Page, number: int) -> None:
    """Click the foot of a bar of the graph; it has one for each of seven days."""
    box = card(page).locator("canvas").bounding_box()
    card(page).locator("canvas").click(
        position={
            "x": box["width"] * (number + 0.5) / BARS,
            "y": box["height"] / 2,
        }
    )


def take_pictures(browsing, page: Page, name: str) -> None:
    """Of a page at three widths; it has the usual one again at the end."""
    usual = page.viewport_size
    for width, size in (("", usual), ("-tablet", TABLET), ("-phone", PHONE)):
        page.set_viewport_size(size)
        browsing.take_picture(page, f"{name}{width}")
    page.set_viewport_size(usual)


def tell_feed(server, values: str) -> None:
    """Write what the scheduled action would."""
    server.environment.server.query(
        f"UPDATE amazon_shop_feed SET {values} WHERE shop_id = 1", server.database
    )


def work_in_background(server, action: str, active: bool) -> None:
    """Whether a scheduled action works; what it is told meanwhile it does later."""
    server.environment.server.query(
        f"UPDATE ir_cron SET active = {active} WHERE cron_name = '{action}'",
        server.database,
    )

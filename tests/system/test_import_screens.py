"""The screens of the import in a real Odoo: the dialog, the check, the progress.

One Odoo and one shop for all tests of this module: each brings orders of its own.
"""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from playwright.sync_api import Page, expect

from devtools import database
from tests.driver.client import OdooClient
from tests.driver.main_job import MainJob
from tests.driver.shop import USER, create_user, put_in_stock, set_up
from tests.driver.unshipped_report import PRODUCTS, change_report, make_report
from tests.driver.web_client import (
    button,
    cells,
    choose_files,
    drop_files,
    field,
    menu,
)
from tests.standins import Standins

from .conftest import serving

# Odoo's log names every refusal that a user has seen.
pytestmark = pytest.mark.expected_odoo_log(r"odoo\.http: \S+ cannot be imported")

HTML = b"<!DOCTYPE html><html><body>Sign in to Seller Central</body></html>"
# What the New Orders report does not have.
UNSHIPPED_ONLY = (
    "reporting-date",
    "promise-date",
    "days-past-promise",
    "quantity-shipped",
    "quantity-to-ship",
)


@pytest.fixture(scope="module")
def server(environment, request):
    with (
        database.temporary(environment, "screens") as name,
        serving(environment, name, request.node) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def job(server):
    admin = OdooClient(server.url, server.database, "admin", "admin")
    create_user(admin, "clerk", USER, name="Wil Magazijn")
    put_in_stock(admin, PRODUCTS)
    with Standins(rates="fast") as standins:
        shop_id = set_up(admin, standins.connection())
        clerk = OdooClient(server.url, server.database, "clerk", "clerk")
        yield MainJob(clerk, shop_id)
        assert standins.violations == []


@pytest.fixture
def page(browsing, job) -> Page:
    """The clerk at the app, on the list of deliveries."""
    page = browsing.log_in("clerk", "clerk")
    page.goto(f"{job.client.url}/odoo/amazon-deliveries")
    return page


def test_reports_chosen_and_dropped_are_checked_and_become_deliveries(page, browsing):
    menu(page, "Imports", "Upload Orders")
    expect(dialog(page)).to_contain_text("Unshipped Orders > Request")
    button(page, "Check").click()
    expect(dialog(page)).to_contain_text("Choose the report first.")
    browsing.take_picture(page, "import-dialog-empty")

    choose_files(page, {"monday.txt": report(3, seed=1), "letter.txt": b"Dear"})
    drop_files(page, ".modal-body", {"tuesday.txt": report(4, seed=2)})
    expect(files(page)).to_have_text(["monday.txt", "letter.txt", "tuesday.txt"])
    files(page).nth(1).get_by_role("button", name="Remove").click()
    expect(files(page)).to_have_text(["monday.txt", "tuesday.txt"])
    browsing.take_picture(page, "import-dialog")

    button(page, "Check").click()
    expect(field(page, "new_count")).to_have_text("7")
    browsing.take_picture(page, "import-check")
    button(page, "Import Orders").click()
    button(page, "Show Deliveries").click()
    expect(cells(page, "state", "Draft")).to_have_count(7)


def test_reports_dropped_on_the_delivery_list_open_the_dialog_with_them(page):
    drop_files(page, ".o_list_view .o_content", {"wednesday.txt": report(2, seed=3)})
    expect(files(page)).to_have_text(["wednesday.txt"])
    button(page, "Check").click()
    expect(field(page, "new_count")).to_have_text("2")


def test_files_that_are_no_report_are_each_refused_by_name_with_advice(page, browsing):
    button(page, "Upload Orders").click()
    choose_files(page, {"page.html": HTML, "excel.txt": opened_in_a_spreadsheet()})
    button(page, "Check").click()
    refusal = page.locator(".o_error_dialog")
    expect(refusal).to_contain_text("page.html cannot be imported: this is a web page")
    expect(refusal).to_contain_text("excel.txt cannot be imported: a spreadsheet")
    browsing.take_picture(page, "import-refused")
    refusal.locator(".o-default-button").click()

    # The dialog stays, with its files: the right one replaces them.
    for _each in range(2):
        files(page).first.get_by_role("button", name="Remove").click()
    choose_files(page, {"right.txt": report(2, seed=4)})
    button(page, "Check").click()
    expect(field(page, "new_count")).to_have_text("2")


def test_a_new_orders_report_is_refused_until_the_clerk_insists(page):
    button(page, "Upload Orders").click()
    choose_files(page, {"new.txt": new_orders_report()})
    button(page, "Check").click()
    refusal = page.locator(".o_error_dialog")
    expect(refusal).to_contain_text(
        "new.txt cannot be imported: this is the New Orders"
    )
    refusal.locator(".o-default-button").click()
    page.get_by_label("Accept New Orders Reports").check()
    button(page, "Check").click()
    expect(field(page, "new_count")).to_have_text("2")


# What the screens show


def dialog(page: Page):
    return page.locator(".modal-body")


def files(page: Page):
    return page.locator(".modal .o_amazon_report_file")


# The files


def report(count: int, seed: int) -> bytes:
    return make_report(count, datetime.now(timezone.utc), seed)


def opened_in_a_spreadsheet() -> bytes:
    def lose_zeros(row):
        row["order-item-id"] = row["order-item-id"].lstrip("0")

    return change_report(report(2, seed=5), lose_zeros)


def new_orders_report() -> bytes:
    def leave_out(row):
        for column in UNSHIPPED_ONLY:
            del row[column]

    return change_report(report(2, seed=6), leave_out)

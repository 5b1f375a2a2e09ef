"""The screens of the import in a real Odoo: the dialog, the check, the progress.

One Odoo and one shop for all tests of this module: each brings orders of its own.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest
from playwright.sync_api import Page, expect

from tests.driver.client import OdooClient
from tests.driver.main_job import MainJob
from tests.driver.shop import USER, create_user, put_in_stock, set_up
from tests.driver.unshipped_report import PRODUCTS, change_report, make_report
from tests.driver.web_client import (
    button,
    cells,
    choose_files,
    drop_files,
    leaving,
    menu,
)
from tests.standins import Standins

from .conftest import own_database, serving

# Odoo's log names every refusal that a user has seen.
pytestmark = pytest.mark.expected_odoo_log(
    r"odoo\.http: UserError from amazon_carrier_connector"
)

HTML = b"<!DOCTYPE html><html><body>Sign in to Seller Central</body></html>"
IMPORT_ACTION = "Amazon: import orders"
# More than an import does inside a request.
LARGE = 520
# Buyers and sellers write what they like.
HOSTILE = '<img src="data:,x" onerror="isHacked=1"><script>isHacked=2</script>'
# What of it has become part of the page.
ELEMENTS = """[...document.querySelectorAll("img, script, [onerror]")]
    .filter((node) => node.getAttribute("src") === "data:,x"
        || (node.getAttribute("onerror") || "").includes("isHacked")
        || node.textContent === "isHacked=2")
    .map((node) => node.outerHTML)"""
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
        own_database(environment, "screens") as name,
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
    expect(number(page, "new_count")).to_have_text("7")
    expect(cells(page, "market_id", "Amazon.")).to_have_count(7)
    browsing.take_picture(page, "import-check")
    # An impatient double click starts it once.
    button(page, "Import 7 Orders").dblclick()
    expect(result(page)).to_contain_text("The import is done.")
    browsing.take_picture(page, "import-done")
    button(page, "7 imported").click()
    expect(cells(page, "state", "Draft")).to_have_count(7)


def test_reports_dropped_on_the_delivery_list_open_the_dialog_with_them(page):
    drop_files(page, ".o_list_view .o_content", {"wednesday.txt": report(2, seed=3)})
    expect(files(page)).to_have_text(["wednesday.txt"])
    button(page, "Check").click()
    expect(number(page, "new_count")).to_have_text("2")


def test_files_that_are_no_report_are_each_refused_by_name_with_advice(page, browsing):
    menu(page, "Imports", "Upload Orders")
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
    expect(number(page, "new_count")).to_have_text("2")


def test_a_new_orders_report_is_refused_until_the_clerk_insists(page):
    menu(page, "Imports", "Upload Orders")
    choose_files(page, {"new.txt": new_orders_report()})
    button(page, "Check").click()
    refusal = page.locator(".o_error_dialog")
    expect(refusal).to_contain_text(
        "new.txt cannot be imported: this is the New Orders"
    )
    refusal.locator(".o-default-button").click()
    page.get_by_label("Accept New Orders Reports").check()
    button(page, "Check").click()
    expect(number(page, "new_count")).to_have_text("2")


def test_the_numbers_of_the_check_lead_to_their_orders_and_problems(
    page, browsing, job
):
    job.start_import(job.check(report(3, seed=7), "first.txt"))
    import_id = job.check(with_a_bad_row(report(8, seed=7)), "second.txt")
    page.goto(f"{job.client.url}/odoo/amazon-imports/{import_id}")
    expect(number(page, "known_count")).to_have_text("3")
    expect(page.get_by_role("tab").first).to_have_text("Problems")
    expect(cells(page, "filename", "second.txt").first).to_be_visible()
    browsing.take_picture(page, "import-check-problems")

    with leaving(page):
        count(page, "known_count").click()
        expect(cells(page, "status", "Already Known")).to_have_count(3)
    with leaving(page):
        cells(page, "status", "Already Known").first.click()
        expect(page.locator(".o_breadcrumb .active")).to_contain_text("-")
    page.go_back()
    expect(cells(page, "status", "Already Known")).to_have_count(3)
    page.go_back()
    count(page, "problem_count").click()
    expect(cells(page, "reason", "quantity-to-ship cannot be read")).to_have_count(1)


def test_a_report_that_brings_nothing_new_says_so(page, job):
    again = report(2, seed=8)
    job.start_import(job.check(again))
    import_id = job.check(again, "again.txt")
    page.goto(f"{job.client.url}/odoo/amazon-imports/{import_id}")
    expect(page.locator(".o_form_view .alert-info")).to_contain_text("Nothing is new")
    button(page, "Import All the Same").click()
    expect(result(page)).to_contain_text("Nothing was new or changed.")


def test_a_large_import_shows_its_progress_by_itself_and_ends_without_a_reload(
    page, browsing, server, environment, job
):
    work_in_background(environment, server, False)
    import_id = job.check(report(LARGE, seed=9), "large.txt")
    page.goto(f"{job.client.url}/odoo/amazon-imports/{import_id}")
    page.evaluate("window.isSamePage = true")
    button(page, f"Import {LARGE} Orders").click()
    expect(progress(page)).to_have_text(re.compile(rf"^\s*0\s*/\s*{LARGE}\s*$"))

    # As a chunk would; taken back, for the import goes on from there.
    tell_done(server, import_id, 260)
    expect(progress(page)).to_contain_text("260")
    browsing.take_picture(page, "import-running")
    tell_done(server, import_id, 0)

    work_in_background(environment, server, True)
    server.work_until(
        lambda: button(page, f"{LARGE} imported").is_visible(), 120, "the import"
    )
    expect(progress(page)).to_have_count(0)
    expect(page.locator(".o-mail-Chatter")).to_contain_text(f"{LARGE} orders imported")
    assert page.evaluate("window.isSamePage")


def test_an_order_whose_buyer_asked_to_cancel_gets_a_label_only_when_released(
    page, browsing, job
):
    import_id = job.check(cancelled_report(), "cancelled.txt")
    page.goto(f"{job.client.url}/odoo/amazon-imports/{import_id}")
    expect(number(page, "cancelled_count")).to_have_text("1")
    expect(page.get_by_role("tab").first).to_have_text("Cancel Requested")
    browsing.take_picture(page, "import-check-cancelled")
    button(page, "Import 1 Order").click()
    button(page, "1 imported").click()
    cells(page, "state", "Draft").click()
    banner = page.locator(".alert", has_text="The buyer asked to cancel")
    expect(banner).to_be_visible()
    expect(button(page, "Create Labels")).to_have_count(0)
    browsing.take_picture(page, "delivery-cancel-requested")

    page.get_by_role("tab", name="Amazon").click()
    page.locator("button[name=action_release_cancellation]").click()
    page.locator(".modal").get_by_role("button", name="Release").click()
    expect(banner).to_have_count(0)
    expect(button(page, "Create Labels")).to_be_visible()


def test_nothing_that_a_report_says_becomes_a_script_or_an_element(page, job):
    """An order is whatever a stranger typed at Amazon."""
    import_id = job.check(hostile_report(), f"{HOSTILE} report.txt")
    url, clerk = job.client.url, job.client
    page.goto(f"{url}/odoo/amazon-imports/{import_id}")
    expect(number(page, "problem_count")).not_to_have_text("0")
    expect(cells(page, "filename", HOSTILE).first).to_be_visible()
    assert_harmless(page)
    job.start_import(import_id)
    (order,) = clerk.search("amazon.order", [("import_id", "=", import_id)])
    (delivery,) = clerk.read("amazon.order", order, "picking_ids")["picking_ids"]
    clerk.call("stock.picking", "message_post", [delivery], body=HOSTILE)

    for path in (
        *(f"amazon-imports/{import_id}", f"amazon-deliveries/{delivery}"),
        f"amazon-orders/{order}",
    ):
        page.goto(f"{url}/odoo/{path}")
        if "deliveries" in path:
            expect(page.locator(".o-mail-Message").first).to_contain_text(HOSTILE)
        expect(page.locator(".o_notebook .nav-link").first).to_be_visible()
        for tab in page.locator(".o_notebook .nav-link").all():
            tab.click()
        assert_harmless(page)
    page.goto(f"{url}/odoo/amazon-orders")
    box = page.locator(".o_searchview_input")
    box.fill(HOSTILE)
    expect(page.locator(".o_searchview_autocomplete")).to_contain_text(HOSTILE)
    box.press("ArrowDown")
    box.press("Enter")
    expect(page.locator(".o_facet_value").last).to_contain_text("<img")
    assert_harmless(page)
    for action in ("amazon-orders", "amazon-deliveries"):
        page.goto(f"{url}/odoo/{action}")
        box.fill(clerk.read("amazon.order", order, "name")["name"])
        box.press("Enter")
        expect(page.get_by_text(HOSTILE).first).to_be_visible()
        assert_harmless(page)
        kanban = page.locator(".o_switch_view.o_kanban")
        if kanban.count():
            kanban.click()
            expect(page.locator(".o_kanban_record").first).to_be_visible()
            expect(page.get_by_text(HOSTILE).first).to_be_visible()
            assert_harmless(page)


def test_what_is_printed_and_saved_of_a_hostile_order_is_text(page, job, server):
    import_id = job.check(hostile_report(first=2), "hostile.txt")
    job.start_import(import_id)
    client = job.client
    (order,) = client.search("amazon.order", [("import_id", "=", import_id)])
    (delivery,) = client.read("amazon.order", order, "picking_ids")["picking_ids"]
    # Core's page of a report has no icon.
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    # What the PDF is made of.
    name = "amazon_carrier_connector.report_packing_slip"
    page.goto(f"{client.url}/report/html/{name}/{delivery}")
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    assert_harmless(page)

    admin = OdooClient(server.url, server.database, "admin", "admin")
    whole = [("res_model", "=", "amazon.order.import"), ("res_id", "=", import_id)]
    (uploaded,) = client.search("ir.attachment", whole)
    event = [("event", "=", "exported"), ("res_model", "=", "amazon.order.import")]
    for saved, path in enumerate(
        (f"{uploaded}", f"amazon.order.import/{import_id}/problem_file"), start=1
    ):
        answer = page.request.get(f"{client.url}/web/content/{path}?download=true")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "html" not in answer.headers["content-type"]
        ids = admin.search("amazon.audit.event", event)
        assert len(ids) == saved
        (told,) = admin.read("amazon.audit.event", ids[:1], "res_ids", "user_id")
        assert told["res_ids"] == [import_id]
        assert [told["user_id"]] == admin.search("res.users", [("login", "=", "clerk")])


# What the screens show


def assert_harmless(page: Page) -> None:
    """No script of the report has run, and nothing of it is an element."""
    assert page.evaluate("typeof window.isHacked") == "undefined"
    assert page.evaluate(ELEMENTS) == []


def dialog(page: Page):
    return page.locator(".modal-body")


def files(page: Page):
    return page.locator(".modal .o_amazon_report_file")


def number(page: Page, name: str):
    return page.locator(f"[name=counts] [name={name}]")


def count(page: Page, name: str):
    """A number of the check screen, with its name; it can be clicked."""
    return page.locator("[name=counts] button", has=page.locator(f"[name={name}]"))


def result(page: Page):
    return page.locator(".o_form_view [name=result]")


def progress(page: Page):
    return page.locator(".o_field_amazon_live_progressbar")


def tell_done(server, import_id: int, count: int) -> None:
    """Nobody writes it by hand."""
    server.environment.server.query(
        f"UPDATE amazon_order_import SET done_count = {count} WHERE id = {import_id}",
        server.database,
    )


def work_in_background(environment, server, active: bool) -> None:
    """Whether the scheduled action imports; what it is told meanwhile it does later."""
    environment.server.query(
        f"UPDATE ir_cron SET active = {active} WHERE cron_name = '{IMPORT_ACTION}'",
        server.database,
    )


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


def with_a_bad_row(data: bytes) -> bytes:
    """The last row has no number of pieces."""
    last = data.splitlines()[-1].split(b"\t")[:2]

    def spoil(row):
        if [row["order-id"], row["order-item-id"]] == [cell.decode() for cell in last]:
            row["quantity-to-ship"] = "two"

    return change_report(data, spoil)


def cancelled_report() -> bytes:
    def cancel(row):
        row["is-buyer-requested-cancellation"] = "true"

    return change_report(report(1, seed=10), cancel)


def hostile_report(first: int = 1) -> bytes:
    """An order of which every text is an attack, and one that is a problem besides."""

    def attack(row):
        for column in (
            *("recipient-name", "buyer-name", "product-name", "ship-service-level"),
            *("ship-address-1", "ship-address-2", "ship-city", "ship-state"),
            "cancellation-reason",
        ):
            row[column] = HOSTILE
        row["order-id"] = f"404-66600{first:02d}-{row['order-id'][-7:]}"
        row["is-buyer-requested-cancellation"] = "false"

    data = change_report(report(2, seed=12), attack)
    return change_report(with_a_bad_row(data), lambda row: None)

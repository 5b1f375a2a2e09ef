"""GLS in the web client: its login, its delivery method, and a label that is lost."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from playwright.sync_api import Page, expect

from tests.driver.main_job import MainJob
from tests.driver.shop import MANAGER, connect_gls, create_user, put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report
from tests.driver.web_client import button, field

CREATE = "Label/Create"


@pytest.fixture
def manager(admin):
    create_user(admin, "manager", MANAGER, "stock.group_stock_manager")
    return "manager"


def test_manager_enters_the_login_of_gls_and_it_is_validated(
    server, standins, shop_id, manager, browsing
):
    page = browsing.log_in(manager, manager)
    page.goto(f"{server.url}/odoo/gls-accounts/new")
    entry(page, "username").fill(standins.gls.username)
    entry(page, "password_entry").fill(standins.gls.password)
    page.locator(".o_form_button_save").click()
    expect(page.locator(".o_form_view")).to_contain_text("A password is stored")
    button(page, "Validate Login").click()
    expect(page.locator(".o_notification")).to_contain_text(standins.gls.customer_no)
    expect(entry(page, "customer_id")).to_have_value(
        f"{standins.gls.customer_no} Voorbeeld"
    )
    expect(entry(page, "password_entry")).to_have_value("")
    browsing.take_picture(page, "gls-account")


def test_clerk_decides_on_a_label_that_was_lost_and_it_is_shipped(
    server, standins, admin, shop_id, clerk, manager, browsing
):
    carrier = connect_gls(admin, standins.connection(), shop_id)
    put_in_stock(admin, PRODUCTS)
    job = MainJob(clerk, shop_id)
    report = make_report(3, datetime.now(timezone.utc))
    standins.amazon.orders.load_report(report)
    import_id = job.check(report)
    job.start_import(import_id)
    run_id = job.create_labels(job.deliveries())
    standins.gls.faults.add(CREATE, "cut", moment="after")
    job.start_labels(run_id)
    job.start_labels(run_id)

    page = browsing.log_in("clerk", "clerk")
    page.goto(f"{server.url}/odoo/parcels")
    page.locator(".o_data_row", has_text="Unclear").locator(
        "td[name=reference]"
    ).click()
    expect(page.locator(".alert-warning")).to_contain_text("Press Decide")
    browsing.take_picture(page, "gls-parcel-unclear")
    button(page, "Decide").click()
    dialog = page.locator(".modal-dialog")
    dialog.locator("[name=without_label] input").check()
    browsing.take_picture(page, "gls-decision")
    button(page, "Confirm").click()
    expect(page.locator(".modal-dialog")).to_have_count(0)
    expect(page.locator(".o_statusbar_status .o_arrow_button_current")).to_have_text(
        "Labelled"
    )
    browsing.take_picture(page, "gls-parcel-decided")
    job.start_labels(run_id)
    states = clerk.read("stock.picking", job.deliveries(), "state")
    assert {told["state"] for told in states} == {"done"}
    assert len(standins.gls.units) == len(states)

    page = browsing.log_in(manager, manager)
    page.goto(
        f"{server.url}/odoo/action-delivery.action_delivery_carrier_form/{carrier}"
    )
    page.locator(".nav-link", has_text="GLS").click()
    browsing.take_picture(page, "gls-delivery-method")


def entry(page: Page, name: str):
    return field(page, name).locator("input")

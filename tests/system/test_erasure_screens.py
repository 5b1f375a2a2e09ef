"""Buyers' data on screen: kept for a dispute, erased on request, written down."""

from __future__ import annotations

from datetime import datetime, timezone

from playwright.sync_api import expect

from tests.driver.main_job import MainJob
from tests.driver.unshipped_report import NAMES, make_report
from tests.driver.web_client import button, field

PEOPLE = tuple(name for names in NAMES.values() for name in names)


def test_manager_disputes_one_order_and_erases_another(
    server, admin, shop_id, browsing
):
    job = MainJob(admin, shop_id)
    job.start_import(job.check(make_report(4, datetime.now(timezone.utc))))
    server.work_until(lambda: admin.count("amazon.order") == 4, 120, "the import")
    disputed, erased, *__ = admin.search("amazon.order", [], order="id")
    for delivery in admin.read("amazon.order", erased, "picking_ids")["picking_ids"]:
        admin.press("stock.picking", delivery, "action_cancel")
    page = browsing.log_in("admin", "admin")

    page.goto(f"{server.url}/odoo/amazon-kept-buyers/{disputed}")
    field(page, "is_disputed").locator("input").check()
    field(page, "dispute_reason").locator("input").fill("A-to-z claim of 3 December")
    browsing.take_picture(page, "order-disputed")
    page.locator(".o_form_button_save").click()
    expect(page.locator(".o_form_button_save")).to_be_hidden()
    assert admin.read("amazon.order", disputed, "is_disputed")["is_disputed"]

    page.goto(f"{server.url}/odoo/amazon-kept-buyers/{erased}")
    button(page, "Erase Buyer").click()
    browsing.take_picture(page, "order-erase-question")
    page.locator(".modal").get_by_role("button", name="Erase").click()
    expect(page.get_by_text("The buyer's data was erased.")).to_be_visible()
    browsing.take_picture(page, "order-erased")
    shown = page.locator(".o_form_view").inner_text()
    assert not any(name in shown for name in PEOPLE)

    page.goto(f"{server.url}/odoo/amazon-kept-buyers")
    page.locator(".o_facet_remove").first.click()
    expect(page.locator(".o_data_row")).to_have_count(3)
    browsing.take_picture(page, "buyers-kept")
    action = admin.ref("amazon_carrier_connector.amazon_erasure_wizard_action")
    page.goto(f"{server.url}/odoo/action-{action}")
    expect(page.get_by_text("Orders Due")).to_be_visible()
    browsing.take_picture(page, "erasure-dialog")
    page.goto(f"{server.url}/odoo/amazon-audit-trail")
    expect(page.locator(".o_data_row")).not_to_have_count(0)
    expect(page.get_by_text("Erased", exact=True)).to_be_visible()
    browsing.take_picture(page, "audit-trail")
    page.locator(".o_data_row").first.locator("td[name=event]").click()
    expect(page.get_by_text("Amazon Order: 1")).to_be_visible()
    browsing.take_picture(page, "audit-event")

"""A guessed address in a real Odoo: the clerk walks through, corrects, and the label
is asked for what was corrected."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from playwright.sync_api import Page, expect

from tests.driver.main_job import MainJob
from tests.driver.shop import put_in_stock
from tests.driver.unshipped_report import PRODUCTS, make_report

STREET, ADDITIONAL = "ship-address-1", "ship-address-2"
GUESSED = ("Plein 1944", "Overtoom 12 3", "Dorpsweg 5 | Kerkweg 6")
CERTAIN = 2


@pytest.fixture
def report():
    """Orders to the Netherlands, some of which can only be guessed."""
    made = make_report(40, datetime.now(timezone.utc)).decode()
    header, *rows = (line.split("\t") for line in made.splitlines())
    place = {name: position for position, name in enumerate(header)}
    orders = {}
    for row in rows:
        if row[place["ship-country"]] == "NL":
            orders.setdefault(row[place["order-id"]], []).append(row)
    chosen = list(orders.values())[: len(GUESSED) + CERTAIN]
    for number, lines in enumerate(chosen):
        written = GUESSED[number] if number < len(GUESSED) else f"Kade {number} | "
        street, _, additional = written.partition(" | ")
        for row in lines:
            row[place[STREET]], row[place[ADDITIONAL]] = street, additional
            row[place["sku"]] = PRODUCTS[0].sku
    kept = [header, *(row for lines in chosen for row in lines)]
    return "".join("\t".join(row) + "\r\n" for row in kept).encode()


@pytest.fixture
def deliveries(admin, standins, shop_id, clerk, report):
    put_in_stock(admin, PRODUCTS)
    job = MainJob(clerk, shop_id)
    import_id = job.check(report)
    job.start_import(import_id)
    assert job.has_imported(import_id)
    return job.deliveries()


def test_clerk_walks_through_guessed_addresses_and_the_carrier_gets_what_is_corrected(
    server, standins, browsing, deliveries
):
    page = browsing.log_in("clerk", "clerk")
    page.goto(f"{server.url}/odoo/amazon-deliveries")
    page.locator("thead .o_list_record_selector input").click()
    button(page, "Create Labels").click()
    expect(field(page, "uncertain_count")).to_have_text(str(len(GUESSED)))
    expect(field(page, "ready_count")).to_have_text(str(CERTAIN))
    browsing.take_picture(page, "label-run-uncertain")

    button(page, "Check Addresses").click()
    expect(page.locator(".o_list_view .o_data_row")).to_have_count(len(GUESSED))
    expect(page.locator(".o_form_view")).to_have_count(0)
    browsing.take_picture(page, "uncertain-addresses")
    page.locator(".o_data_row td[name=name]").first.click()
    walked = set()
    for number in range(len(GUESSED)):
        expect(page.locator(".o_pager_value")).to_have_text(str(number + 1))
        lines = field(page, "address_source").inner_text().splitlines()
        walked.add(lines[1])
        if lines[1] == "Plein 1944":
            entry(page, "recipient_street_name").fill("Plein 1944")
            entry(page, "recipient_number").fill("7")
            browsing.take_picture(page, "uncertain-address")
        before = field(page, "name").inner_text()
        button(page, "Address is Right").click()
        if number < len(GUESSED) - 1:
            expect(field(page, "name")).not_to_have_text(before)
    expect(page.get_by_text("No address is uncertain")).to_be_visible()
    assert walked == {line.partition(" | ")[0] for line in GUESSED}

    page.locator(".o_breadcrumb").get_by_text("Labels ").click()
    # Who comes back finds nothing left to mend.
    expect(field(page, "uncertain_count")).to_have_count(0)
    button(page, "Create Labels").click()
    expect(button(page, "Download Labels")).to_be_visible()
    told = [shipment.request["recipient"] for shipment in all_shipments(standins)]
    asked = {(to["street"], to["number"], to.get("number_suffix", "")) for to in told}
    assert {("Plein 1944", "7", ""), ("Overtoom", "12", "3")} <= asked
    assert len(told) == len(deliveries)


def all_shipments(standins):
    return standins.myparcel.shipments.values()


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True).locator("visible=true")


def field(page: Page, name: str):
    return page.locator(f".o_form_view .o_field_widget[name={name}]")


def entry(page: Page, name: str):
    return field(page, name).locator("input")

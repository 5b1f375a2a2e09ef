"""A working day at the web client, whatever its language: the script finds what it
presses by its name, never by its words."""

from __future__ import annotations

import io
from datetime import datetime, timezone

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from .unshipped_report import PRODUCTS, change_report, make_report
from .web_client import cells, choose_files, entry, field, open_menu, press

ORDERS = 3
PUSH_SECONDS = 120
# Amazon shows a confirmed parcel some minutes later.
SETTLING_SECONDS = 600
# Nobody can know whether the last number belongs to the street.
GUESSED = "Plein 1944"
ADDRESS = {
    "ship-country": "NL",
    "ship-address-2": "",
    "ship-address-3": "",
    "ship-postal-code": "3511 AB",
    "ship-city": "Utrecht",
    "ship-state": "",
    "sales-channel": "Amazon.nl",
    "sku": PRODUCTS[0].sku,
}


def make_orders(seed: int) -> bytes:
    """Orders to the Netherlands, the address of the first of which is guessed."""
    numbers: dict[str, int] = {}

    def simplify(row):
        number = numbers.setdefault(row["order-id"], len(numbers))
        street = f"Voorbeeldstraat {number}" if number else GUESSED
        row.update(ADDRESS, **{"ship-address-1": street})

    now = datetime.now(timezone.utc)
    return change_report(make_report(ORDERS, now, seed), simplify)


class WorkingDay:
    """One person's day with one report of a seller, from the file to what Amazon
    knows."""

    def __init__(self, page: Page, server, standins, seller: str):
        self.page, self._server, self._standins = page, server, standins
        self._seller = seller

    def import_file(self, report: bytes, shop: str) -> None:
        """Begins on the overview, at the card of this shop."""
        for order in self._standins.amazon.orders.load_report(report):
            order.selling_partner_id = self._seller
        card = self.page.locator(".o_kanban_record", has_text=shop)
        card.locator("[name=action_upload_report]").last.click()
        choose_files(self.page, {"unshipped.txt": report})
        press(self.page, "action_check")
        new = self.page.locator("[name=counts] [name=new_count]")
        expect(new).to_have_text(str(ORDERS))
        press(self.page, "action_import")
        press(self.page, "action_view_deliveries")
        expect(cells(self.page, "label_state", "")).to_have_count(ORDERS)

    def check_labels(self) -> None:
        """Of all deliveries of the list: one waits for a person."""
        self._select_all()
        press(self.page, "action_create_labels")
        expect(field(self.page, "ready_count")).to_have_text(str(ORDERS - 1))
        expect(field(self.page, "uncertain_count")).to_have_text("1")

    def correct_address(self) -> None:
        press(self.page, "action_check_addresses")
        entry(self.page, "recipient_street_name").fill(GUESSED)
        entry(self.page, "recipient_number").fill("7")
        press(self.page, "action_confirm_address")
        # Back at the run, which is checked again by itself.
        expect(field(self.page, "ready_count")).to_have_text(str(ORDERS))

    def create_labels(self) -> None:
        """One PDF of all labels; with them the deliveries are done."""
        press(self.page, "action_start")
        with self.page.expect_download() as downloading:
            press(self.page, "action_download")
        pdf = PdfReader(io.BytesIO(downloading.value.path().read_bytes()))
        assert len(pdf.pages) == ORDERS
        press(self.page, "action_view_deliveries")
        expect(badges(self.page, "label_state", "success")).to_have_count(ORDERS)

    def push(self) -> None:
        """What Amazon was told stays: the orders are seen as shipped there."""
        amazon = self._standins.amazon
        self._server.work_until(
            lambda: all(order.packages for order in amazon.orders.values()),
            PUSH_SECONDS,
            "the push",
        )
        self._standins.clock.advance(SETTLING_SECONDS)
        open_menu(self.page, "menu_amazon_tracking", "menu_amazon_confirmations")
        expect(cells(self.page, "order_id", "").nth(ORDERS - 1)).to_be_visible()
        self._select_all()
        press(self.page, "action_read_back")
        expect(badges(self.page, "state", "success").nth(ORDERS - 1)).to_be_visible()
        expect(badges(self.page, "state", "info")).to_have_count(0)
        assert {order.fulfillment_status for order in amazon.orders.values()} == {
            "SHIPPED"
        }

    def end(self) -> None:
        """The parcels of the day are on its list."""
        open_menu(self.page, "menu_amazon_labels", "menu_amazon_day_list")
        rows = self.page.locator(".modal .o_data_row")
        expect(rows.nth(ORDERS - 1)).to_be_visible()
        self.page.locator(".modal button[special=cancel]").click()

    def _select_all(self) -> None:
        self.page.locator("thead .o_list_record_selector input").click()


def badges(page: Page, name: str, colour: str):
    """The badges of a list's column in a colour, which tells their state."""
    return page.locator(f".o_data_row td[name={name}] .text-bg-{colour}")

"""Makes Unshipped orders reports of invented people, and reads what one promises.

Both from the columns of the report as Amazon documents them; nothing of the addon is
used, so that what the addon did can be checked against them.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .shop import Product

COLUMNS = (
    "order-id order-item-id purchase-date payments-date reporting-date promise-date"
    " days-past-promise buyer-email buyer-name buyer-phone-number sku product-name"
    " quantity-purchased quantity-shipped quantity-to-ship ship-service-level"
    " recipient-name ship-address-1 ship-address-2 ship-address-3 ship-city ship-state"
    " ship-postal-code ship-country is-business-order purchase-order-number"
    " price-designation is-prime sales-channel"
).split()
PRODUCTS = [
    Product("MUG-BLUE", "Stoneware mug, blue", 0.42),
    Product("MUG-WHITE", "Stoneware mug, white", 0.42),
    Product("TEA-100", "Black tea, 100 bags", 0.28),
    Product("LAMP-DESK", "Desk lamp, oak", 1.35),
    Product("NOTE-A5", "Notebook A5, dotted", 0.31),
    Product("NOTE-A4", "Notebook A4, lined", 0.55),
    Product("PEN-4", "Four gel pens", 0.06),
    Product("BAG-20", "Backpack, 20 l", 0.78),
    Product("CABLE-2M", "USB-C cable, 2 m", 0.08),
    Product("TOWEL-3", "Three cotton towels", 0.95),
    Product("PAN-24", "Frying pan, 24 cm", 1.62),
    Product("ÖL-05", "Olivenöl, 0,5 l", 0.93),
]
# Sold at Amazon, not known to Odoo.
UNKNOWN = [
    Product("OLD-SKU-17", 'Poster "Café", 50 x 70 cm', 0.3),
    Product("AMZN-RETURN-2", "Clé à molette, 200 mm", 0.4),
]
DUTCH_STREETS = (
    "Voorbeeldstraat",
    "Burg. van Proefstraat",
    "Lange Testweg",
    "1e Oefendwarsstraat",
    "Plein 1944",
    "'t Proefhof",
)
DUTCH_ADDITIONS = ("", "", "", "", " a", "-2", " bis", " hs", "B", " III")
DUTCH_TOWNS = (
    ("Utrecht", "3511"),
    ("'s-Hertogenbosch", "5211"),
    ("Groningen", "9711"),
    ("Den Haag", "2511"),
    ("Sint-Oedenrode", "5491"),
)
GERMAN_STREETS = (
    "Musterstraße",
    "Beispielweg",
    "Am Prüfstand",
    "Straße des 17. Juni",
    "Lange Str.",
)
GERMAN_TOWNS = (
    ("Köln", "50667", "Nordrhein-Westfalen"),
    ("Dresden", "01067", "Sachsen"),
    ("Frankfurt am Main", "60311", "Hessen"),
    ("München", "80331", "Bayern"),
)
FRENCH_STREETS = (
    "rue de l’Exemple",
    "avenue du Modèle",
    "boulevard des Épreuves",
    "impasse de l'Essai",
)
FRENCH_TOWNS = (
    ("Lyon", "69002"),
    ("Saint-Étienne", "42000"),
    ("Nîmes", "30000"),
    ("Bourg-en-Bresse", "01000"),
)
NAMES = {
    "NL": ("Anna de Proef", "J.W. van den Testen", "Fatma Yılmaz", "Siem Ooievaar"),
    "DE": ("Jürgen Muster", "Lotte Beispiel-Groß", "Dr. Max Prüfer", "Zoë Kühn"),
    "FR": ("Amélie Lefèvre", "Jean-François Modèle", "Hélène d’Essai", "Noé Bœuf"),
}
PHONES = {
    "NL": ("+316{:08d}", "06-{:08d}"),
    "DE": ("+49 151 {:08d}", "0151/{:08d}"),
    "FR": ("+33 6 {:08d}", "06{:08d}"),
}
PREFIXES = {"NL": "402", "DE": "303", "FR": "405"}
SHARES = {"NL": 6, "DE": 3, "FR": 1}


@dataclass(frozen=True)
class Expected:
    """What Amazon must be told of one order."""

    order_ref: str
    sales_channel: str
    quantities: dict[str, int]


def make_report(count: int, now: datetime, seed: int = 2026) -> bytes:
    """A report of ``count`` orders; the same count, moment and seed, the same bytes.

    Beside plain orders: several items, more than one piece, part already shipped, SKUs
    unknown to Odoo, and always one order with two items of one SKU.
    """
    maker = _Maker(random.Random(seed), now)
    return _write([row for number in range(count) for row in maker.order(number)])


def change_report(data: bytes, change: Callable[[dict[str, str]], None]) -> bytes:
    """A report after ``change`` did what it does to each row, by column."""
    rows = list(_rows(data))
    for row in rows:
        change(row)
    return _write(rows)


def read_report(data: bytes) -> dict[str, Expected]:
    """What is to be shipped, by order id."""
    orders: dict[str, Expected] = {}
    for row in _rows(data):
        ref = row["order-id"]
        order = orders.setdefault(ref, Expected(ref, row.get("sales-channel", ""), {}))
        order.quantities[row["order-item-id"]] = int(row["quantity-to-ship"])
    return orders


def _rows(data: bytes) -> Iterator[dict[str, str]]:
    lines = data.decode("utf-8-sig").splitlines()
    return csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _write(rows: list[dict[str, str]]) -> bytes:
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "".join("\t".join(line) + "\r\n" for line in lines).encode()


def ask_to_cancel(row: dict[str, str]) -> None:
    """A change: the buyer asks to cancel."""
    row["is-buyer-requested-cancellation"] = "true"


class _Maker:
    def __init__(self, dice: random.Random, now: datetime):
        self._dice, self._now = dice, now

    def order(self, number: int) -> Iterator[dict[str, str]]:
        dice = self._dice
        country = dice.choices(list(SHARES), list(SHARES.values()))[0]
        first = self._first_cells(number, country)
        for place, product in enumerate(self._products(number), start=1):
            ordered = dice.choice((1, 1, 1, 1, 1, 2, 3))
            shipped = dice.choice((0, 0, 0, 0, ordered - 1))
            yield {
                **first,
                "order-item-id": f"{number * 10 + place:014d}",
                "sku": product.sku,
                "product-name": product.name,
                "quantity-purchased": str(ordered),
                "quantity-shipped": str(shipped),
                "quantity-to-ship": str(ordered - shipped),
            }

    def _products(self, number: int) -> list[Product]:
        if number == 1:
            return [PRODUCTS[0]] * 2
        chosen = self._dice.sample(PRODUCTS, self._dice.choice((1, 1, 1, 1, 2, 3)))
        if number % 20 == 3:
            chosen[0] = self._dice.choice(UNKNOWN)
        return chosen

    def _first_cells(self, number: int, country: str) -> dict[str, str]:
        dice, now = self._dice, self._now
        purchased = now - timedelta(minutes=dice.randint(10, 2000))
        promised = (now + timedelta(days=dice.randint(0, 3))).replace(
            hour=22, minute=59, second=59
        )
        name = dice.choice(NAMES[country])
        digits = dice.randint(0, 10**7 - 1)
        return {
            **dict.fromkeys(COLUMNS, ""),
            **ADDRESS_MAKERS[country](dice),
            "order-id": f"{PREFIXES[country]}-{digits:07d}-{number:07d}",
            "purchase-date": _moment(purchased),
            "payments-date": _moment(purchased),
            "reporting-date": _moment(now),
            "promise-date": _moment(promised),
            "days-past-promise": str((now - promised).days),
            "buyer-email": f"{dice.getrandbits(64):x}@marketplace.amazon.example",
            "buyer-name": name,
            "recipient-name": name,
            "buyer-phone-number": dice.choice(PHONES[country]).format(digits),
            "ship-service-level": dice.choice(("Standard", "Standard", "Expedited")),
            "ship-country": country,
            "is-business-order": "false",
            "is-prime": "false",
            "sales-channel": f"Amazon.{country.lower()}",
        }


def _dutch_address(dice: random.Random) -> dict[str, str]:
    town, digits = dice.choice(DUTCH_TOWNS)
    letters = dice.choice(("AA", "BK", "XZ"))
    # Not 1: "1-2" may be two houses, and a person would be asked.
    number = f"{dice.randint(2, 400)}{dice.choice(DUTCH_ADDITIONS)}"
    return {
        "ship-address-1": f"{dice.choice(DUTCH_STREETS)} {number}",
        "ship-city": town,
        "ship-postal-code": f"{digits}{dice.choice(('', ' '))}{letters}",
    }


def _german_address(dice: random.Random) -> dict[str, str]:
    town, code, state = dice.choice(GERMAN_TOWNS)
    addition = dice.choice(("", "", "", "a", " b", "-7"))
    street = f"{dice.choice(GERMAN_STREETS)} {dice.randint(1, 199)}{addition}"
    lines = dice.choice(([street], [street], [street, "3. OG links"]))
    return {
        **{f"ship-address-{i}": line for i, line in enumerate(lines, start=1)},
        "ship-city": town,
        "ship-state": dice.choice(("", state)),
        "ship-postal-code": code,
    }


def _french_address(dice: random.Random) -> dict[str, str]:
    town, code = dice.choice(FRENCH_TOWNS)
    repetition = dice.choice(("", "", " bis", " ter"))
    street = f"{dice.randint(1, 199)}{repetition} {dice.choice(FRENCH_STREETS)}"
    lines = dice.choice(([street], [street, "Bâtiment C, 4e étage"]))
    return {
        **{f"ship-address-{i}": line for i, line in enumerate(lines, start=1)},
        "ship-city": town,
        "ship-postal-code": code,
    }


ADDRESS_MAKERS: dict[str, Callable[[random.Random], dict[str, str]]] = {
    "NL": _dutch_address,
    "DE": _german_address,
    "FR": _french_address,
}


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")

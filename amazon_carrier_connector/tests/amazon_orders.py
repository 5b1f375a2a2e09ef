"""Invented orders of every kind, as Amazon's stand-in keeps them."""

from datetime import datetime, timedelta, timezone
from random import Random

from .common import item_ref, order_ref

# Marketplace and country, name of a recipient, address lines, city, state, postal code.
PLACES = (
    ("A1805IZSGTT6HS", "NL", "Jörgen Ångström", ["Voorbeeldstraat 12 a"], "Utrecht"),
    ("A1805IZSGTT6HS", "NL", "D. 'Quote' \"van\" Dam", ["Kade 1", "2e etage"], "Ede"),
    ("A1PA6795UKMFR9", "DE", "Müller GmbH", ["c/o Schmidt", "Straße 5"], "Köln"),
    ("A1PA6795UKMFR9", "DE", "Ute Weiß", ["Packstation 145", "12345678"], "Berlin"),
    ("A1PA6795UKMFR9", "AT", "Ö. Änderung", ["Gasse 3/2/1"], "Wien"),
    ("A13V1IB3VIYZZH", "FR", "Zoë L'Été", ["3 rue de l'Église", "Bât. B"], "Évry"),
    ("A1F83G8C2ARO7P", "GB", "O'Neil & Sons", ["Flat 2", "1 High St", "Dock"], "Hull"),
    ("AMEN7PMS3EDWL", "BE", "Noël Peeters", ["Dorp 7 bus 3"], "Gent"),
)
POSTAL_CODES = {
    "NL": "3500 AA",
    "DE": "01067",
    "AT": "1010",
    "FR": "91000",
    "GB": "HU1 1AA",
    "BE": "9000",
}
SKUS = ("MUG-BLUE", "PLATE", "BOWL", "NOT IN ODOO", "É-1")
PROGRAMS = ((), (), ("PRIME",), ("AMAZON_BUSINESS",), ("PRIME", "AMAZON_BUSINESS"))
SERVICES = ("Standard", "Expedited", "SecondDay", "NextDay")


def make_orders(count, seed, placed=None, first=1):
    """Orders with one to three items, some shipped in part, all with some to ship.

    :param placed: when the newest one was bought, aware; an hour ago by default
    :return: list of the stand-in's ``Order``
    """
    from tests.standins import Item, Order

    random = Random(seed)
    placed = placed or datetime.now(timezone.utc) - timedelta(hours=1)
    placed = placed.replace(microsecond=0)
    return [
        _make_order(random, number, placed, Item, Order)
        for number in range(first, first + count)
    ]


def _make_order(random, number, placed, new_item, new_order):
    marketplace_ref, country, name, lines, city = random.choice(PLACES)
    bought = placed - timedelta(minutes=random.randrange(3 * 24 * 60))
    items = []
    for position in range(random.choice((1, 1, 1, 2, 3))):
        quantity = random.randint(1, 4)
        shipped = random.choice((0, 0, 0, quantity - 1))
        if position:
            shipped = random.choice((shipped, quantity))
        items.append(
            new_item(
                item_ref(number * 10 + position),
                random.choice(SKUS),
                title=f"Article №{position} “{number}”",
                quantity=quantity,
                quantity_shipped=shipped,
                unit_price=f"{number % 300}.{position}5",
            )
        )
    recipient = {
        "name": name,
        **{f"addressLine{n}": line for n, line in enumerate(lines, 1)},
        "city": city,
        "postalCode": POSTAL_CODES[country],
        "countryCode": country,
    }
    if random.random() < 0.7:
        recipient["phone"] = f"+316{number:08d}"
    buyer = {
        "buyerName": name,
        "buyerEmail": f"b{number}@marketplace.amazon.nl",
    }
    if random.random() < 0.2:
        buyer["buyerPurchaseOrderNumber"] = f"PO-{number}"
    return new_order(
        order_ref(number),
        items,
        marketplace_ref=marketplace_ref,
        recipient=recipient,
        buyer=buyer,
        purchased=bought,
        ship_by=bought + timedelta(days=2),
        deliver_by=bought + timedelta(days=5),
        service_level=random.choice(SERVICES),
        programs=list(random.choice(PROGRAMS)),
    )

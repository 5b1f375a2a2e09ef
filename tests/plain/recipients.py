"""A buyer in the Netherlands, invented."""

from carriers.shipments import Recipient

RECIPIENT = Recipient(
    name="Eva Voorbeeld",
    company="",
    street="Voorbeeldstraat",
    number="12",
    number_suffix="a",
    box_number="",
    street_additional="",
    postal_code="3500 AA",
    city="Utrecht",
    region="",
    country_code="NL",
    phone="",
    email="a1b2c3@marketplace.amazon.nl",
)

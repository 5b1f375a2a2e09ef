"""Shipments of GLS for tests: invented people and addresses."""

from carriers.gls_shipments import GlsShipment, GlsUnit
from carriers.shipments import Recipient

ORDER = "402-0000001-0000001"
ADDRESSES = {
    "NL": ("Voorbeeldstraat", "12", "a", "", "3500 AA", "Utrecht"),
    "BE": ("Testlaan", "100", "", "3", "2000", "Antwerpen"),
    "DE": ("Musterstraße", "5", "", "", "01067", "Dresden"),
    "FR": ("Rue de la Paix", "12", "bis", "", "75002", "Paris"),
    "IE": ("Main Street", "4", "", "", "D02 X285", "Dublin"),
}


def recipient(country="NL", **changes):
    street, number, suffix, box, postal_code, city = ADDRESSES.get(
        country, ("Main Street", "1", "", "", "1000", "Capital")
    )
    values = {
        "name": "Eva Voorbeeld",
        "company": "",
        "street": street,
        "number": number,
        "number_suffix": suffix,
        "box_number": box,
        "street_additional": "",
        "postal_code": postal_code,
        "city": city,
        "region": "",
        "country_code": country,
        "phone": "",
        "email": "",
    }
    return Recipient(**{**values, **changes})


def shipment(*references, country="NL", weight_grams=750, **changes):
    """One of the parcels ``references``; addresses by the recipient's own names."""
    to = {
        key: changes.pop(key)
        for key in list(changes)
        if key in Recipient.__dataclass_fields__
    }
    units = tuple(GlsUnit(name, weight_grams) for name in references or ("R-1",))
    values = {"order_ref": ORDER, "units": units, "recipient": recipient(country, **to)}
    return GlsShipment(**{**values, **changes})

"""Amazon's shipping confirmation file, for upload in Seller Central.

Tab separated UTF-8 text with the columns of the "Shipping Confirmation" flat file
(feed type ``POST_FLAT_FILE_FULFILLMENT_DATA``): one row per order item of a parcel.
Source: Seller Central help, G641, and
https://developer-docs.amazon.com/sp-api/docs/order-feed-type-values
"""

import re
from collections.abc import Iterable
from datetime import tzinfo

from .selling_partner import ShipmentConfirmation

COLUMNS = (
    "order-id",
    "order-item-id",
    "quantity",
    "ship-date",
    "carrier-code",
    "carrier-name",
    "tracking-number",
    "ship-method",
)
# For carrier-name, tracking-number and ship-method, in characters.
LONGEST_CELL = 50

_BREAKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = "=+-@"


def write_confirmation_file(
    confirmations: Iterable[ShipmentConfirmation], zone: tzinfo
) -> bytes:
    """
    :param zone: where the parcels left; the file has days, no moments
    """
    lines = [COLUMNS]
    for confirmation in confirmations:
        lines += _rows(confirmation, zone)
    return "".join("\t".join(line) + "\r\n" for line in lines).encode()


def _rows(confirmation, zone):
    for item in confirmation.items:
        yield [
            _cell(text)
            for text in (
                confirmation.order_ref,
                item.item_ref,
                str(item.quantity),
                confirmation.ship_date.astimezone(zone).date().isoformat(),
                confirmation.carrier_code,
                confirmation.carrier_name,
                confirmation.tracking_number,
                confirmation.shipping_method,
            )
        ]


def _cell(text):
    """One line of text, which no program takes for more than a text."""
    return _BREAKS.sub(" ", text).lstrip(_FORMULA + " ").rstrip()

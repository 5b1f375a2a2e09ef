"""Which report a file is, by its first lines; all but one are refused by name.

The names of the columns are English in every marketplace and in every language of
Seller Central; their order and number are the seller's choice.
"""

from .errors import ReportRefused

UNSHIPPED, NEW_ORDERS = "unshipped", "new_orders"

# Without these nothing can be shipped; all belong to the standard columns.
CORE = frozenset(
    (
        "order-id",
        "order-item-id",
        "sku",
        "recipient-name",
        "ship-address-1",
        "ship-city",
        "ship-postal-code",
        "ship-country",
    )
)
TO_SHIP, PURCHASED = "quantity-to-ship", "quantity-purchased"

_ALL_ORDERS = frozenset(("amazon-order-id",))
_ORDERS = frozenset(("order-id", "amazon-order-id"))
# Any of these, in a file that has no order ids.
_INVENTORY = frozenset(
    (
        "seller-sku",
        "asin",
        "asin1",
        "fnsku",
        "listing-id",
        "product-id",
        "product-id-type",
        "fulfillment-channel-sku",
        "quantity-available",
    )
)
_SEPARATORS = ";,|"
_HTML = ("<html", "<!doctype html", "<body", "<head", "<title", "<meta", "<script")


def columns_of(line: str) -> tuple[str, ...]:
    """Names of the columns in lower case, as the report's reader compares them."""
    return tuple(cell.strip("\ufeff \xa0").lower() for cell in line.split("\t"))


def kind_of(line: str, head: str) -> str:
    """UNSHIPPED or NEW_ORDERS, by the header line; ``head`` is the file's beginning.

    Raises ReportRefused: ``html``, ``xml``, ``csv``, ``all_orders``,
    ``inventory``, ``missing_columns`` (named in ``detail``) or ``not_a_report``.
    """
    _refuse_markup(head)
    names = frozenset(columns_of(line))
    _refuse_other_tables(line, names)
    missing = CORE - names
    if TO_SHIP in names and not missing:
        return UNSHIPPED
    if PURCHASED in names and not missing:
        return NEW_ORDERS
    if "order-id" not in names:
        raise ReportRefused("not_a_report")
    wanted = missing if TO_SHIP in names else missing | {TO_SHIP}
    raise ReportRefused("missing_columns", ", ".join(sorted(wanted)))


def _refuse_markup(head: str):
    start = head.lstrip("\ufeff \t\r\n").lower()
    if start.startswith("<"):
        is_html = any(tag in start for tag in _HTML)
        raise ReportRefused("html" if is_html else "xml")


def _refuse_other_tables(line: str, names: frozenset[str]):
    if not names & _ORDERS and _resaved_names(line) & _ORDERS:
        raise ReportRefused("csv")
    if names & _ALL_ORDERS:
        raise ReportRefused("all_orders")
    if names & _INVENTORY and not names & _ORDERS:
        raise ReportRefused("inventory")


def _resaved_names(line: str) -> set[str]:
    """The names in a header that another program wrote with separators or quotes."""
    for separator in _SEPARATORS:
        line = line.replace(separator, "\t")
    return {name.strip("\"' ") for name in columns_of(line)}

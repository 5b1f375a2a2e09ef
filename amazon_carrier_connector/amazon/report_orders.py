"""Makes orders of the rows of a report, and problems of what cannot be read.

A row that cannot be read never stops the others, but an order of which one row is bad
is left out whole: half an order would be packed, and told to Amazon, wrongly.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from .drafts import draft_of, freeze
from .errors import ReportRefused
from .orders import Detail, Details, Order, OrderItem, PostalAddress
from .report_columns import (
    ITEM_DETAILS,
    ORDER_DETAILS,
    Reader,
    read_flag,
    read_moment,
    read_number,
    read_quantity,
)
from .report_kind import NEW_ORDERS, PURCHASED, TO_SHIP, columns_of
from .report_text import REPLACEMENT

PROBLEM_CODES = (
    "cell_count",  # more or fewer cells than the header: a tab inside, a cut file
    "missing",
    "unreadable",
    "undecodable",  # letters were lost in this file or before it
    "lost_zeros",
    "conflict",  # two rows of the order contradict each other in this column
    "other_row",  # this row is good, another of its order is not
)

_ORDER_REF = re.compile(r"[0-9A-Z]{3}-[0-9]{7}-[0-9]{7}")
_ITEM_REF_DIGITS = 14
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
# About one id in ten begins with a zero, so that a spreadsheet damages more than one
# row in this many; a slip of the hand damages one.
_DAMAGED_OF = 100
# "?ód?", "Wroc?aw".
_LOST_LETTER = re.compile(r"[^\W\d_]\?|\?[^\W\d_]")
_VALUE_CHARS = 80
# More than any person reads: what gives so many is no report.
MAX_PROBLEMS = 250_000
_FALSE = ("false", "")

_ADDRESS = (
    "recipient-name",
    "ship-address-1",
    "ship-address-2",
    "ship-address-3",
    "ship-city",
    "ship-state",
    "ship-postal-code",
    "ship-country",
)
_ITEM = (
    "order-item-id",
    "sku",
    "product-name",
    "price-designation",
    PURCHASED,
    "quantity-shipped",
)
_ORDER = (
    "purchase-date",
    "payments-date",
    "days-past-promise",
    "ship-service-level",
    "sales-channel",
    "buyer-name",
    "buyer-email",
    "ship-phone-number",
    "buyer-phone-number",
    "purchase-order-number",
    "is-prime",
    "is-business-order",
)
# In the Japanese report, and in the New Orders report.
_DELIVER_BY = ("scheduled-delivery-end-date", "delivery-end-date")
# What may differ from row to row of an order.
_ROW = (
    "promise-date",
    "reporting-date",
    "is-buyer-requested-cancellation",
    "buyer-requested-cancel-reason",
)

_OrderDraft = draft_of(Order)
_ItemDraft = draft_of(OrderItem)
_AddressDraft = draft_of(PostalAddress)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a row that needs a person.

    ``code`` is one of PROBLEM_CODES, ``row`` counts from the header as 1,
    ``order_ref`` is "" where it cannot be read, ``value`` is what stands in the cell
    ("" for address columns). ``order_kept``: the order was read all the same,
    without this value.
    """

    code: str
    row: int
    order_ref: str
    column: str = ""
    value: str = field(default="", repr=False)
    order_kept: bool = False


class Layout:
    """Where the columns stand in one file, by its header line."""

    def __init__(self, header: str, kind: str):
        self.columns = columns_of(header.rstrip())
        self.width = len(self.columns)
        self._positions: dict[str, int] = {}
        for position, column in enumerate(self.columns):
            self._positions.setdefault(column, position)
        self.has_continuations = kind == NEW_ORDERS
        self.to_ship = PURCHASED if kind == NEW_ORDERS else TO_SHIP
        self.order_ref = self._positions["order-id"]
        self.item = self._picker((*_ITEM, self.to_ship))
        self.address = self._picker(_ADDRESS)
        self.deliver_by = _DELIVER_BY[_DELIVER_BY[0] not in self._positions]
        self.order = self._picker((*_ORDER, self.deliver_by))
        self.row = self._picker(_ROW)
        self.order_details = self._details(ORDER_DETAILS)
        self.item_details = self._details(ITEM_DETAILS)

    def _picker(self, columns: Iterable[str]):
        """Takes cells out of a row that has a blank one added for absent columns."""
        return itemgetter(*(self._positions.get(name, self.width) for name in columns))

    def _details(self, readers: Mapping[str, Reader]):
        return tuple(
            (self._positions[name], name, reader)
            for name, reader in readers.items()
            if name in self._positions
        )


class _Bad(Exception):
    """A row that cannot be taken."""

    def __init__(self, code: str, column: str = "", value: str = ""):
        super().__init__(code)
        self.code = code
        self.column = column
        self.value = value


class Collector:
    """Takes row after row, then knows the orders and the problems.

    ``is_whole``: no letter is lost in this file, so that none has to be looked for.
    """

    def __init__(self, layout: Layout, *, is_whole: bool):
        self.row_count = 0
        self.reported_at: datetime | None = None
        self._layout = layout
        self._is_whole = is_whole
        # Drafts of Order whose items are by their ids yet, and whose rows are a list.
        self._orders: dict[str, _OrderDraft] = {}
        # Rows of the orders of which nothing to ship was found so far: no more than
        # that is kept of them.
        self._shipped: dict[str, list[int]] = {}
        self._shipped_items: set[str] = set()
        # Orders that have such rows because something was shipped, not cancelled.
        self._partly_shipped: set[str] = set()
        self._problems: list[Problem] = []
        self._spoiled: set[str] = set()
        self._lost_zeros = 0
        self._row = 0
        self._order_ref = ""
        self._reporting_date = ""
        self._countries: dict[str, str] = {}
        # Values that many orders have in common are kept once.
        self._share = {}.setdefault

    def take(self, row: int, cells: list[str]):
        """Read one row into its order, or into a problem; a blank row is nothing.

        Raises ReportRefused where a spreadsheet has damaged the file.
        """
        position = self._layout.order_ref
        written = cells[position] if position < len(cells) else ""
        if not written and not any(cells):
            return
        self.row_count += 1
        self._row = row
        self._order_ref = written if _ORDER_REF.fullmatch(written) else ""
        try:
            self._add(cells)
        except _Bad as bad:
            self._spoiled.add(self._order_ref)
            self._note(bad.code, bad.column, bad.value)

    def is_damaged(self) -> bool:
        """Whether more ids have lost their zeros than a slip of the hand explains."""
        return self._lost_zeros * _DAMAGED_OF > self.row_count

    def orders(self) -> Iterator[Order]:
        """The orders that could be read whole, in the order of the file; once."""
        for order in self._orders.values():
            if order.order_ref not in self._spoiled:
                order.items = tuple(order.items.values())
                order.rows = tuple(order.rows)
                order.has_shipped_items = order.order_ref in self._partly_shipped
                yield freeze(order, Order)

    def nothing_to_ship(self) -> dict[str, list[int]]:
        """The rows of the orders that could be read, with nothing left to ship."""
        shipped = self._shipped.items()
        return {ref: rows for ref, rows in shipped if ref not in self._spoiled}

    def problems(self) -> list[Problem]:
        """One for each row that is in no order, and the trifles; by row."""
        found = [*self._own_problems(), *self._rows_beside_a_bad_one()]
        return sorted(found, key=lambda problem: problem.row)

    def _own_problems(self) -> Iterator[Problem]:
        for problem in self._problems:
            if not (problem.order_kept and problem.order_ref in self._spoiled):
                yield problem

    def _rows_beside_a_bad_one(self) -> Iterator[Problem]:
        for order_ref in self._spoiled:
            order = self._orders.get(order_ref)
            for row in order.rows if order else self._shipped.get(order_ref, ()):
                yield Problem("other_row", row, order_ref)

    def _note(self, code: str, column: str, value: str = "", *, order_kept=False):
        if len(self._problems) >= MAX_PROBLEMS:
            raise ReportRefused("not_a_report")
        shown = "" if column in _ADDRESS[:-1] else value[:_VALUE_CHARS]
        self._problems.append(
            Problem(code, self._row, self._order_ref, column, shown, order_kept)
        )

    def _add(self, cells: list[str]):
        if len(cells) != self._layout.width:
            self._fit(cells)
        order_ref = self._order_ref
        if not order_ref:
            written = cells[self._layout.order_ref]
            raise _Bad("unreadable" if written else "missing", "order-id", written)
        cells.append("")
        known = self._orders.get(order_ref)
        if self._layout.has_continuations and self._is_continuation(cells, known):
            self._rows_of(order_ref).append(self._row)
            return
        item = self._item(cells)
        if item is None:
            self._rows_of(order_ref).append(self._row)
            self._note_report_moment(cells)
        elif known is None:
            self._orders[order_ref] = self._first_row(cells, item)
        else:
            self._next_row(cells, known, item)

    def _rows_of(self, order_ref: str) -> list[int]:
        order = self._orders.get(order_ref)
        return order.rows if order else self._shipped.setdefault(order_ref, [])

    def _fit(self, cells: list[str]):
        """Cut off blank cells beyond the header; anything else is misplaced."""
        width = self._layout.width
        if len(cells) < width or any(cells[width:]):
            raise _Bad("cell_count", value=f"{len(cells)}/{width}")
        del cells[width:]

    def _first_row(self, cells: list[str], item: OrderItem) -> _OrderDraft:
        ship_by, cancel_requested, cancel_reason = self._row_values(cells)
        (
            purchase_date,
            payments_date,
            days_past_promise,
            service_level,
            sales_channel,
            buyer_name,
            buyer_email,
            ship_phone,
            buyer_phone,
            po_number,
            is_prime,
            is_business,
            deliver_by,
        ) = self._layout.order(cells)
        return _OrderDraft(
            self._order_ref,
            {item.item_ref: item},
            self._recipient(cells),
            self._optional(read_moment, "purchase-date", purchase_date),
            ship_by,
            self._optional(read_moment, self._layout.deliver_by, deliver_by),
            self._share(service_level, service_level),
            self._share(sales_channel, sales_channel),
            buyer_name,
            buyer_email,
            ship_phone or buyer_phone,
            po_number,
            is_prime not in _FALSE and self._flag("is-prime", is_prime),
            is_business not in _FALSE and self._flag("is-business-order", is_business),
            cancel_requested,
            cancel_reason,
            [*self._shipped.pop(self._order_ref, ()), self._row],
            self._optional(read_moment, "payments-date", payments_date),
            self._optional(read_number, "days-past-promise", days_past_promise),
            self._details(cells, self._layout.order_details),
            has_remainder=True,
            has_shipped_items=False,
            marketplace_ref="",
        )

    def _next_row(self, cells: list[str], order: _OrderDraft, item: OrderItem):
        """Add one more row to an order; what it repeats has to be the same."""
        recipient = self._recipient(cells)
        if recipient != order.recipient:
            raise _Bad("conflict", _first_difference(recipient, order.recipient))
        ship_by, cancel_requested, cancel_reason = self._row_values(cells)
        # The same row may stand in the file twice.
        if order.items.setdefault(item.item_ref, item) != item:
            raise _Bad("conflict", "order-item-id", item.item_ref)
        if ship_by and (order.ship_by is None or ship_by < order.ship_by):
            order.ship_by = ship_by
        order.cancel_requested = order.cancel_requested or cancel_requested
        order.cancel_reason = order.cancel_reason or cancel_reason
        order.rows.append(self._row)

    def _is_continuation(self, cells: list[str], order: _OrderDraft | None) -> bool:
        """A further promotion of an item that is known: its other cells are blank."""
        item_ref, *_others, quantity = self._layout.item(cells)
        if quantity:
            return False
        return item_ref in self._shipped_items or bool(
            order and item_ref in order.items
        )

    def _item(self, cells: list[str]) -> OrderItem | None:
        """The item of this row, None when nothing of it is left to ship."""
        item_ref, sku, title, price, ordered, shipped, to_ship = self._layout.item(
            cells
        )
        if len(item_ref) < _ITEM_REF_DIGITS or not _is_digits(item_ref):
            self._refuse_item_ref(item_ref)
        if not sku:
            raise _Bad("missing", "sku")
        if not self._is_whole and REPLACEMENT in sku:
            raise _Bad("undecodable", "sku")
        quantity_to_ship = _quantity(self._layout.to_ship, to_ship)
        quantity_shipped = _quantity("quantity-shipped", shipped) if shipped else 0
        quantity_ordered = (
            _quantity(PURCHASED, ordered)
            if ordered
            else quantity_to_ship + quantity_shipped
        )
        if not quantity_to_ship:
            if quantity_shipped:
                self._partly_shipped.add(self._order_ref)
            if self._layout.has_continuations:
                self._shipped_items.add(item_ref)
            return None
        item = _ItemDraft(
            item_ref,
            self._share(sku, sku),
            self._share(title, title),
            quantity_ordered,
            quantity_shipped,
            quantity_to_ship,
            price,
            self._details(cells, self._layout.item_details),
        )
        return freeze(item, OrderItem)

    def _refuse_item_ref(self, item_ref: str):
        """A spreadsheet leaves its marks on these ids, and on all else of digits."""
        if _SCIENTIFIC.fullmatch(item_ref):
            raise ReportRefused("spreadsheet_damaged", "order-item-id")
        if _is_digits(item_ref):
            self._lost_zeros += 1
            raise _Bad("lost_zeros", "order-item-id", item_ref)
        raise _Bad("unreadable" if item_ref else "missing", "order-item-id", item_ref)

    def _recipient(self, cells: list[str]) -> PostalAddress:
        address = self._layout.address(cells)
        if not self._is_whole:
            _refuse_lost_letters(address)
        if "?" in "".join(address) and self._order_ref not in self._orders:
            self._note_lost_letters(address)
        name, line1, line2, line3, city, region, postal_code, country = address
        country_code = self._countries.get(country)
        if country_code is None:
            country_code = self._countries[country] = _country_code(country)
        recipient = _AddressDraft(
            name,
            line1,
            line2,
            line3,
            self._share(city, city),
            self._share(region, region),
            postal_code,
            country_code,
        )
        return freeze(recipient, PostalAddress)

    def _note_lost_letters(self, address: Iterable[str]):
        """Amazon writes "?" for letters that the encoding it has chosen lacks."""
        for column, cell in zip(_ADDRESS, address, strict=True):
            if _LOST_LETTER.search(cell):
                self._note("undecodable", column, order_kept=True)

    def _row_values(self, cells: list[str]) -> tuple[datetime | None, bool, str]:
        """Ship-by date, and whether the buyer asks not to be sent this item, and why.

        Of a row with nothing to ship they mean nothing any more.
        """
        promise_date, reporting_date, flag, reason = self._layout.row(cells)
        if reporting_date != self._reporting_date:
            self._report_moment(reporting_date)
        requested = False
        if flag not in _FALSE:
            requested = read_flag(flag)
            if requested is None:
                raise _Bad("unreadable", "is-buyer-requested-cancellation", flag)
        ship_by = self._optional(read_moment, "promise-date", promise_date)
        return ship_by, requested, reason if requested else ""

    def _note_report_moment(self, cells: list[str]):
        reporting_date = self._layout.row(cells)[1]
        if reporting_date != self._reporting_date:
            self._report_moment(reporting_date)

    def _report_moment(self, reporting_date: str):
        self._reporting_date = reporting_date
        moment = self._optional(read_moment, "reporting-date", reporting_date)
        if moment and (self.reported_at is None or moment > self.reported_at):
            self.reported_at = moment

    def _flag(self, column: str, cell: str) -> bool:
        return bool(self._optional(read_flag, column, cell))

    def _details(self, cells: list[str], wanted) -> Details:
        found = []
        for position, column, reader in wanted:
            cell = cells[position]
            if cell not in _FALSE:
                value = self._optional(reader, column, cell)
                if value is not None and value is not False:
                    found.append((column, value))
        details = tuple(found)
        return self._share(details, details) if found else ()

    def _optional(self, reader: Reader, column: str, cell: str) -> Detail | None:
        """The value of a cell; one that cannot be read is noted and left out."""
        value = reader(cell)
        if value is None and cell:
            self._note("unreadable", column, cell, order_kept=True)
        return value


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _quantity(column: str, cell: str) -> int:
    quantity = read_quantity(cell)
    if quantity is None:
        raise _Bad("unreadable" if cell else "missing", column, cell)
    return quantity


def _country_code(cell: str) -> str:
    code = cell.upper()
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise _Bad("unreadable", "ship-country", cell)
    return "GB" if code == "UK" else code


def _refuse_lost_letters(address: Iterable[str]):
    for column, cell in zip(_ADDRESS, address, strict=True):
        if REPLACEMENT in cell:
            raise _Bad("undecodable", column)


def _first_difference(address: PostalAddress, other: PostalAddress) -> str:
    for column, name in zip(_ADDRESS, PostalAddress.__slots__, strict=True):
        if getattr(address, name) != getattr(other, name):
            return column
    return ""

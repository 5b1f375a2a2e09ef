"""Reads Amazon's Unshipped orders report, and says precisely what it cannot read.

Columns go by their name in the header. The text is split at tabs and nothing else:
Amazon quotes nothing, so that quotes are part of the text.
"""

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from .errors import ReportRefused
from .orders import Order
from .report_file import MAX_BYTES, open_report
from .report_kind import NEW_ORDERS, kind_of
from .report_orders import PROBLEM_CODES, Collector, Layout, Problem
from .report_text import read_text

__all__ = [
    "PROBLEM_CODES",
    "REFUSAL_CODES",
    "Problem",
    "ReportRefused",
    "UnshippedReport",
    "read_unshipped_report",
]

REFUSAL_CODES = (
    "empty",
    "header_only",  # a good report without a row: nothing to ship
    "new_orders",  # readable on the user's word: accept_new_orders
    "all_orders",
    "xml",
    "inventory",
    "csv",  # saved by another program, with commas, semicolons or quotes
    "spreadsheet",
    "spreadsheet_damaged",  # item ids without their zeros, or as 1,23E+13
    "html",
    "archive",  # damaged, protected, or not of exactly one file
    "missing_columns",  # named in the detail
    "not_a_report",
    "too_large",
)

_JAPAN = frozenset(("JP", "A1VC38T7YXB528"))
_HEAD_CHARS = 2000


@dataclass(frozen=True, slots=True)
class UnshippedReport:
    """What was read. No row is lost, and none is told twice: ``row_count`` is the sum
    of the ``rows`` of the orders, of the problems that cost a row (not
    ``order_kept``), and of ``shipped_row_count``.

    ``encoding`` is Python's name of the encoding that was found, ``columns`` are the
    names in the header in lower case (unknown ones as well), ``kind`` is
    "unshipped" or "new_orders", ``row_count`` counts the rows below the header.
    ``nothing_to_ship`` are the orders of which every item has the quantity 0,
    ``shipped_row_count`` counts their rows.
    ``reported_at`` is the newest reporting date, in UTC.
    """

    orders: tuple[Order, ...]
    problems: tuple[Problem, ...]
    encoding: str
    columns: tuple[str, ...]
    kind: str
    row_count: int
    nothing_to_ship: tuple[str, ...]
    shipped_row_count: int
    reported_at: datetime | None


def read_unshipped_report(
    data: bytes,
    *,
    marketplace: str | None = None,
    accept_new_orders: bool = False,
    max_bytes: int = MAX_BYTES,
) -> UnshippedReport:
    """Read a report as downloaded from Seller Central, packed or not.

    ``marketplace`` is a country code or Amazon's id of it; it only helps to tell
    Japanese text. With ``accept_new_orders`` the New Orders report is read as well:
    its orders may be shipped or cancelled already. ``max_bytes`` limits the unpacked
    size. Raises ReportRefused, and nothing else, whatever the bytes.
    """
    with _no_garbage_collection():
        return _read(data, marketplace, accept_new_orders, max_bytes)


@contextmanager
def _no_garbage_collection():
    """Half the time saved: all the new objects are kept, none of them is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if not gc.get_freeze_count():
                # Makes them old unvisited, a fifth of the time for the same end.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _read(data, marketplace, accept_new_orders, max_bytes) -> UnshippedReport:
    opener = open_report(data)
    text = read_text(opener, japanese=marketplace in _JAPAN, max_bytes=max_bytes)
    header = text.header()
    if not header:
        raise ReportRefused("empty")
    kind = kind_of(header, text.head(_HEAD_CHARS))
    if kind == NEW_ORDERS and not accept_new_orders:
        raise ReportRefused(NEW_ORDERS)
    layout = Layout(header, kind)
    collector = Collector(layout, is_whole=text.is_whole)
    for row, cells in text.rows(layout.width):
        collector.take(row, cells)
    if not collector.row_count:
        raise ReportRefused("header_only")
    if collector.is_damaged():
        raise ReportRefused("spreadsheet_damaged", "order-item-id")
    nothing_to_ship = collector.nothing_to_ship()
    return UnshippedReport(
        orders=tuple(collector.orders()),
        problems=tuple(collector.problems()),
        encoding=text.encoding,
        columns=layout.columns,
        kind=kind,
        row_count=collector.row_count,
        nothing_to_ship=tuple(nothing_to_ship),
        shipped_row_count=sum(map(len, nothing_to_ship.values())),
        reported_at=collector.reported_at,
    )

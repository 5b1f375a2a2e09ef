"""Several reports become one list of orders."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timezone

from .orders import Order
from .report_kind import UNSHIPPED
from .unshipped_report import UnshippedReport

_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


def merge_orders(
    reports: Mapping[str, UnshippedReport],
) -> tuple[list[Order], dict[str, str]]:
    """The orders of reports by file name, each once: as the newest report has it.

    Reports without a reporting date count as the oldest; among equals the last wins.
    Returns the orders in the order of the reports, and the file name by order id.
    """
    newest_last = sorted(
        reports.items(), key=lambda named: named[1].reported_at or _LONG_AGO
    )
    orders, filenames = {}, {}
    for filename, report in newest_last:
        is_remainder = report.kind == UNSHIPPED
        for order in report.orders:
            if not is_remainder:
                order = replace(order, has_remainder=False)
            orders[order.order_ref] = order
            filenames[order.order_ref] = filename
    return list(orders.values()), filenames


def newest_moment(reports: Iterable[UnshippedReport]) -> datetime | None:
    """The newest reporting date of reports, in UTC; None when none has one."""
    return max((r.reported_at for r in reports if r.reported_at), default=None)

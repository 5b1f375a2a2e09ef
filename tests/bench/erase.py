"""The erasure of buyers' data: orders that left long ago, all in one run.

No target is known from elsewhere; what must not grow with the orders are the queries
of a batch, and a batch must be short: it locks what it erases.
"""

from __future__ import annotations

from collections.abc import Iterator

from .frame import Figure, Setting
from .in_odoo import measure_in_odoo

COUNT, QUICK_COUNT = 100_000, 600


def run(setting: Setting) -> Iterator[Figure]:
    count = setting.size or (QUICK_COUNT if setting.quick else COUNT)
    told = measure_in_odoo(setting.environment, "erase_in_odoo", 1, count=count)
    yield Figure(f"erase {count:,} orders", told["seconds"], "s")
    yield Figure("orders a second", count / told["seconds"], "")
    yield Figure("longest batch, between two commits", told["longest"], "s", at_most=10)
    yield Figure("SQL queries an order", told["queries"] / count, "", at_most=1)
    yield Figure("peak memory", told["memory"], "MB", at_most=700)
    yield Figure("a run with nothing to erase", told["idle"], "s")

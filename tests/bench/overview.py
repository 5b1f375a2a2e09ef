"""The overview and the statistics over many deliveries, beside core's overview.

The number of queries must not depend on how many deliveries there are, and their time
only on those that are open.
"""

from __future__ import annotations

from collections.abc import Iterator

from .frame import Figure, Setting
from .in_odoo import measure_in_odoo

ORDERS, COPIES = 500, 199
QUICK_ORDERS, QUICK_COPIES = 50, 3
CORE = "core's inventory overview, same data"


def run(setting: Setting) -> Iterator[Figure]:
    orders, copies = (QUICK_ORDERS, QUICK_COPIES) if setting.quick else (ORDERS, COPIES)
    told = measure_in_odoo(
        setting.environment, "overview_in_odoo", orders, copies=copies
    )
    name = f"{orders * (copies + 1):,} deliveries"
    yield Figure(f"SQL queries, {name}", told["overview"]["queries"], "")
    yield Figure(f"SQL queries, {name}, {CORE}", told["core"]["queries"], "")
    yield Figure(
        f"time, {name}",
        told["overview"]["seconds"],
        "s",
        at_most=None if setting.quick else 1,
    )
    yield Figure(f"time, {name}, {CORE}", told["core"]["seconds"], "s")
    yield Figure(
        f"statistics by market and day, {name}",
        told["statistics"]["seconds"],
        "s",
        at_most=None if setting.quick else 3,
    )

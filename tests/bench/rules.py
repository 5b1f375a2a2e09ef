"""Shipping rules: many deliveries against a hundred rules, as "Apply Rules" does it.

The number of queries must depend on neither: what is left per delivery is that records
are read and written some hundreds at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from .frame import Figure, Setting
from .in_odoo import measure_in_odoo

SIZES, QUICK_SIZES = (1_000, 10_000), (30,)
RULES, QUICK_RULES = 100, 10


def run(setting: Setting) -> Iterator[Figure]:
    rules = QUICK_RULES if setting.quick else RULES
    for count in QUICK_SIZES if setting.quick else SIZES:
        told = _measure(setting.environment, count, rules)
        name = f"{count:,} deliveries x {rules} rules"
        yield Figure(f"apply, {name}", told["seconds"], "s")
        yield Figure(
            f"SQL queries a delivery, {name}",
            told["queries"] / count,
            "",
            at_most=None if setting.quick else 0.5,
        )
        yield Figure(f"try a rule, {name}", told["try_seconds"], "s")
        yield Figure(f"peak memory, {name}", told["memory"], "MB")


def _measure(environment, count: int, rules: int) -> dict[str, float]:
    told = measure_in_odoo(environment, "rules_in_odoo", count, rules=rules)
    if not told["decided"] == told["deliveries"] == count:
        raise RuntimeError(f"not every delivery follows a rule: {told}")
    return told

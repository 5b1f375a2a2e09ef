"""Pages of many deliveries against core's inventory overview, in the same database.

What is measured is the answer to the web client: the search, the count and the reading
of all fields in the view. Each twice: with a few deliveries, and with many.
"""

from __future__ import annotations

from collections.abc import Iterator

from .frame import Figure, Setting
from .in_odoo import measure_in_odoo

ORDERS, QUICK_ORDERS = 1_000, 30
COPIES, QUICK_COPIES = 99, 3
REPETITIONS, QUICK_REPETITIONS = 5, 1
CORE = "core's inventory overview"
COMPARED = (CORE, "core's list of deliveries")


def run(setting: Setting) -> Iterator[Figure]:
    few, many = (
        _measure(setting, copies)
        for copies in (0, QUICK_COPIES if setting.quick else COPIES)
    )
    counts = [told.pop("deliveries in all") for told in (few, many)]
    for screen in many:
        for count, told in zip(counts, (few, many), strict=True):
            yield from _figures(f"{screen}, {count:,} deliveries", screen, told)
        if screen not in COMPARED:
            more = many[screen]["queries"] - few[screen]["queries"]
            yield Figure(f"more queries, {screen}", more, "", f"{counts[0]:,}", 0)


def _figures(name: str, screen: str, told: dict) -> Iterator[Figure]:
    mine, core = told[screen], told[CORE]
    yield Figure(f"SQL queries, {name}", mine["queries"], "")
    yield Figure(f"time, {name}", mine["seconds"] * 1000, "ms")
    if screen != CORE:
        target = None if screen in COMPARED else 1.5
        times = mine["seconds"] / core["seconds"]
        yield Figure(f"times, {name}", times, "x", CORE, at_most=target)


def _measure(setting: Setting, copies: int) -> dict[str, dict]:
    return measure_in_odoo(
        setting.environment,
        "screens_in_odoo",
        QUICK_ORDERS if setting.quick else ORDERS,
        copies=copies,
        repetitions=QUICK_REPETITIONS if setting.quick else REPETITIONS,
    )

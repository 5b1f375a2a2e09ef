"""The import of a report against two plain ways to create the same deliveries.

Every measurement is made in a fresh Odoo on a fresh database, with the same report:
the addon's import as its scheduled action runs it, (a) one batch ``create()`` of the
contacts and of the deliveries with their moves, in the default context, and (b) one
order at a time with a search for it, as connectors do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from .frame import Figure, Setting
from .in_odoo import measure_in_odoo

TARGET_SIZE = 1_000
ADDON, BATCH, SINGLES = "addon", "batch", "singles"
BASELINES = {
    BATCH: "(a) one create() of contacts, one of deliveries",
    SINGLES: "(b) one order at a time",
}
TARGETS = {BATCH: 1.5, SINGLES: 5}


@dataclass(frozen=True)
class Size:
    """So many orders, and how often each way is measured: in turns, the addon first."""

    orders: int
    turns: tuple[str, ...]


# The plain ways take minutes for more, and tell nothing new.
SIZES = (
    Size(100, (ADDON, BATCH, SINGLES)),
    Size(TARGET_SIZE, (ADDON, BATCH, SINGLES, ADDON, BATCH, ADDON, BATCH)),
    Size(10_000, (ADDON,)),
    Size(50_000, (ADDON,)),
)
QUICK_SIZES = (Size(30, (ADDON, BATCH, SINGLES)),)


def run(setting: Setting) -> Iterator[Figure]:
    at_target = None
    for size in QUICK_SIZES if setting.quick else SIZES:
        told = {way: _median(setting.environment, way, size) for way in set(size.turns)}
        mine = told.pop(ADDON)
        yield from _compare(size, mine, told)
        yield from _figures(size.orders, mine)
        each = mine["seconds"] / size.orders
        if size.orders == TARGET_SIZE:
            at_target = each
        elif at_target and size.orders > TARGET_SIZE:
            yield Figure(
                f"cost per order, {size.orders:,} orders",
                each / at_target,
                "x",
                f"the same at {TARGET_SIZE:,} orders",
                at_most=1.2,
            )


def _compare(size: Size, mine: dict, told: dict[str, dict]) -> Iterator[Figure]:
    for way, baseline in BASELINES.items():
        if way in told:
            yield Figure(
                f"faster by, {size.orders:,} orders",
                told[way]["seconds"] / mine["seconds"],
                "x",
                f"{baseline}; n = {size.turns.count(way)}",
                at_least=TARGETS[way] if size.orders == TARGET_SIZE else None,
            )
            yield Figure(
                f"SQL queries an order, {size.orders:,} orders, {way}",
                told[way]["queries"] / size.orders,
                "",
            )


def _figures(count: int, mine: dict) -> Iterator[Figure]:
    yield Figure(f"orders a second, {count:,} orders", count / mine["seconds"], "")
    yield Figure(f"SQL queries an order, {count:,} orders", mine["queries"] / count, "")
    yield Figure(
        f"check of the file, {count:,} orders",
        mine["check_seconds"] / mine["seconds"],
        "x",
        "the import of the same file",
    )
    yield Figure(f"peak memory, {count:,} orders", mine["memory"], "MB", at_most=700)


def _median(environment, way: str, size: Size) -> dict[str, float]:
    turns = size.turns.count(way)
    runs = [_measure(environment, way, size.orders) for _turn in range(turns)]
    return {name: median(told[name] for told in runs) for name in runs[0]}


def _measure(environment, way: str, count: int) -> dict[str, float]:
    told = measure_in_odoo(environment, "imports_in_odoo", count, way=way)
    if told.pop("deliveries") != count:
        raise RuntimeError(f"{way}: not every order has a delivery")
    return told

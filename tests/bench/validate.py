"""Labelled deliveries are validated, against core's button without the addon.

Both by fifties, each of them committed: so a label run does it. With the addon its
automation rules are active and the outbox is filled. Each measurement is made in a
fresh Odoo on a fresh database, with the same orders; they take turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from devtools import database

from .frame import Figure, Setting
from .in_odoo import measure_in_odoo

COUNT, QUICK_COUNT = 1_000, 30
TURNS, QUICK_TURNS = 3, 1
BASELINE = "core's button_validate, Odoo without the addon"
TEMPLATES = {"addon": database.WITH_ADDON, "core": database.BASE}


def run(setting: Setting) -> Iterator[Figure]:
    count = QUICK_COUNT if setting.quick else COUNT
    turns = [
        [_measure(setting.environment, way, count) for way in TEMPLATES]
        for _turn in range(QUICK_TURNS if setting.quick else TURNS)
    ]
    mine, core = map(_median, zip(*turns, strict=True))
    name = f"{count:,} deliveries"
    yield Figure(
        f"time, {name}", mine["seconds"] / core["seconds"], "x", BASELINE, at_most=1.2
    )
    yield Figure(f"processor time, {name}", mine["cpu"] / core["cpu"], "x", BASELINE)
    yield Figure(f"deliveries a second, {name}", count / mine["seconds"], "")
    yield Figure("SQL queries a delivery", mine["queries"] / count, "")
    yield Figure("SQL queries a delivery, core", core["queries"] / count, "")
    yield Figure("peak memory", mine["memory"], "MB")


def _median(runs) -> dict[str, float]:
    return {name: median(told[name] for told in runs) for name in runs[0]}


def _measure(environment, way: str, count: int) -> dict[str, float]:
    told = measure_in_odoo(
        environment, "validate_in_odoo", count, TEMPLATES[way], way=way
    )
    if told.pop("done") != count:
        raise RuntimeError(f"{way}: not every delivery was validated")
    return told

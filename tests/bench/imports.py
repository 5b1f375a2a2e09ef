"""The import of a report against two plain ways to create the same deliveries.

Every measurement is made in a fresh Odoo on a fresh database, with the same report:
the addon's import as its scheduled action runs it, (a) one batch ``create()`` of the
contacts and of the deliveries with their moves, in the default context, and (b) one
order at a time with a search for it, as connectors do.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from statistics import median

from devtools import database
from devtools.paths import ROOT
from tests.driver.unshipped_report import make_report

from .frame import Figure, Setting
from .in_odoo import run_in_odoo

NOW = datetime(2026, 11, 16, 9, tzinfo=timezone.utc)
# Orders, and how often each way is measured.
SIZES = {100: 3, 1_000: 3, 10_000: 1}
QUICK_SIZES = {30: 1}
# One at a time takes too long for more.
MOST_SINGLES = 1_000
TARGET_SIZE = 1_000
SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from tests.bench import imports_in_odoo
imports_in_odoo.main(env, {way!r}, {report!r}, {result!r})
"""
BASELINES = {
    "batch": "(a) one create() of contacts, one of deliveries",
    "singles": "(b) one order at a time",
}
TARGETS = {"batch": 1.5, "singles": 5}


def run(setting: Setting) -> Iterator[Figure]:
    sizes = QUICK_SIZES if setting.quick else SIZES
    for count, repetitions in sizes.items():
        told = {
            way: _median(setting.environment, way, count, repetitions)
            for way in ("addon", *BASELINES)
            if way != "singles" or count <= MOST_SINGLES
        }
        yield from _figures(count, told)


def _figures(count: int, told: dict[str, dict]) -> Iterator[Figure]:
    mine = told.pop("addon")
    for way, other in told.items():
        yield Figure(
            f"faster by, {count:,} orders",
            other["seconds"] / mine["seconds"],
            "x",
            BASELINES[way],
            at_least=TARGETS[way] if count == TARGET_SIZE else None,
        )
    yield Figure(f"orders a second, {count:,} orders", count / mine["seconds"], "")
    yield Figure(f"SQL queries an order, {count:,} orders", mine["queries"] / count, "")
    yield Figure(
        f"check of the file, {count:,} orders",
        mine["check_seconds"] / mine["seconds"],
        "x",
        "the import of the same file",
    )
    yield Figure(f"peak memory, {count:,} orders", mine["memory"], "MB", at_most=700)


def _median(environment, way: str, count: int, repetitions: int) -> dict[str, float]:
    runs = [_measure(environment, way, count) for _turn in range(repetitions)]
    return {name: median(told[name] for told in runs) for name in runs[0]}


def _measure(environment, way: str, count: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory() as folder,
        database.temporary(environment, "bench") as name,
    ):
        report, result = Path(folder) / "report.txt", Path(folder) / "result.json"
        report.write_bytes(make_report(count, NOW))
        script = SCRIPT.format(
            root=str(ROOT), way=way, report=str(report), result=str(result)
        )
        run_in_odoo(environment, name, script)
        told = json.loads(result.read_text(encoding="utf-8"))
    if told.pop("deliveries") != count:
        raise RuntimeError(f"{way}: not every order has a delivery")
    return told

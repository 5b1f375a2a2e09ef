"""Labelled deliveries are validated, against core's button without the addon.

Both by fifties, each of them committed: so a label run does it. With the addon its
automation rules are active and the outbox is filled. Each measurement is made in a
fresh Odoo on a fresh database, with the same orders; the two take turns.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from devtools import database
from devtools.paths import ROOT
from tests.driver.unshipped_report import make_report

from .frame import Figure, Setting
from .imports import NOW
from .in_odoo import run_in_odoo

COUNT, QUICK_COUNT = 1_000, 30
REPETITIONS, QUICK_REPETITIONS = 3, 1
BASELINE = "core's button_validate, Odoo without the addon"
TEMPLATES = {"addon": database.WITH_ADDON, "core": database.BASE}
SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from tests.bench import validate_in_odoo
validate_in_odoo.main(env, {way!r}, {report!r}, {result!r})
"""


def run(setting: Setting) -> Iterator[Figure]:
    count = QUICK_COUNT if setting.quick else COUNT
    turns = [
        {way: _measure(setting.environment, way, count) for way in TEMPLATES}
        for _turn in range(QUICK_REPETITIONS if setting.quick else REPETITIONS)
    ]
    mine, core = (
        {name: median(turn[way][name] for turn in turns) for name in turns[0][way]}
        for way in TEMPLATES
    )
    name = f"{count:,} deliveries"
    yield Figure(
        f"time, {name}", mine["seconds"] / core["seconds"], "x", BASELINE, at_most=1.2
    )
    yield Figure(f"processor time, {name}", mine["cpu"] / core["cpu"], "x", BASELINE)
    yield Figure(f"deliveries a second, {name}", count / mine["seconds"], "")
    yield Figure("SQL queries a delivery", mine["queries"] / count, "")
    yield Figure("SQL queries a delivery, core", core["queries"] / count, "")
    yield Figure("peak memory", mine["memory"], "MB")


def _measure(environment, way: str, count: int) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory() as folder,
        database.temporary(environment, "bench", TEMPLATES[way]) as name,
    ):
        report, result = Path(folder) / "report.txt", Path(folder) / "result.json"
        report.write_bytes(make_report(count, NOW))
        script = SCRIPT.format(
            root=str(ROOT), way=way, report=str(report), result=str(result)
        )
        run_in_odoo(environment, name, script)
        told = json.loads(result.read_text(encoding="utf-8"))
    if told.pop("done") != count:
        raise RuntimeError(f"{way}: not every delivery was validated")
    return told

"""The overview and the statistics over many deliveries, beside core's overview.

The number of queries must not depend on how many deliveries there are, and their time
only on those that are open.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from devtools import database
from devtools.paths import ROOT
from tests.driver.unshipped_report import make_report

from .frame import Figure, Setting
from .imports import NOW
from .in_odoo import run_in_odoo

ORDERS, COPIES = 500, 199
QUICK_ORDERS, QUICK_COPIES = 50, 3
CORE = "core's inventory overview, same data"
SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from tests.bench import overview_in_odoo
overview_in_odoo.main(env, {report!r}, {copies}, {result!r})
"""


def run(setting: Setting) -> Iterator[Figure]:
    orders, copies = (QUICK_ORDERS, QUICK_COPIES) if setting.quick else (ORDERS, COPIES)
    told = _measure(setting.environment, orders, copies)
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


def _measure(environment, orders: int, copies: int) -> dict:
    with (
        tempfile.TemporaryDirectory() as folder,
        database.temporary(environment, "bench") as name,
    ):
        report, result = Path(folder) / "report.txt", Path(folder) / "result.json"
        report.write_bytes(make_report(orders, NOW))
        script = SCRIPT.format(
            root=str(ROOT), report=str(report), copies=copies, result=str(result)
        )
        run_in_odoo(environment, name, script)
        return json.loads(result.read_text(encoding="utf-8"))

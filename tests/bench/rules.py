"""Shipping rules: many deliveries against a hundred rules, as "Apply Rules" does it.

The number of queries must depend on neither: what is left per delivery is that records
are read and written some hundreds at a time.
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

SIZES, QUICK_SIZES = (1_000, 10_000), (30, 60)
RULES, QUICK_RULES = 100, 10
SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from tests.bench import rules_in_odoo
rules_in_odoo.main(env, {report!r}, {rules}, {result!r})
"""


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
    with (
        tempfile.TemporaryDirectory() as folder,
        database.temporary(environment, "bench") as name,
    ):
        report, result = Path(folder) / "report.txt", Path(folder) / "result.json"
        report.write_bytes(make_report(count, NOW))
        script = SCRIPT.format(
            root=str(ROOT), report=str(report), rules=rules, result=str(result)
        )
        run_in_odoo(environment, name, script)
        told = json.loads(result.read_text(encoding="utf-8"))
    if not told["decided"] == told["deliveries"] == count:
        raise RuntimeError(f"not every delivery follows a rule: {told}")
    return told

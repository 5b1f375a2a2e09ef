"""The erasure of buyers' data: orders that left long ago, all in one run.

No target is known from elsewhere; what must not grow with the orders are the queries
of a batch, and a batch must be short: it locks what it erases.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from devtools import database
from devtools.paths import ROOT

from .frame import Figure, Setting
from .in_odoo import run_in_odoo

COUNT, QUICK_COUNT = 100_000, 600
SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from tests.bench import erase_in_odoo
erase_in_odoo.main(env, {count}, {result!r})
"""


def run(setting: Setting) -> Iterator[Figure]:
    count = setting.size or (QUICK_COUNT if setting.quick else COUNT)
    with (
        tempfile.TemporaryDirectory() as folder,
        database.temporary(setting.environment, "bench") as name,
    ):
        result = Path(folder) / "result.json"
        script = SCRIPT.format(root=str(ROOT), count=count, result=str(result))
        run_in_odoo(setting.environment, name, script)
        told = json.loads(result.read_text(encoding="utf-8"))
    yield Figure(f"erase {count:,} orders", told["seconds"], "s")
    yield Figure("orders a second", count / told["seconds"], "")
    yield Figure("longest batch, between two commits", told["longest"], "s", at_most=10)
    yield Figure("SQL queries an order", told["queries"] / count, "", at_most=1)
    yield Figure("peak memory", told["memory"], "MB", at_most=700)
    yield Figure("a run with nothing to erase", told["idle"], "s")

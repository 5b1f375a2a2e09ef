"""Runs a part of a bench inside an Odoo."""

from __future__ import annotations

import json
import subprocess
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from devtools import database
from devtools.paths import ROOT
from devtools.processes import guarded_odoo
from tests.driver.unshipped_report import make_report

NOW = datetime(2026, 11, 16, 9, tzinfo=timezone.utc)
SCRIPT = """
import json, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.bench import {module}
told = {module}.main(env, Path({report!r}).read_bytes(), **{details!r})
Path({result!r}).write_text(json.dumps(told), encoding="utf-8")
"""


def measure_in_odoo(
    environment, module: str, orders: int, template=database.WITH_ADDON, **details
) -> dict:
    """Run ``main(env, report, **details)`` of a module beside this one.

    In a fresh Odoo on a fresh database, with a report of so many orders.

    :return: what ``main`` returned
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        database.temporary(environment, "bench", template) as name,
    ):
        report, result = Path(folder) / "report.txt", Path(folder) / "result.json"
        report.write_bytes(make_report(orders, NOW))
        script = SCRIPT.format(
            root=str(ROOT),
            module=module,
            report=str(report),
            details=details,
            result=str(result),
        )
        run_in_odoo(environment, name, script)
        return json.loads(result.read_text(encoding="utf-8"))


def run_in_odoo(environment, name: str, script: str) -> None:
    """Run Python in an Odoo shell of its own, with ``env``; it has to commit."""
    subprocess.run(
        guarded_odoo(
            environment,
            *("shell", "-d", name, "--no-http", "--log-level", "error"),
        ),
        input=script + "\n",
        env=environment.variables(),
        pass_fds=environment.server.pass_fds,
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        text=True,
    )

"""Runs a part of a bench inside an Odoo."""

from __future__ import annotations

import subprocess

from devtools.paths import ROOT
from devtools.processes import guarded_odoo


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

"""Packages of Node in `.dev/node`: the formatter for XML, CSS and JavaScript (prettier)
and the check of the pages' accessibility (axe-core).

`node/package-lock.json` is made by `npm install --package-lock-only
--omit-lockfile-registry-resolved`, so that npm asks whatever registry it is set to.
"""

import shutil
from pathlib import Path

from . import steps
from .paths import DEV, VENV
from .programs import run

HOME = DEV / "node"
NODE = VENV / "bin" / "node"
PRETTIER = HOME / "node_modules" / "prettier" / "bin" / "prettier.cjs"
AXE = HOME / "node_modules" / "axe-core" / "axe.min.js"
FILES = tuple(
    Path(__file__).parent / "node" / name
    for name in ("package.json", "package-lock.json")
)
ADVICE = (
    "Packages of Node could not be fetched: check the network and npm's own "
    "configuration, then run the same command again."
)


def get():
    """The words that start prettier; it is fetched when it is not there."""
    _ensure(PRETTIER)
    return [NODE, PRETTIER]


def axe():
    """Path of the script that a page runs on itself; fetched when it is not there."""
    _ensure(AXE)
    return AXE


def _ensure(product):
    steps.ensure(
        "node",
        steps.digest(*(path.read_bytes() for path in FILES)),
        _fetch,
        product=product,
        title="Formatter and accessibility check: get them (15 MB)",
    )


def _fetch():
    with steps.fresh_folder(HOME) as folder:
        for path in FILES:
            shutil.copy(path, folder)
        run(
            [
                *(VENV / "bin" / "npm", "ci", "--no-audit", "--no-fund"),
                "--ignore-scripts",
                *("--cache", DEV / "cache" / "npm"),
            ],
            log="npm",
            advice=ADVICE,
            cwd=folder,
        )
    steps.remove(DEV / "cache" / "npm")

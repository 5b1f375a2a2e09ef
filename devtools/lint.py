"""`./dev lint`: ruff, pylint-odoo, prettier, bandit, pip-audit, and our own."""

import os
import subprocess

from . import audit, checks, node_packages, python_packages, steps
from .paths import ADDON, DEV, ROOT

FORMATTED = (".xml", ".css", ".scss", ".js")
# Not in OCA's mandatory set: here a large model has one file for each of its jobs. Only
# the command line can take one check out of a group that pyproject.toml enables.
PYLINT_LEAVES_OUT = "consider-merging-classes-inherited"
PRETTIER = (
    "--plugin",
    str(node_packages.HOME / "node_modules/@prettier/plugin-xml/src/plugin.js"),
    "--config",
    str(ROOT / ".prettierrc.json"),
    "--log-level=warn",
)


def run(*, fix=False):
    """Run every check, also after one has failed; returns the exit code."""
    files = checks.committed_files()
    failed = [name for name, command in _commands(files, fix).items() if _run(command)]
    complaints = {"own checks": checks.run(files), "pip-audit": audit.run()}
    for name, lines in complaints.items():
        print(*lines, sep="\n", end="\n" if lines else "")
        failed += [name] if lines else []
    steps.say(f"Lint: {', '.join(failed)} failed." if failed else "Lint: all good.")
    return 1 if failed else 0


def _commands(files, fix):
    python = python_packages.get()
    ruff = [python, "-m", "ruff"]
    prettier = [*node_packages.get(), *PRETTIER, "--write" if fix else "--check"]
    return {
        "ruff check": [*ruff, "check", "--quiet", *(["--fix"] if fix else []), "."],
        "ruff format": [*ruff, "format", "--quiet", *([] if fix else ["--diff"]), "."],
        "prettier": [*prettier, *(path for path in files if path.suffix in FORMATTED)],
        "pylint-odoo": [
            *(python, "-m", "pylint"),
            *(f"--disable={PYLINT_LEAVES_OUT}", ADDON),
        ],
        "description": [
            *(python, "-m", "devtools.description", *([] if fix else ["--check"]))
        ],
        "bandit": [
            *(python, "-m", "bandit", "--quiet", "--recursive"),
            *("--configfile", "pyproject.toml", ADDON),
        ],
    }


def _run(command):
    return subprocess.call(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, "PYLINTHOME": str(DEV / "cache" / "pylint")},
    )

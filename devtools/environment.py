"""The whole environment: everything fetched, the server up, programs ready to start."""

import contextlib
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import browser, odoo, postgres, python_packages, steps
from .errors import SetupError
from .paths import ADDON_FOLDER, BIN, DEV, ROOT, VENV, VENV_PYTHON

ROOM = 5 * 10**9  # bytes the whole environment takes, with some air


@dataclass(frozen=True)
class Environment:
    """What programs need to run: an Odoo, a database server, variables."""

    odoo: odoo.Odoo
    server: postgres.Server

    def variables(self):
        """The environment variables for Odoo, pytest and the like."""
        path = os.pathsep.join([str(BIN), str(VENV / "bin"), os.environ["PATH"]])
        found = {
            **self.server.environment(),
            "PATH": path,
            "PYTHONPATH": str(self.odoo.path),
            "PYTHONPYCACHEPREFIX": str(DEV / "pycache"),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(DEV / "cache" / "hypothesis"),
            "CHROMIUM": str(BIN / "chromium"),
            "ODOO_RC": str(_configuration()),
            "ODOO_DATA_DIR": str(DEV / "data"),
            "ODOO_HTTP_INTERFACE": "127.0.0.1",
            "ODOO_SCREENSHOTS": str(DEV / "screenshots"),
        }
        if (ADDON_FOLDER / "__manifest__.py").is_file():
            found["ODOO_ADDONS_PATH"] = str(ROOT)
        return found

    def odoo_command(self, *arguments):
        """The words that start Odoo with these arguments."""
        return [str(VENV_PYTHON), str(self.odoo.script), *map(str, arguments)]

    @contextlib.contextmanager
    def started(self, command, **options):
        """A program that runs during a `with` block, and is waited for at its end.

        When the block is interrupted, the program is asked to end in its own way.
        """
        with subprocess.Popen(
            [str(part) for part in command], env=self.variables(), **options
        ) as process:
            try:
                yield process
            except BaseException:
                process.terminate()
                raise

    def call(self, command, **options):
        """Run a program in the foreground; returns its exit code."""
        with self.started(command, **options) as process:
            return process.wait()


def prepare():
    """Fetch and make whatever is not there yet; returns the Odoo."""
    _check_folder()
    with ThreadPoolExecutor(2) as pool:
        packages = pool.submit(python_packages.get)
        debian = pool.submit(_debian_parts)
        packages.result()
        return debian.result()


@contextlib.contextmanager
def use():
    """The environment with a running database server, for a `with` block."""
    found = prepare()
    with postgres.use() as server:
        yield Environment(found, server)


def _debian_parts():
    found = odoo.get()
    browser.get()
    return found


def _check_folder():
    DEV.mkdir(exist_ok=True)
    if DEV.stat().st_uid != os.geteuid():
        raise SetupError(f"{DEV} belongs to another user: remove it as that user.")
    free = os.statvfs(DEV)
    whole = (DEV / "stamps" / "pg").exists()
    if not whole and free.f_bavail * free.f_frsize < ROOM:
        raise SetupError(
            f"The disk of {DEV} is too full: free {ROOM / 1e9:.0f} GB, try again."
        )


def _configuration():
    """An empty configuration file, lest Odoo reads the one in the home folder."""
    path = DEV / "odoo.conf"
    if not path.exists():
        steps.write_whole(path, "[options]\n")
    return path

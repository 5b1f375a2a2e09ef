"""Programs that go on beside this one: an Odoo, the stand-ins."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from .errors import SetupError
from .leaks import find_leaks
from .paths import ROOT, VENV_PYTHON
from .waiting import wait_until

HOST = "127.0.0.1"
# The addon's system parameters, and the stand-in that each leads to.
PARAMETERS = {
    "amazon_carrier_connector.spapi_url": "amazon",
    "amazon_carrier_connector.lwa_url": "lwa_token",
    "amazon_carrier_connector.seller_central_url": "lwa",
    "amazon_carrier_connector.myparcel_url": "myparcel",
    "amazon_carrier_connector.gls_url": "gls",
    "amazon_carrier_connector.gls_test_url": "gls_test",
    "amazon_carrier_connector.gls_tracking_url": "gls_tracking",
}
START_SECONDS = 120
STOP_SECONDS = 30
LOADED = "odoo.registry: Registry loaded"
COMPLAINT = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) ")


class Program:
    """A program in a process group of its own; its output is appended to `log`."""

    def __init__(self, command, log, *, environment, pass_fds=()):
        self.command = [str(part) for part in command]
        self.log_path = Path(log)
        self._options = {"env": environment, "pass_fds": pass_fds, "cwd": ROOT}
        self._process = None

    @property
    def pid(self):
        """Of the process and of its group."""
        return self._process.pid

    @property
    def log(self):
        """All that was logged so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def start(self):
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log_path, "a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._options,
            )

    def stop(self):
        """End it in good order. Raises TimeoutError when it had to be killed."""
        if not self.is_running():
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(f"{self.command[:4]} did not end when told to") from None

    def wait(self):
        """Until it ends by itself."""
        self._process.wait()

    def kill(self):
        """End the whole process group at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def wait_until_ready(self, is_ready, what):
        """Raises SetupError when the program ends or is not ready in time."""

        def ready_or_ended():
            return is_ready() or not self.is_running()

        try:
            wait_until(ready_or_ended, START_SECONDS, what)
        except TimeoutError:
            self.kill()
            raise SetupError(f"{what} took too long: read {self.log_path}.") from None
        if not self.is_running():
            raise SetupError(f"{what} failed: read {self.log_path}.")


class OdooServer(Program):
    """A real Odoo on a database: HTTP on loopback, two cron threads, real commits."""

    def __init__(self, environment, database, log, *, port=None, arguments=()):
        """`database` by its full name; without a `port` a free one is taken."""
        self.environment, self.database = environment, database
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"
        super().__init__(
            guarded_odoo(
                environment,
                *("-d", database, "--db-filter", f"^{re.escape(database)}$"),
                *("--no-database-list", "--http-interface", HOST),
                *("--http-port", self.port, "--workers=0", "--max-cron-threads=2"),
                *arguments,
            ),
            log,
            environment=environment.variables(),
            pass_fds=environment.server.pass_fds,
        )

    def start(self):
        """Returns when the database is loaded and requests are answered."""
        said_before = len(self.log) if self.log_path.exists() else 0
        super().start()
        self.wait_until_ready(
            lambda: self._answers() and LOADED in self.log[said_before:],
            "The start of Odoo",
        )

    def restart(self):
        self.stop()
        self.start()

    def wake_cron(self):
        """Have the scheduled actions that are due run now, not within a minute."""
        self.environment.server.query(
            f"SELECT pg_notify('cron_trigger', '{self.database}')"
        )

    def work_until(self, condition, timeout, what):
        """Like `wait_until`; scheduled actions that are due run meanwhile."""
        return wait_until(condition, timeout, what, every=0.2, meanwhile=self.wake_cron)

    def complaints(self, expected=()):
        """Lines of the log at WARNING and above that fit none of the patterns."""
        return complaints(self.log, expected)

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/web/health", timeout=60) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def guarded_odoo(environment, *arguments):
    """The words that start an Odoo which cannot leave this machine."""
    python, *words = environment.odoo_command(*arguments)
    return [python, "-m", "devtools.guarded_odoo", *words]


def complaints(log, expected=()):
    """Lines of an Odoo's log at WARNING and above that fit none of the patterns, and
    those that hold a person or a secret of the test data.
    """
    surprises = [
        line
        for line in log.splitlines()
        if COMPLAINT.match(line)
        and not any(re.search(pattern, line) for pattern in expected)
    ]
    return list(dict.fromkeys([*surprises, *find_leaks(log)]))


class StandinsServer(Program):
    """Amazon's, MyParcel's and GLS's stand-ins, on ports they choose."""

    def __init__(self, environment, folder, *, rates="fast"):
        self.ports_path = Path(folder) / "standins.json"
        super().__init__(
            [
                *(VENV_PYTHON, "-m", "tests.standins"),
                *("--ports-file", self.ports_path, "--rates", rates),
            ],
            Path(folder) / "standins.log",
            environment=environment.variables(),
        )

    def start(self):
        """Returns when all of them listen."""
        self.ports_path.unlink(missing_ok=True)
        super().start()
        self.wait_until_ready(self.ports_path.exists, "The start of the stand-ins")

    @property
    def connection(self):
        """Addresses and credentials by name, see `tests/standins`."""
        return json.loads(self.ports_path.read_text(encoding="utf-8"))


def free_port():
    with socket.socket() as found:
        found.bind((HOST, 0))
        return found.getsockname()[1]


def is_free(port):
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True


def stop_process(pid, words):
    """End the process group of an earlier command, if it is still that one.

    Returns whether there was something to end.
    """
    if not is_program(pid, words):
        return False
    os.kill(pid, signal.SIGTERM)
    try:
        wait_until(
            lambda: not is_program(pid, words), STOP_SECONDS, f"the end of {pid}"
        )
    except TimeoutError:
        os.killpg(pid, signal.SIGKILL)
    return True


def is_program(pid, words):
    """Whether that process is there, and has these words on its command line."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return all(os.fsencode(word) in command for word in words)

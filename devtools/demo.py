"""`./dev demo`, `serve` and `stop`: the addon at work, against the stand-ins.

What goes on beside the command is noted in a file, so that a later one finds it.
"""

import contextlib
import json
import signal
import urllib.request

from . import database, steps
from .errors import SetupError
from .paths import DEV, ROOT, VENV_PYTHON
from .processes import (
    PARAMETERS,
    OdooServer,
    StandinsServer,
    free_port,
    is_free,
    is_program,
    stop_process,
)

FOLDER = DEV / "demo"
RUNNING = FOLDER / "running.json"
REPORT = FOLDER / "unshipped.txt"
NAME = "demo"
PORT = 8069


def run(environment, *, keep, port):
    """The demo from the beginning; returns the exit code."""
    stop()
    port = _choose_port(port)
    name = database.copy_template(environment, NAME)
    steps.remove(FOLDER)
    with _ended_in_order(), contextlib.ExitStack() as stack:
        standins = _start(StandinsServer(environment, FOLDER), stack)
        odoo = _start(_odoo(environment, name, port), stack)
        code = environment.call(
            [
                *(VENV_PYTHON, "-m", "tests.driver.demo", "--url", odoo.url),
                *("--database", name, "--standins", standins.ports_path),
                *("--folder", FOLDER),
            ],
            cwd=ROOT,
        )
        complaints = odoo.complaints()
        if code or complaints:
            steps.say("\n".join(complaints))
            steps.say(f"What Odoo said is in {odoo.log_path}.")
            return code or 1
        if keep:
            _note(odoo, standins)
            stack.pop_all()
    _say_where(odoo, "is running" if keep else "was running")
    print("Stop it with ./dev stop." if keep else "Start it again with ./dev serve.")
    return 0


def serve(environment, *, port):
    """The demo's Odoo and stand-ins again, until they are told to end; returns 0."""
    if any(is_program(pid, words) for pid, *words in _noted()):
        raise SetupError("The demo is running already: use it, or end it: ./dev stop.")
    name = database.full_name(environment, NAME)
    if not database.exists(environment, name) or not REPORT.exists():
        raise SetupError("There is no demo to serve yet: run ./dev demo first.")
    port = _choose_port(port)
    with _ended_in_order(), contextlib.ExitStack() as stack:
        standins = _start(StandinsServer(environment, FOLDER), stack)
        _load_report(standins)
        _point_to(environment, name, standins)
        odoo = _start(_odoo(environment, name, port), stack)
        stack.callback(RUNNING.unlink, missing_ok=True)
        _note(odoo, standins)
        _say_where(odoo, "is running")
        print("End it with Ctrl-C.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            odoo.wait()
    return 0


def stop():
    """End what `demo --keep` or `serve` runs; returns whether that was anything."""
    ended = [stop_process(pid, words) for pid, *words in _noted()]
    RUNNING.unlink(missing_ok=True)
    return any(ended)


def _noted():
    """Process id and words of the command line of each program that was left."""
    try:
        return json.loads(RUNNING.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []


def _note(*programs):
    noted = [[program.pid, *program.command[1:3]] for program in programs]
    steps.write_whole(RUNNING, json.dumps(noted))


def _choose_port(wanted):
    if wanted and not is_free(wanted):
        raise SetupError(f"Port {wanted} is in use: choose another one with --port.")
    return wanted or (PORT if is_free(PORT) else free_port())


def _odoo(environment, name, port):
    return OdooServer(environment, name, FOLDER / "odoo.log", port=port)


def _start(program, stack):
    stack.callback(program.stop)
    program.start()
    return program


def _load_report(standins):
    """A stand-in forgets when it ends: let Amazon have the orders of the demo again."""
    urllib.request.urlopen(
        urllib.request.Request(
            f"{standins.connection['amazon']}/__standin__/orders",
            data=REPORT.read_bytes(),
            headers={"Content-Type": "text/plain; charset=utf-8"},
        ),
        timeout=60,
    ).close()


def _point_to(environment, name, standins):
    for parameter, service in PARAMETERS.items():
        environment.server.query(
            f"UPDATE ir_config_parameter SET value = '{standins.connection[service]}' "
            f"WHERE key = '{parameter}'",
            name,
        )


def _say_where(odoo, verb):
    print(
        f"\nOdoo {verb} at {odoo.url}\n"
        "  in charge:  login admin, password admin\n"
        "  warehouse:  login warehouse, password warehouse",
        flush=True,
    )


@contextlib.contextmanager
def _ended_in_order():
    """A SIGTERM ends the command as Ctrl-C does: what it started is stopped."""

    def interrupt(_number, _frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

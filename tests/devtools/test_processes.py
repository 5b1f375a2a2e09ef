"""Programs beside this one: started, watched, ended in every way."""

import os
import signal
import socket
import sys
from types import SimpleNamespace

import pytest

from devtools import processes
from devtools.errors import SetupError
from devtools.processes import (
    OdooServer,
    Program,
    complaints,
    free_port,
    is_free,
    is_program,
    stop_process,
)
from devtools.waiting import wait_until

SLEEPS = "import time; print('up', flush=True); time.sleep(60)"
IGNORES = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"
HAS_CHILD = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c',"
    " 'import time; time.sleep(60)']); print(child.pid, flush=True); child.wait()"
)


@pytest.fixture
def program(tmp_path):
    """Makes a Python program of some code; none of them outlives the test."""
    made = []

    def make(code):
        log = tmp_path / "logs" / "program.log"
        command = [sys.executable, "-c", code]
        made.append(Program(command, log, environment=dict(os.environ)))
        return made[-1]

    yield make
    for each in made:
        if each.is_running():
            each.kill()


def started(program):
    program.start()
    wait_until(lambda: program.log, 10, "its first words")
    return program


def test_output_of_a_program_is_in_its_log(program):
    assert started(program(SLEEPS)).log == "up\n"


def test_log_is_continued_by_a_second_start(program):
    first = started(program(SLEEPS))
    first.stop()
    first.start()
    wait_until(lambda: first.log == "up\nup\n", 10, "the second start")


def test_program_ends_when_told_to(program):
    running = started(program(SLEEPS))
    assert running.is_running()
    running.stop()
    assert not running.is_running()


def test_stop_of_a_program_that_has_ended_does_nothing(program):
    ended = program("")
    ended.start()
    ended.wait()
    ended.stop()
    assert not ended.is_running()


def test_program_that_does_not_end_is_killed_and_that_is_told(program, monkeypatch):
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    running = started(program(IGNORES))
    with pytest.raises(TimeoutError):
        running.stop()
    assert not running.is_running()


def test_kill_ends_the_children_of_a_program_too(program):
    running = started(program(HAS_CHILD))
    child = int(running.log)
    wait_until(lambda: is_program(child, ["sleep(60)"]), 10, "the child's start")
    running.kill()
    wait_until(lambda: not is_program(child, ["sleep(60)"]), 10, "the child's end")
    assert not running.is_running()


def test_program_that_ends_instead_of_getting_ready_is_told(program):
    dying = program("raise SystemExit(3)")
    dying.start()
    with pytest.raises(SetupError, match="The start failed: read .*program.log"):
        dying.wait_until_ready(lambda: False, "The start")


def test_program_that_never_gets_ready_is_killed_and_told(program, monkeypatch):
    monkeypatch.setattr(processes, "START_SECONDS", 0.3)
    idle = started(program(SLEEPS))
    with pytest.raises(SetupError, match="The start took too long: read"):
        idle.wait_until_ready(lambda: False, "The start")
    assert not idle.is_running()


def test_process_of_an_earlier_command_is_ended_by_its_number(program):
    running = started(program(SLEEPS))
    assert stop_process(running.pid, ["sleep(60)"]) is True
    running.wait()
    assert stop_process(running.pid, ["sleep(60)"]) is False


def test_stubborn_process_of_an_earlier_command_is_killed(program, monkeypatch):
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    running = started(program(IGNORES))
    assert stop_process(running.pid, ["sleep(60)"]) is True
    running.wait()
    assert running._process.returncode == -signal.SIGKILL


def test_other_process_with_the_same_number_is_left_alone(program):
    running = started(program(SLEEPS))
    assert stop_process(running.pid, ["-m", "devtools.guarded_odoo"]) is False
    assert running.is_running()


def test_port_that_somebody_listens_on_is_not_free():
    port = free_port()
    assert is_free(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
    assert is_free(port)


LOG = """\
2026-11-22 02:54:42,008 15290 INFO demo werkzeug: WARNING is only a word here
2026-11-22 02:54:43,008 15290 WARNING demo odoo.addons.stock: Odd
2026-11-22 02:54:44,008 15290 ERROR demo odoo.sql_db: bad query: SELECT
Traceback (most recent call last):
ValueError: ERROR
2026-11-22 02:54:45,008 15290 CRITICAL ? odoo.service: The end
"""


def test_lines_at_warning_and_above_are_complaints():
    levels = [line.split()[3] for line in complaints(LOG)]
    assert levels == ["WARNING", "ERROR", "CRITICAL"]


def test_expected_lines_are_no_complaints():
    found = complaints(LOG, [r"odoo\.addons\.stock: Odd", "bad query"])
    assert [line.split()[3] for line in found] == ["CRITICAL"]


class OwnEnvironment:
    """An environment whose Odoo is a program of the test."""

    server = SimpleNamespace(pass_fds=())

    def variables(self):
        return dict(os.environ)

    def odoo_command(self, *arguments):
        return [sys.executable, "odoo-bin", *map(str, arguments)]


def test_odoo_is_started_guarded_on_loopback_for_one_database(tmp_path):
    server = OdooServer(OwnEnvironment(), "a.b", tmp_path / "log", port=8899)
    words = " ".join(server.command)
    assert server.url == "http://127.0.0.1:8899"
    for wanted in (
        "-m devtools.guarded_odoo odoo-bin -d a.b",
        r"--db-filter ^a\.b$",
        "--no-database-list",
        "--http-interface 127.0.0.1 --http-port 8899",
        "--workers=0 --max-cron-threads=2",
    ):
        assert wanted in words

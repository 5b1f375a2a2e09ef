"""`./dev demo`, `serve` and `stop`, where they end in a sentence; the demo itself is in
`tests/system`."""

import json
import socket
import subprocess
import sys

import pytest

from devtools import demo
from devtools.errors import SetupError
from devtools.processes import free_port, is_program
from devtools.waiting import wait_until


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, file in (("RUNNING", "running.json"), ("REPORT", "unshipped.txt")):
        monkeypatch.setattr(demo, name, tmp_path / file)
    return tmp_path


@pytest.fixture
def sleeper():
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True
    )
    # For a moment after the start its command line is empty.
    wait_until(lambda: is_program(process.pid, ["sleep(60)"]), 10, "the command line")
    yield process
    process.kill()
    process.wait()


def note(folder, pid, *words):
    (folder / "running.json").write_text(json.dumps([[pid, *words]]))


def test_port_in_use_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(SetupError, match=f"Port {port} is in use: choose another"):
            demo._choose_port(port)


def test_free_port_that_was_asked_for_is_taken():
    port = free_port()
    assert demo._choose_port(port) == port


def test_another_port_is_taken_when_the_usual_one_is_in_use(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(demo, "PORT", server.getsockname()[1])
        assert demo._choose_port(None) not in (None, demo.PORT)


def test_serve_is_told_that_the_demo_runs_already(folder, sleeper):
    note(folder, sleeper.pid, "sleep(60)")
    with pytest.raises(SetupError, match="running already: .* ./dev stop"):
        demo.serve(None, port=None)


def test_stop_ends_what_was_left_running(folder, sleeper):
    note(folder, sleeper.pid, "sleep(60)")
    assert demo.stop() is True
    assert sleeper.wait(10) != 0
    assert demo.stop() is False


def test_stop_after_a_restart_of_the_machine_ends_nobody_else(folder, sleeper):
    note(folder, sleeper.pid, "devtools.guarded_odoo")
    assert demo.stop() is False
    assert sleeper.poll() is None
    assert not (folder / "running.json").exists()

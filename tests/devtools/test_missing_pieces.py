"""Every missing piece ends in one sentence that says what to do."""

import os
import shutil
import socket
import sys
from types import SimpleNamespace

import pytest

from devtools import browser, debian, demo, environment, odoo, python_packages
from devtools.errors import SetupError
from devtools.programs import run

RELEASE = "version_info = ({}, 0, 0, 'final', 0, '')\n"


@pytest.fixture
def refused(is_one_sentence):
    """Calls something that must be refused; gives the sentence."""

    def call(function, *arguments, **options):
        with pytest.raises(SetupError) as refusal:
            function(*arguments, **options)
        assert is_one_sentence(str(refusal.value)), refusal.value
        return str(refusal.value)

    return call


def assert_ended_well(done, is_one_sentence, word):
    assert done.returncode == 1
    assert is_one_sentence(done.stderr), done.stderr
    assert word in done.stderr


def test_old_python_is_named(checkout, is_one_sentence):
    for name in ("python3", "python3.10", "python3.11", "python3.12", "python3.13"):
        checkout.program(name, "exit 1")
    done = checkout.run("./dev", "test")
    assert_ended_well(done, is_one_sentence, "Python 3.10")


def test_python_of_the_user_goes_first(checkout):
    checkout.program("python3", "exit 1")
    mine = checkout.program("mine", f'exec "{sys.executable}" "$@"')
    done = checkout.run("./dev", "--help", PYTHON=str(mine))
    assert done.returncode == 0, done.stderr


def test_sentence_is_all_that_is_shown(checkout, is_one_sentence):
    done = checkout.run("./dev", "lint", PATH=str(bare_path(checkout)))
    assert_ended_well(done, is_one_sentence, "git")


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("PermissionError(13, 'Permission denied', '/some/file')", "/some/file"),
        ("OSError(30, 'Read-only file system', '/some/file')", "/some/file"),
        ("OSError(28, 'No space left on device')", "disk is full"),
    ],
)
def test_file_that_cannot_be_written_is_named(checkout, is_one_sentence, error, word):
    done = checkout.python(
        "import runpy, sys\n"
        "from devtools import environment\n"
        f"def fail(): raise {error}\n"
        "environment._check_folder = fail\n"
        "sys.argv = ['dev', 'setup']\n"
        "runpy.run_module('devtools', run_name='__main__')\n"
    )
    assert_ended_well(done, is_one_sentence, word)


def bare_path(checkout):
    for name in ("sh", "dirname"):
        (checkout.programs / name).symlink_to(shutil.which(name))
    (checkout.programs / "python3").symlink_to(sys.executable)
    return checkout.programs


def test_port_in_use_is_named(refused):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port}" in refused(demo._choose_port, port)


def test_machine_without_apt_is_told_what_to_set(checkout, refused, monkeypatch):
    monkeypatch.setattr(debian, "DEV", checkout.dev)
    monkeypatch.setenv("PATH", str(checkout.programs))
    told = refused(debian.Apt("odoo", []).download, ["odoo-19"], checkout.root / "in")
    assert "ODOO_HOME" in told


@pytest.mark.parametrize("broken", ["update", "download"])
def test_failing_download_says_what_to_check(checkout, refused, monkeypatch, broken):
    checkout.program("apt-get", f'case "$*" in *{broken}*) exit 100 ;; esac')
    monkeypatch.setattr(debian, "DEV", checkout.dev)
    monkeypatch.setenv("PATH", str(checkout.programs), prepend=os.pathsep)
    told = refused(debian.Apt("odoo", []).download, ["odoo-19"], checkout.root / "in")
    assert "check the network" in told


def test_full_disk_is_named_before_anything_is_fetched(checkout, refused, monkeypatch):
    monkeypatch.setattr(environment, "DEV", checkout.dev)
    room = SimpleNamespace(f_bavail=1000, f_frsize=4096)
    monkeypatch.setattr(environment.os, "statvfs", lambda _path: room)
    assert "free 5 GB" in refused(environment.prepare)


def test_full_disk_is_named_when_a_program_meets_it(refused):
    told = refused(
        run, ["cp", "/dev/zero", "/dev/full"], log="test", advice="Not this."
    )
    assert "disk is full" in told


def test_program_that_does_not_end_is_given_up(refused):
    told = refused(run, ["sleep", "60"], log="test", advice="Wait.", timeout=0.1)
    assert "does not end" in told


def test_missing_program_gets_the_advice(refused):
    assert "Get it." in refused(run, ["no-such-program"], log="test", advice="Get it.")


def test_environment_of_another_user_is_named(checkout, refused, monkeypatch):
    monkeypatch.setattr(environment, "DEV", checkout.dev)
    monkeypatch.setattr(environment.os, "geteuid", lambda: os.getuid() + 1)
    assert "another user" in refused(environment.prepare)


def test_python_without_venv_is_named(checkout, refused, monkeypatch):
    without = checkout.program("python", "echo No module named venv >&2; exit 1")
    monkeypatch.setattr(python_packages, "VENV", checkout.dev / "venv")
    monkeypatch.setattr(python_packages.sys, "executable", str(without))
    assert "python3-venv" in refused(python_packages._make)


def test_python_without_pip_and_apt_is_named(refused, monkeypatch):
    monkeypatch.setattr(python_packages.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(python_packages, "read_sources", lambda: [])
    assert "python3-venv" in refused(python_packages._pip)


def test_packages_that_cannot_be_fetched_leave_no_stamp(checkout, is_one_sentence):
    done = checkout.python(
        "from devtools import python_packages as p\n"
        "try:\n"
        "    p.get()\n"
        "except p.SetupError as error:\n"
        "    print(error)\n",
        PIP_NO_INDEX="1",
        PIP_FIND_LINKS="",
    )
    assert "could not be installed" in done.stdout
    assert is_one_sentence(done.stdout)
    assert not (checkout.dev / "stamps" / "venv").exists()


def make_odoo(home, script="odoo-bin", version=19):
    (home / "odoo").mkdir(parents=True)
    (home / "odoo" / "release.py").write_text(RELEASE.format(version))
    (home / script).touch()
    return {"ODOO_HOME": str(home)}


def test_checkout_of_odoo_is_used(tmp_path):
    found = odoo.get(make_odoo(tmp_path / "odoo-19"))
    assert found.path == tmp_path / "odoo-19"
    assert found.script == tmp_path / "odoo-19" / "odoo-bin"


def test_other_version_of_odoo_is_refused(tmp_path, refused):
    told = refused(odoo.get, make_odoo(tmp_path / "odoo-18", version=18))
    assert "not Odoo 19" in told


def test_folder_without_odoo_is_refused(tmp_path, refused):
    assert "no Odoo" in refused(odoo.get, {"ODOO_HOME": str(tmp_path)})


def test_browser_that_is_not_there_is_named(refused):
    assert "CHROMIUM" in refused(browser.find, {"CHROMIUM": "/no/such/browser"})


def test_browser_that_does_not_run_is_refused(checkout, refused, monkeypatch):
    broken = checkout.program("chromium", "exit 1")
    monkeypatch.setattr(browser, "COMMAND", checkout.dev / "bin" / "chromium")
    monkeypatch.setattr(browser, "OTHER_NAME", checkout.dev / "bin" / "google-chrome")
    assert "CHROMIUM" in refused(browser._use, str(broken))
    assert not (checkout.dev / "bin" / "chromium").exists()

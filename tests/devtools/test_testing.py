"""What `./dev test` runs, and how it adds up."""

import contextlib
import subprocess
import sys
import textwrap
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from devtools import testing
from devtools.errors import SetupError
from devtools.testing import Counts

ADDON_TESTS = "amazon_carrier_connector/tests"
SUITE = """
import pytest

def test_passes(): pass

def test_fails(): assert False

@pytest.mark.skip
def test_is_skipped(): pass

@pytest.fixture
def broken(): raise RuntimeError

def test_has_an_error(broken): pass
"""


@pytest.fixture
def pytest_run(tmp_path):
    """Runs pytest on a file; gives the counts as `./dev test` reads them."""

    def run(text, *options):
        (tmp_path / "test_it.py").write_text(text)
        report = tmp_path / "report.xml"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", f"--junitxml={report}"),
                *("-p", "no:odoo", "-p", "no:cacheprovider", tmp_path, *options),
            ],
            cwd=tmp_path,
            capture_output=True,
        )
        return testing.read_report(report, done.returncode)

    return run


def test_each_outcome_is_counted_and_errors_count_as_failed(pytest_run):
    assert pytest_run(SUITE) == Counts(passed=1, failed=2, skipped=1)


def test_file_that_cannot_be_read_is_one_failure(pytest_run):
    assert pytest_run("import no_such_module") == Counts(failed=1)


def test_nothing_selected_is_nothing(pytest_run):
    assert pytest_run(SUITE, "-k", "no_such_name") == Counts()


def test_wrong_option_is_a_failure(pytest_run):
    assert pytest_run(SUITE, "--no-such-option") == Counts(failed=1)


def test_session_that_dies_is_a_failure(pytest_run):
    text = "import os\ndef test_dies(): os._exit(0)"
    assert pytest_run(text + "\n") == Counts(failed=1)


@pytest.mark.parametrize(
    ("counts", "good"),
    [
        (Counts(), False),
        (Counts(passed=1), True),
        (Counts(passed=1, skipped=1), True),
        (Counts(skipped=1), False),
        (Counts(passed=9, failed=1), False),
    ],
)
def test_good_means_that_something_ran_and_nothing_failed(counts, good):
    assert counts.good is good


def test_counts_are_added_up_in_words():
    total = Counts(1, 2, 3) + Counts(10, 20, 30)
    assert str(total) == "11 passed, 22 failed, 33 skipped"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], (["tests"], [ADDON_TESTS])),
        (["tests/plain"], (["tests/plain"], None)),
        ([ADDON_TESTS], (None, [ADDON_TESTS])),
        (
            [f"{ADDON_TESTS}/test_x.py::TestX", "tests/devtools"],
            (["tests/devtools"], [f"{ADDON_TESTS}/test_x.py::TestX"]),
        ),
    ],
)
def test_path_picks_the_session(paths, expected):
    assert testing.parted(paths) == expected


@pytest.mark.parametrize(
    ("words", "paths", "options"),
    [
        (["-k", "tests"], [], ["-k", "tests"]),
        (["tests", "-x", "-k", "one or two"], ["tests"], ["-x", "-k", "one or two"]),
        (["-k", "one", "tests/devtools"], ["tests/devtools"], ["-k", "one"]),
    ],
)
def test_words_are_paths_or_options(words, paths, options):
    assert testing.split(words) == (paths, options)


def test_path_that_is_not_there_is_named(is_one_sentence):
    with pytest.raises(SetupError) as refusal:
        testing.split(["tests/no_such_test.py"])
    assert is_one_sentence(str(refusal.value))


@pytest.mark.parametrize("code", [0, 2])
def test_last_line_tells_of_a_session_that_left_no_report(capsys, monkeypatch, code):
    monkeypatch.setattr(testing.database, "drop_orphans", lambda _environment: None)
    ended = nullcontext(SimpleNamespace(wait=lambda: code))
    environment = SimpleNamespace(started=lambda *_command, **_options: ended)
    assert testing.run(environment, ["tests"]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "0 passed, 1 failed, 0 skipped"


@pytest.fixture
def two_sessions(tmp_path, monkeypatch):
    """`./dev test` where each session is a program of ours that gets its name."""

    def run(program):
        @contextlib.contextmanager
        def started(command, **options):
            name = "plain" if "no:odoo" in command else "odoo"
            options["cwd"] = tmp_path
            words = [sys.executable, "-c", textwrap.dedent(program), name]
            with subprocess.Popen(words, **options) as process:
                yield process

        monkeypatch.setattr(testing, "LOGS", tmp_path)
        monkeypatch.setattr(testing, "DEV", tmp_path)
        for replaced in ("drop_orphans", "temporary"):
            monkeypatch.setattr(
                testing.database, replaced, lambda *_names: nullcontext("a_database")
            )
        return testing.run(SimpleNamespace(started=started), [])

    return run


def test_sessions_run_side_by_side_and_are_shown_one_after_the_other(
    two_sessions, capfdbinary
):
    # Each ends only when the other has begun.
    two_sessions(
        """
        import pathlib, sys, time
        name, = sys.argv[1:]
        print(name, "begins", flush=True)
        pathlib.Path(name).touch()
        other = pathlib.Path({"odoo": "plain", "plain": "odoo"}[name])
        end = time.monotonic() + 60
        while not other.exists() and time.monotonic() < end:
            time.sleep(0.01)
        print(name, "ends" if other.exists() else "waited in vain", flush=True)
        """
    )
    lines = capfdbinary.readouterr().out.decode().splitlines()
    told = ["plain begins", "plain ends", "odoo begins", "odoo ends"]
    assert lines[:4] == told


def test_both_sessions_are_added_up_and_leave_no_file(two_sessions, tmp_path, capfd):
    code = two_sessions("raise SystemExit(3)")
    assert code == 1
    assert capfd.readouterr().out.splitlines()[-1] == "0 passed, 2 failed, 0 skipped"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]

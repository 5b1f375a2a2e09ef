"""`./dev test`: two pytest sessions side by side, added up in one last line.

`tests/` runs without Odoo in the process; the addon's own tests run inside Odoo, in a
database copied from the template with the addon. What the second one prints is shown
when the first one has ended.
"""

import contextlib
import os
import shutil
import sys
from dataclasses import dataclass
from xml.etree import ElementTree

from . import database, steps
from .errors import SetupError
from .paths import ADDON, DEV, LOGS, ROOT, VENV_PYTHON

NOTHING_COLLECTED = 5
WITH_VALUE = ("-k", "-m", "-o", "-p", "-r", "-W")
OK_CODES = (0, NOTHING_COLLECTED)


@dataclass(frozen=True)
class Counts:
    """What became of the tests; a test with an error has failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"

    @property
    def good(self):
        """Whether something ran and nothing failed."""
        return not self.failed and self.passed > 0


def read_report(path, exit_code):
    """Counts of one pytest session from its JUnit report and its exit code.

    A session that broke off (no report, or an exit code that its counts do not explain)
    counts as a failed test.
    """
    if not path.is_file():
        return Counts(failed=1)
    counts = Counts()
    for suite in ElementTree.parse(path).getroot().iter("testsuite"):
        number = {
            name: int(suite.get(name, 0))
            for name in ("tests", "failures", "errors", "skipped")
        }
        failed = number["failures"] + number["errors"]
        passed = number["tests"] - failed - number["skipped"]
        counts += Counts(max(passed, 0), failed, number["skipped"])
    if exit_code not in OK_CODES and not counts.failed:
        counts += Counts(failed=1)
    return counts


def split(words):
    """Part the words of a command line into paths and pytest's options.

    Raises SetupError for a path that is not there.
    """
    paths, options = [], []
    for before, word in zip(["", *words], words, strict=False):
        if word.startswith("-") or before in WITH_VALUE:
            options.append(word)
        elif not (ROOT / word.split("::", 1)[0]).exists():
            raise SetupError(
                f"{word} is not there: name files and folders from {ROOT}."
            )
        else:
            paths.append(word)
    return paths, options


def parted(paths):
    """Part the paths into those of `tests/` and the addon's; None: not asked for."""
    if not paths:
        return ["tests"], [f"{ADDON}/tests"]
    odoo = [path for path in paths if _inside(path, ADDON)]
    plain = [path for path in paths if path not in odoo]
    return plain or None, odoo or None


def _inside(path, folder):
    file = (ROOT / path.split("::", 1)[0]).resolve()
    return file.is_relative_to(ROOT / folder)


def run(environment, words):
    """Run the sessions that the words ask for; returns the exit code."""
    paths, arguments = split(words)
    plain, odoo = parted(paths)
    database.drop_orphans(environment)
    with contextlib.ExitStack() as stack:
        ends = []
        if plain:
            options = [*plain, "-p", "no:odoo", *arguments]
            ends.append(stack.enter_context(_session(environment, "plain", options)))
        if odoo:
            name = stack.enter_context(database.temporary(environment, "test"))
            options = [*odoo, *_odoo(name), *arguments]
            shown_later = LOGS / f"odoo-tests.{os.getpid()}.log" if plain else None
            session = _session(environment, "odoo", options, shown_later)
            ends.append(stack.enter_context(session))
        total = sum((end() for end in ends), Counts())
    if total == Counts():
        steps.say("No test was collected: check the path and the name.")
    print(total, flush=True)
    return 0 if total.good else 1


def _odoo(name):
    return [
        f"--odoo-database={name}",
        "--odoo-http",
        "--odoo-log-level=warn",
        "--odoo-extra=no-database-list",
        f"--odoo-extra=db-filter=^{name}$",
    ]


@contextlib.contextmanager
def _session(environment, name, arguments, shown_later=None):
    """Start a pytest session; gives the function that waits for its counts.

    :param shown_later: the file that takes what the session prints until then
    """
    report = DEV / "reports" / f"{name}.{os.getpid()}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    command = [
        *(VENV_PYTHON, "-m", "pytest", f"--junitxml={report}"),
        *("-o", "junit_family=xunit2", *arguments),
    ]
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(shown_later.open("wb")) if shown_later else None
        options = {"cwd": ROOT, "stdout": output, "stderr": output}
        process = stack.enter_context(environment.started(command, **options))

        def end():
            counts = read_report(report, process.wait())
            if shown_later:
                _show(shown_later)
            return counts

        yield end
    report.unlink(missing_ok=True)


def _show(file):
    sys.stdout.flush()
    with file.open("rb") as lines:
        shutil.copyfileobj(lines, sys.stdout.buffer)
    sys.stdout.flush()
    file.unlink()

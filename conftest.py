"""For all tests: none leaves this machine, none passes with a warning in the log, or
with a person or a secret of the test data in it.
"""

import logging
import re

import pytest

from devtools import network_guard
from devtools.leaks import find_leaks

network_guard.install()

MARKER = (
    "expected_log(pattern): a record at WARNING or above belongs to this test; the"
    " pattern is searched in 'LEVEL logger: message', and must be found"
)
# A test prints lines that begin with this, for whoever reads the last lines of a run.
FIGURES = "Figures: "


def pytest_configure(config):
    config.addinivalue_line("markers", MARKER)


class Collector(logging.Handler):
    """Keeps what comes through to the root logger.

    What a test mutes with Odoo's ``mute_logger``, or asserts with ``assertLogs``, does
    not come here. Records of other threads do.
    """

    def __init__(self):
        super().__init__()
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))
        self.lines = []
        self.leaks = []

    def emit(self, record):
        self.leaks += find_leaks(self.format(record))
        if record.levelno < logging.WARNING:
            return
        line = f"{record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1]:
            line += f" ({record.exc_info[1]!r})"
        self.lines.append(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    return (yield from _watched(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    return (yield from _watched(item, _expected_patterns(item)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    return (yield from _watched(item))


def _watched(item, patterns=()):
    """Fail a phase of a test that passed, when it logged what nobody expected."""
    collector = Collector()
    root = logging.getLogger()
    root.addHandler(collector)
    try:
        result = yield
    finally:
        root.removeHandler(collector)
    if collector.leaks:
        pytest.fail("personal or secret:\n" + "\n".join(collector.leaks), False)
    found = {p: [s for s in collector.lines if re.search(p, s)] for p in patterns}
    missing = [pattern for pattern, lines in found.items() if not lines]
    expected = {line for lines in found.values() for line in lines}
    surprises = [line for line in collector.lines if line not in expected]
    if surprises:
        pytest.fail("logged and not expected:\n" + "\n".join(surprises), pytrace=False)
    if missing:
        pytest.fail("expected in the log, not there: " + ", ".join(missing), False)
    return result


def _expected_patterns(item):
    return [mark.args[0] for mark in item.iter_markers("expected_log")]


def pytest_terminal_summary(terminalreporter):
    """What tests have counted is told, though they passed."""
    reports = [r for found in terminalreporter.stats.values() for r in found]
    sections = [text for r in reports for __, text in getattr(r, "sections", ())]
    lines = [line for text in sections for line in text.splitlines()]
    for line in dict.fromkeys(lines):
        if line.startswith(FIGURES):
            terminalreporter.write_line(line)

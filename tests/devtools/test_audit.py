"""What the addon brings into an Odoo is looked up, or it is said that nobody could."""

import json
import sys

import pytest

from devtools import audit
from devtools.paths import ROOT
from tests.plain.scripted_server import CUT, Reply, ScriptedServer, as_json

WEAKNESS = {
    "id": "PYSEC-2026-1",
    "summary": "Anybody may read everything",
    "affected": [
        {
            "package": {"name": "requests", "ecosystem": "PyPI"},
            "ranges": [
                {
                    "type": "ECOSYSTEM",
                    "events": [{"introduced": "0"}, {"fixed": "9.0"}],
                }
            ],
        }
    ],
}
VERSIONS = {"requests": "2.34.2"}


@pytest.fixture
def service(monkeypatch):
    """A service of known weaknesses, on loopback."""
    with ScriptedServer() as server:
        monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", server.url)
        yield server


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr(audit.steps, "say", lines.append)
    return lines


def test_a_known_weakness_is_a_complaint(service, said):
    service.reply(as_json({"vulns": [WEAKNESS]}))
    (complaint,) = audit.check(sys.executable, VERSIONS)
    assert "requests 2.34.2 has PYSEC-2026-1, mended in 9.0" in complaint
    (asked,) = service.asked
    assert asked.json["package"]["name"] == "requests"
    assert said == []


def test_packages_without_a_known_weakness_are_good(service, said):
    service.reply(as_json({}))
    assert audit.check(sys.executable, VERSIONS) == []
    assert said == []


@pytest.mark.parametrize("reply", [CUT, Reply(503, b"down"), Reply(403, b"a wall")])
def test_a_service_that_cannot_be_reached_is_told_and_no_complaint(
    service, said, reply
):
    service.reply(*[reply] * 9)
    assert audit.check(sys.executable, VERSIONS) == []
    assert said == [audit.NOT_AUDITED]


def test_a_tool_that_breaks_is_a_complaint(said):
    (complaint,) = audit.check(sys.executable, {"requests": "no version at all"})
    assert "pip-audit itself failed" in complaint
    assert said == []


@pytest.mark.parametrize(
    ("skipped", "count"), [((), 0), (("requests",), 1), (("requests", "idna"), 0)]
)
def test_what_was_not_looked_up_is_told(tmp_path, said, skipped, count):
    """A mirror of the service knows some packages, or none at all."""
    found = [
        {"name": name, "skip_reason": "unknown"}
        if name in skipped
        else {"name": name, "version": "1", "vulns": []}
        for name in ("requests", "idna")
    ]
    tool = tmp_path / "tool"
    tool.write_text(f"#!/bin/sh\necho '{json.dumps({'dependencies': found})}'\n")
    tool.chmod(0o700)
    assert len(audit.check(tool, VERSIONS)) == count
    assert bool(said) == (len(skipped) == 2)


def test_what_the_addon_asks_for_is_looked_up_with_what_that_needs(tmp_path):
    needed = audit.needed_packages(ROOT / "requirements.txt")
    assert {"python-amazon-sp-api", "cryptography", "requests", "urllib3"} <= set(
        needed
    )
    assert "pytest" not in needed
    (tmp_path / "requirements.txt").write_text("requests # why\n\nnot-there\n")
    needed = audit.needed_packages(tmp_path / "requirements.txt")
    assert "requests" in needed and "not-there" not in needed

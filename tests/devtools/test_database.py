"""Databases from templates; a half-made template is never copied."""

import os
import subprocess
from types import SimpleNamespace

import pytest

from devtools import database
from devtools.environment import use
from devtools.errors import SetupError


@pytest.fixture(scope="module")
def server():
    with use() as ready:
        yield ready.server


@pytest.fixture
def environment(server, tmp_path, monkeypatch):
    """The running server, with filestores and names of the test's own."""
    filestores = tmp_path / "filestore"
    monkeypatch.setattr(database, "FILESTORES", filestores)
    prefix = f"devtools_{os.getpid()}_"
    own = SimpleNamespace(prefix=prefix, query=server.query)
    yield SimpleNamespace(server=own)
    for name in names(own):
        server.query(f'DROP DATABASE "{name}" WITH (FORCE)')


def names(server):
    return server.query(
        f"SELECT datname FROM pg_database WHERE starts_with(datname, '{server.prefix}')"
    ).splitlines()


@pytest.fixture
def ensure(environment):
    """Makes the template `made`: a table and a stored file."""
    calls = []

    def build(half):
        calls.append(half)
        environment.server.query(f'CREATE DATABASE "{half}"')
        environment.server.query("CREATE TABLE here (number integer)", half)
        folder = database.FILESTORES / half / "ab"
        folder.mkdir(parents=True)
        (folder / "abc").write_text("stored")

    def run(key, build=build):
        return database._ensure(environment, "made", key, build, "A template")

    run.calls = calls
    run.build = build
    return run


def test_template_is_made_once(ensure):
    assert ensure("key") == ensure("key")
    assert len(ensure.calls) == 1


def test_template_is_made_again_for_another_key(ensure):
    ensure("old")
    ensure("new")
    assert len(ensure.calls) == 2


def test_template_without_its_filestore_is_made_again(ensure):
    name = ensure("key")
    database.steps.remove(database.FILESTORES / name)
    ensure("key")
    assert len(ensure.calls) == 2


def test_interrupted_template_is_made_again(ensure):
    def cut_off(half):
        ensure.build(half)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure("key", cut_off)
    ensure("key")
    assert len(ensure.calls) == 2


def test_interrupted_newer_template_leaves_the_older_one(ensure):
    def cut_off(_half):
        raise KeyboardInterrupt

    ensure("old")
    with pytest.raises(KeyboardInterrupt):
        ensure("new", cut_off)
    ensure("old")
    assert len(ensure.calls) == 1


def test_copy_has_the_rows_and_the_stored_files(environment, ensure):
    copied = database.full_name(environment, "copy")
    database._copy(environment, ensure("key"), copied)
    assert environment.server.query("SELECT count(*) FROM here", copied) == "0"
    assert (database.FILESTORES / copied / "ab" / "abc").read_text() == "stored"


def test_copy_replaces_a_former_one(environment, ensure):
    copied = database.full_name(environment, "copy")
    database._copy(environment, ensure("key"), copied)
    environment.server.query("INSERT INTO here VALUES (1)", copied)
    (database.FILESTORES / copied / "more").touch()
    database._copy(environment, ensure("key"), copied)
    assert environment.server.query("SELECT count(*) FROM here", copied) == "0"
    assert not (database.FILESTORES / copied / "more").exists()


def test_dropped_database_takes_its_files_along(environment, ensure):
    name = ensure("key")
    assert database.exists(environment, name)
    database.drop(environment, name)
    assert not database.exists(environment, name)
    assert not (database.FILESTORES / name).exists()


def test_temporary_databases_of_ended_processes_are_removed(environment):
    ended = subprocess.Popen(["true"])
    ended.wait()
    mine, theirs = (
        database.full_name(environment, f"{database.TEMPORARY}test_{pid}")
        for pid in (os.getpid(), ended.pid)
    )
    for name in (mine, theirs):
        environment.server.query(f'CREATE DATABASE "{name}"')
    database.drop_orphans(environment)
    assert names(environment.server) == [mine]


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "addon"
    (folder / "models").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "models" / "shop.py").write_text("one")
    return folder


def test_digest_changes_with_content_and_name(folder):
    found = [database.folder_digest(folder)]
    (folder / "models" / "shop.py").write_text("two")
    found.append(database.folder_digest(folder))
    (folder / "models" / "shop.py").rename(folder / "models" / "market.py")
    found.append(database.folder_digest(folder))
    assert len(set(found)) == 3


@pytest.mark.parametrize("name", ["tests/test_shop.py", "models/__pycache__/shop.pyc"])
def test_digest_does_not_change_with_tests_and_byte_code(folder, name):
    before = database.folder_digest(folder)
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("changed")
    assert database.folder_digest(folder) == before


def test_missing_addon_is_named(tmp_path, is_one_sentence):
    with pytest.raises(SetupError) as refusal:
        database.manifest(tmp_path)
    assert is_one_sentence(str(refusal.value))

"""The private server, started and stopped by its users; and the user's own."""

import textwrap
from types import SimpleNamespace

import pytest

from devtools import postgres
from devtools.errors import SetupError

PIDFILE = ".dev/pg/data/postmaster.pid"


@pytest.fixture
def private(checkout, environment_folder):
    """A checkout whose own private server is removed at the end."""
    checkout.dev.mkdir()
    (checkout.dev / "venv").symlink_to(environment_folder)
    yield checkout
    checkout.python("from devtools import postgres; postgres.forget()")


def script(checkout, code):
    done = checkout.python(
        "from devtools import postgres\n" + textwrap.dedent(code), LC_ALL="C"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_private_server_answers_and_ends_with_its_last_user(private):
    told = script(
        private,
        """
        with postgres.use() as first:
            with postgres.use() as second:
                pass
            print(first.query("SELECT current_user"))
        print(postgres._running(postgres.HOME.resolve()))
        """,
    )
    assert told == ["odoo", "False"]
    assert not (private.root / PIDFILE).exists()


def test_private_server_listens_on_no_port(private):
    told = script(
        private,
        """
        with postgres.use() as server:
            print("addresses", server.query("SHOW listen_addresses"), ".")
            print(server.settings["PGHOST"])
        """,
    )
    assert told[:2] == ["addresses", "."]
    assert told[2].startswith("/")


def test_private_server_goes_on_for_a_process_that_inherited_it(private):
    told = script(
        private,
        """
        import subprocess
        with postgres.use() as server:
            user = subprocess.Popen(
                ["sleep", "60"], pass_fds=server.pass_fds, stdout=subprocess.DEVNULL
            )
        print(postgres._running(postgres.HOME.resolve()))
        user.kill()
        user.wait()
        print(postgres.stop(only_if_unused=True))
        """,
    )
    assert told == ["True", "True"]


def test_crashed_server_is_started_again(private):
    told = script(
        private,
        """
        import os, signal, time
        from pathlib import Path
        with postgres.use() as server:
            home = postgres.HOME.resolve()
            pid = int((home / "data/postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGKILL)
            while postgres._running(home):
                time.sleep(0.01)
        with postgres.use() as server:
            print(server.query("SELECT 'here'"))
        """,
    )
    assert told == ["here"]


def test_half_made_server_is_made_again(private):
    script(private, "with postgres.use(): pass")
    (private.dev / "stamps" / "pg").unlink()
    (private.root / ".dev/pg/data/PG_VERSION").unlink()
    told = script(
        private, "with postgres.use() as server: print(server.query('SELECT 1'))"
    )
    assert told == ["1"]


def test_nothing_is_left_of_a_forgotten_server(private):
    told = script(
        private,
        """
        with postgres.use() as server:
            home = postgres.HOME.resolve()
        postgres.forget()
        print(home.exists(), postgres.HOME.is_symlink())
        """,
    )
    assert told == ["False", "False"]


@pytest.mark.parametrize("length", [20, 200])
def test_folder_suits_unless_its_socket_has_too_long_a_path(length, monkeypatch):
    monkeypatch.setattr(postgres.os, "geteuid", lambda: 1000)
    suits = postgres._suits(postgres.Path("/" + length * "x"))
    assert suits is (length == 20)


def test_folder_that_nobody_can_enter_does_not_suit_for_root(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres.os, "geteuid", lambda: 0)
    monkeypatch.setattr(postgres, "LONGEST_SOCKET", 1000)
    tmp_path.chmod(0o700)
    assert not postgres._suits(tmp_path / "pg")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"PGUSER": "me", "PGDATABASE": "mine"}, None),
        ({"PGHOST": "/run/pg", "PGDATABASE": "mine"}, {"PGHOST": "/run/pg"}),
        ({"PGPORT": "5433", "PGUSER": "me"}, {"PGPORT": "5433", "PGUSER": "me"}),
        (
            {
                "DATABASE_URL": "postgresql://me:p%40ss@db.example:5433/x?sslmode=require"
            },
            {
                "PGHOST": "db.example",
                "PGPORT": "5433",
                "PGUSER": "me",
                "PGPASSWORD": "p@ss",
                "PGSSLMODE": "require",
            },
        ),
        (
            {"DATABASE_URL": "postgres:///x?host=/run/pg&user=me"},
            {"PGHOST": "/run/pg", "PGUSER": "me"},
        ),
    ],
)
def test_own_server_is_read_from_the_variables(variables, expected):
    assert postgres.own_settings(variables) == expected


def test_private_server_is_not_taken_for_an_own_one():
    assert postgres.own_settings({"PGHOST": postgres._socket_folder()}) is None


def test_variables_for_another_server_do_not_reach_the_programs(monkeypatch):
    monkeypatch.setenv("PGDATABASE", "mine")
    monkeypatch.setenv("PGSERVICE", "elsewhere")
    server = postgres.Server({"PGHOST": "/run/pg"}, postgres.Path(), "")
    found = server.environment()
    assert {name for name in found if name.startswith("PG")} == {"PGHOST"}


def test_address_of_another_kind_of_database_is_refused(is_one_sentence):
    with pytest.raises(SetupError) as refusal:
        postgres.own_settings({"DATABASE_URL": "mysql://me@db.example/x"})
    assert is_one_sentence(str(refusal.value))


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("12\tt\tme", "PostgreSQL 12"),
        ("16\tt\tpostgres", "another"),
        ("16\tf\tme", "CREATEDB"),
    ],
)
def test_own_server_that_does_not_suit_is_refused(answer, word, is_one_sentence):
    server = SimpleNamespace(query=lambda _statement, advice: answer)
    with pytest.raises(SetupError) as refusal:
        postgres._check(server)
    assert word in str(refusal.value)
    assert is_one_sentence(str(refusal.value))


def test_own_server_that_is_away_is_named(
    checkout, environment_folder, is_one_sentence
):
    checkout.dev.mkdir()
    (checkout.dev / "venv").symlink_to(environment_folder)
    done = checkout.python(
        "from devtools import postgres\n"
        "try:\n"
        "    with postgres.use(): pass\n"
        "except postgres.SetupError as error:\n"
        "    print(error)\n",
        DATABASE_URL="postgresql://me@127.0.0.1:1/x",
    )
    assert is_one_sentence(done.stdout), done.stderr
    assert "DATABASE_URL" in done.stdout


def test_set_up_that_is_not_whole_is_named(checkout, monkeypatch):
    monkeypatch.setattr(postgres, "VENV", checkout.dev / "venv")
    with pytest.raises(SetupError, match="dev setup"):
        postgres._wheel()

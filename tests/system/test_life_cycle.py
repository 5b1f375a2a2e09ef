"""The addon comes and goes: installed, upgraded, removed again, without a complaint."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from datetime import datetime, timezone
from hashlib import sha256

import pytest

from devtools import database
from devtools.paths import ADDON, DEV, LOGS, ROOT
from devtools.processes import OdooServer, complaints, guarded_odoo
from tests.driver.client import OdooClient
from tests.driver.main_job import MainJob
from tests.driver.shop import put_in_stock, set_up
from tests.driver.unshipped_report import PRODUCTS, make_report
from tests.plain import layers

layers.register()
from key_ring import OWN_FILE, KeyRing  # noqa: E402


@pytest.fixture
def odoo_database(environment):
    """A database with the modules the addon needs, but without the addon."""
    with database.temporary(environment, "life", database.BASE) as name:
        yield name


@pytest.fixture
def run_odoo(environment, odoo_database):
    """Run Odoo to its end with some arguments; gives its log."""

    def run(*arguments):
        log = LOGS / "system" / f"{odoo_database}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        command = guarded_odoo(
            environment,
            *("-d", odoo_database, *arguments, "--stop-after-init", "--no-http"),
            *("--max-cron-threads=0", "--logfile", log),
        )
        variables = environment.variables()
        subprocess.run(command, env=variables, cwd=ROOT, check=True)
        return log.read_text(encoding="utf-8")

    return run


@pytest.fixture
def installed(run_odoo):
    """The log of the installation."""
    return run_odoo("-i", ADDON)


def test_addon_installs_upgrades_and_takes_a_new_key_without_a_complaint(
    installed, run_odoo, environment, odoo_database, tmp_path
):
    assert complaints(installed) == []
    assert f"Loading module {ADDON}" in installed
    environment.server.query(BEFORE_ENCRYPTION, odoo_database)
    upgraded = run_odoo("-u", ADDON)
    assert complaints(upgraded) == []
    assert f"Loading module {ADDON}" in upgraded
    secret, hook_hash = read_secrets(environment, odoo_database)
    assert hook_hash == sha256(b"plain-token").hexdigest()
    own = DEV / "data" / OWN_FILE
    former = KeyRing(str(own))
    assert former.decrypt(secret) == "plain-secret"

    shutil.copy(own, tmp_path)
    told = run_command(environment, odoo_database, tmp_path)
    assert "1 secrets are encrypted with the newest key" in told
    secret, __ = read_secrets(environment, odoo_database)
    newest = (tmp_path / OWN_FILE).read_text().split()[-1]
    assert KeyRing("newest", newest).decrypt(secret) == "plain-secret"


# What version 19.0.1.0.0 had stored.
BEFORE_ENCRYPTION = f"""
    ALTER TABLE res_company RENAME COLUMN myparcel_hook_hash TO myparcel_hook_token;
    UPDATE res_company
       SET amazon_client_secret = 'plain-secret', myparcel_hook_token = 'plain-token';
    UPDATE ir_module_module SET latest_version = '19.0.1.0.0' WHERE name = '{ADDON}';
"""


def read_secrets(environment, name):
    return environment.server.query(
        "SELECT amazon_client_secret || ' ' || myparcel_hook_hash FROM res_company",
        name,
    ).split()


def run_command(environment, name, data_dir):
    """The command for a new key; gives what it says."""
    command = environment.odoo_command(
        "amazon_keys", "-d", name, "--data-dir", data_dir
    )
    done = subprocess.run(
        command,
        env=environment.variables(),
        cwd=ROOT,
        check=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    return done.stderr


def test_addon_uninstalls_cleanly_from_a_database_where_it_was_used(
    installed, environment, odoo_database, standins
):
    with running(environment, odoo_database) as (server, admin):
        deliveries = use_addon(server, admin, standins)
        done = [("id", "in", deliveries), ("state", "=", "done")]
        assert admin.count("stock.picking", done) == len(deliveries)
        schedules = find_schedules(admin)
        assert all(schedules.values())
    # Core refuses to remove a module while a scheduled action is at work.
    with running(environment, odoo_database, "--max-cron-threads=0") as (_, admin):
        uninstall(admin)
    with running(environment, odoo_database) as (_, admin):
        assert admin.count("stock.picking", done) == len(deliveries)
        assert all(admin.read("stock.picking", deliveries, "carrier_tracking_ref"))
        assert left_over(environment, odoo_database) == ""
        for model, ids in schedules.items():
            whole = [("id", "in", ids), ("active", "in", (True, False))]
            domain = whole if model != "ir.actions.server" else whole[:1]
            assert admin.count(model, domain) == 0


@contextmanager
def running(environment, name, *arguments):
    """An Odoo and its administrator; fails when the log has a complaint."""
    log = LOGS / "system" / f"{name}-server.log"
    log.unlink(missing_ok=True)
    server = OdooServer(environment, name, log, arguments=arguments)
    server.start()
    try:
        yield server, OdooClient(server.url, name, "admin", "admin")
        complained = server.complaints()
    finally:
        server.stop()
    assert complained == []


def use_addon(server, admin, standins):
    shop_id = set_up(admin, standins.connection())
    put_in_stock(admin, PRODUCTS)
    report = make_report(8, datetime.now(timezone.utc))
    standins.amazon.orders.load_report(report)
    job = MainJob(admin, shop_id)
    import_id = job.check(report)
    job.start_import(import_id)
    deliveries = job.deliveries()
    run_id = job.create_labels(deliveries[:5])
    job.start_labels(run_id)
    server.work_until(lambda: job.has_labelled(run_id), 60, "the labels")
    server.work_until(lambda: not job.confirmations("to_push"), 60, "the push")
    return deliveries[:5]


def uninstall(admin):
    """As the page of the apps does it, warnings read and accepted."""
    (module,) = admin.search("ir.module.module", [("name", "=", ADDON)])
    admin.press("ir.module.module", module, "button_immediate_uninstall")


def find_schedules(admin):
    """What works by itself: ids of the addon's own, by model."""
    models = ("ir.cron", "base.automation", "ir.actions.server")
    known = admin.call(
        "ir.model.data",
        "search_read",
        [("module", "=", ADDON), ("model", "in", models)],
        ["model", "res_id"],
    )
    return {
        model: [one["res_id"] for one in known if one["model"] == model]
        for model in models
    }


def left_over(environment, name):
    """Names of tables, models and records of the addon that are still there."""
    return environment.server.query(
        f"""
        SELECT 'table ' || tablename FROM pg_tables
         WHERE schemaname = 'public'
           AND (tablename LIKE 'amazon\\_%' OR tablename LIKE 'delivery\\_parcel%'
                OR tablename LIKE 'delivery\\_label%' OR tablename LIKE 'gls\\_%'
                OR tablename LIKE 'myparcel\\_%')
        UNION ALL
        SELECT 'column ' || table_name || '.' || column_name
          FROM information_schema.columns
         WHERE table_schema = 'public'
           AND (column_name LIKE 'amazon\\_%' OR column_name LIKE 'myparcel\\_%'
                OR column_name LIKE 'gls\\_%' OR column_name LIKE 'customs\\_%'
                OR column_name = 'parcel_type_id')
        UNION ALL
        SELECT 'model ' || model FROM ir_model
         WHERE model LIKE 'amazon.%' OR model LIKE 'delivery.parcel%'
            OR model LIKE 'delivery.label%' OR model LIKE 'gls.%'
            OR model LIKE 'myparcel.%'
        UNION ALL
        SELECT 'external id ' || name FROM ir_model_data WHERE module = '{ADDON}'
        UNION ALL
        SELECT 'delivery method ' || delivery_type FROM delivery_carrier
         WHERE delivery_type IN ('myparcel_nl', 'gls_nl')
        UNION ALL
        SELECT 'scheduled action ' || cron_name FROM ir_cron
         WHERE cron_name LIKE 'Amazon%'
         ORDER BY 1
        """,
        name,
    )

"""The push in processes of its own: two at once, and one that dies."""

from __future__ import annotations

import subprocess
from datetime import datetime, timezone

import pytest

from devtools.processes import complaints
from devtools.waiting import wait_until
from tests.driver import checks
from tests.driver.main_job import MainJob
from tests.driver.shop import put_in_stock, set_up
from tests.driver.unshipped_report import PRODUCTS, make_report, read_report
from tests.standins import Standins
from tests.standins.amazon import PUBLISHED_RATES
from tests.standins.rates import FAST

ORDERS = 24
CONFIRM = "confirmShipment"
CRON = "amazon_carrier_connector.cron_push_confirmations"
# Ten times Amazon's rate, so that two workers are at each other's heels.
RATE, BURST = 20, 10
# One more drain beside the scheduled action, which the database keeps single.
# In batches, of which the other leaves alone what is being prepared.
WORKER = """
import os, time
from odoo.addons.amazon_carrier_connector.models import amazon_push_drain
from odoo.addons.amazon_carrier_connector.amazon.selling_partner import SellingPartner
sent, confirm = [], SellingPartner.confirm_shipment
def counting(gateway, request):
    sent.append(request.package_ref)
    return confirm(gateway, request)
SellingPartner.confirm_shipment = counting
amazon_push_drain.BATCH_SIZE = 4
open({ready!r}, "w").close()
while not os.path.exists({go!r}):
    time.sleep(0.01)
# Again for what one left because the other was just writing it.
for _ in range(2):
    env["amazon.push.drain"]._drain_all()
    env.cr.commit()
print("sent:", ",".join(sent))
"""


@pytest.fixture
def standins():
    """With a bucket for the push, and everything else as fast as can be."""
    rates = {**dict.fromkeys(PUBLISHED_RATES, FAST), CONFIRM: (RATE, BURST)}
    with Standins(rates=rates) as running:
        yield running
        assert running.violations == []


@pytest.fixture
def job(server, standins, admin):
    """Labelled parcels in the outbox, and nobody who drains it."""
    admin.write("ir.cron", admin.ref(CRON), active=False)
    shop_id = set_up(admin, standins.connection())
    put_in_stock(admin, PRODUCTS)
    report = make_report(ORDERS, datetime.now(timezone.utc))
    standins.amazon.orders.load_report(report)
    job = MainJob(admin, shop_id)
    job.expected = read_report(report)
    import_id = job.check(report)
    job.start_import(import_id)
    server.work_until(lambda: job.has_imported(import_id), 120, "the import")
    run_id = job.create_labels(job.deliveries())
    job.start_labels(run_id)
    server.work_until(lambda: job.has_labelled(run_id), 120, "the labels")
    assert job.confirmations("to_push") == ORDERS
    return job


def differences(job, standins):
    amazon, myparcel = standins.amazon.state(), standins.myparcel.state()
    return list(checks.compare_confirmations(job.expected, amazon, myparcel))


def versions(standins):
    """How often each parcel was accepted."""
    return [
        package.version
        for order in standins.amazon.orders.values()
        for package in order.packages.values()
    ]


def test_two_workers_send_each_parcel_once_within_the_common_rate(
    server, environment, standins, job, tmp_path
):
    go = tmp_path / "go"
    workers = [start_worker(environment, server, tmp_path, n, go) for n in (1, 2)]
    wait_until(
        lambda: all((tmp_path / f"ready{n}").exists() for n in (1, 2)),
        120,
        "both workers",
    )
    go.touch()
    sent = [finish(worker) for worker in workers]
    assert all(sent), "one of them did nothing"
    assert not set(sent[0]) & set(sent[1]), "both sent the same parcel"
    assert len(sent[0]) + len(sent[1]) == ORDERS
    assert standins.amazon.count(CONFIRM, status=429) == 0
    assert versions(standins) == [1] * ORDERS
    assert job.confirmations("pushed") == ORDERS
    assert differences(job, standins) == []


def start_worker(environment, server, folder, number, go):
    worker = subprocess.Popen(
        environment.odoo_command(
            *("shell", "-d", server.database, "--no-http"),
            *("--max-cron-threads", 0, "--log-level", "warn"),
        ),
        env=environment.variables(),
        pass_fds=environment.server.pass_fds,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    ready = folder / f"ready{number}"
    worker.stdin.write(WORKER.format(ready=str(ready), go=str(go)))
    worker.stdin.close()
    return worker


def finish(worker):
    """The references it sent; its output must hold no complaint."""
    told = worker.stdout.read()
    assert worker.wait(timeout=120) == 0, told
    # The database logs it when one was faster than the other.
    assert complaints(told, ["could not serialize", "odoo.sql_db: bad query"]) == []
    (line,) = [line for line in told.splitlines() if line.startswith("sent:")]
    return [ref for ref in line.removeprefix("sent:").strip().split(",") if ref]


@pytest.mark.parametrize("moment", ["before", "after", "answered"])
def test_push_goes_on_after_a_crash_and_amazon_has_each_parcel_once(
    server, standins, admin, job, moment
):
    fault = standins.amazon.faults.add(
        CONFIRM, "kill", nth=3, moment=moment, pid=server.pid
    )
    admin.write("ir.cron", admin.ref(CRON), active=True)
    wait_until(
        lambda: not server.is_running(), 120, "the crash", meanwhile=server.wake_cron
    )
    assert fault.played == 1
    server.start()
    server.work_until(lambda: not job.confirmations("to_push"), 120, "the push")
    assert differences(job, standins) == []
    # Under the same reference: nowhere a second package.
    assert len(versions(standins)) == ORDERS
    assert len(standins.amazon.references(CONFIRM)) == ORDERS
    # The one in question was looked up at Amazon before anything was sent again.
    assert standins.amazon.count("getOrder") == 1
    assert max(versions(standins)) == 1

"""Two users at the same moment, on a database that really commits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from threading import Barrier

import pytest

from tests.driver.client import OdooClient
from tests.driver.main_job import MainJob
from tests.driver.shop import USER, create_user
from tests.driver.unshipped_report import make_report

ORDERS = 120


@pytest.fixture
def colleague(server, admin):
    create_user(admin, "colleague", USER)
    return OdooClient(server.url, server.database, "colleague", "colleague")


def test_file_imported_by_two_users_at_once_gives_one_set_of_deliveries(
    server, shop_id, clerk, colleague
):
    report = make_report(ORDERS, datetime.now(timezone.utc))
    jobs = [MainJob(client, shop_id) for client in (clerk, colleague)]
    imports = [job.check(report) for job in jobs]
    at_once(
        lambda: jobs[0].start_import(imports[0]),
        lambda: jobs[1].start_import(imports[1]),
    )
    server.work_until(
        lambda: all(map(MainJob.has_imported, jobs, imports)), 120, "both imports"
    )
    counts = jobs[0].count_all()
    assert counts["amazon.order"] == counts["stock.picking"] == ORDERS
    created = clerk.read("amazon.order.import", imports, "created_count")
    assert sum(told["created_count"] for told in created) == ORDERS


def at_once(*works) -> None:
    """Run functions in threads that start together; raises what one of them raised."""
    barrier = Barrier(len(works))

    def run(work):
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(run, works))

"""Odoo's process dies in the middle of an import: running again finishes it.

The moment is told by the database's sequences, which count what a transaction writes
before it is committed.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest

from devtools.waiting import wait_until
from tests.driver.main_job import MainJob
from tests.driver.unshipped_report import (
    ask_to_cancel,
    change_report,
    make_report,
    read_report,
)

# A chunk is 500; what fits in one is imported within the user's request.
MANY, FEW = 620, 300
PATIENCE = 400


@pytest.mark.parametrize(
    "orders, sequence, written",
    [
        (FEW, "amazon_order_id_seq", 1),
        (FEW, "stock_move_id_seq", 1),
        (MANY, "res_partner_id_seq", 200),
        (MANY, "stock_move_id_seq", 1),
        (MANY, "amazon_order_id_seq", 510),
    ],
)
def test_import_that_was_killed_is_finished_with_each_order_once(
    server, shop_id, clerk, orders, sequence, written
):
    report = make_report(orders, datetime.now(timezone.utc))
    job = MainJob(clerk, shop_id)
    import_id = job.check(report)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(job.start_import, import_id)
        question = f"SELECT last_value > {written} FROM {sequence}"
        _kill_when(server, question, import_id)

    server.start()
    server.work_until(lambda: job.has_imported(import_id), PATIENCE, "the import")
    counts = job.count_all()
    expected = read_report(report)
    assert counts["amazon.order"] == counts["stock.picking"] == orders
    items = sum(len(order.quantities) for order in expected.values())
    assert counts["amazon.order.item"] == items
    told = clerk.read("amazon.order.import", import_id, "created_count", "done_count")
    assert (told["created_count"], told["done_count"]) == (orders, orders)


def test_refresh_that_was_killed_is_finished_and_counts_each_order_once(
    server, shop_id, clerk
):
    report = make_report(MANY, datetime.now(timezone.utc))
    job = MainJob(clerk, shop_id)
    first = job.check(report)
    job.start_import(first)
    server.work_until(lambda: job.has_imported(first), PATIENCE, "the first import")

    second = job.check(change_report(report, ask_to_cancel))
    job.start_import(second)
    _kill_when(
        server,
        "SELECT done_count >= 500 AND state = 'running'"
        f" FROM amazon_order_import WHERE id = {second}",
        second,
    )
    server.start()
    server.work_until(lambda: job.has_imported(second), PATIENCE, "the second import")
    told = clerk.read("amazon.order.import", second, "updated_count", "problem_count")
    assert (told["updated_count"], told["problem_count"]) == (MANY, 0)
    activities = [("res_model", "=", "amazon.order")]
    assert clerk.count("mail.activity", activities) == MANY
    assert job.count_all()["stock.picking"] == MANY


def _kill_when(server, question: str, import_id: int) -> None:
    """End the process when the database answers yes, before the import is done."""

    def ask(statement):
        return server.environment.server.query(statement, server.database)

    wait_until(lambda: ask(question) == "t", PATIENCE, question)
    server.kill()
    state = ask(f"SELECT state FROM amazon_order_import WHERE id = {import_id}")
    assert state in ("queued", "running")

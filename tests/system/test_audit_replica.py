"""The audit trail where Odoo reads from a replica of the database."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from tests.driver.main_job import MainJob
from tests.driver.unshipped_report import make_report

from .conftest import serving


@pytest.fixture
def server(environment, odoo_database, request):
    """Requests that only read get a transaction in which nobody can write."""
    options = ("--dev=replica",)
    with serving(
        environment, odoo_database, request.node, arguments=options
    ) as running:
        yield running


def test_what_is_opened_in_a_transaction_that_only_reads_is_written_down(
    server, admin, shop_id
):
    job = MainJob(admin, shop_id)
    import_id = job.check(make_report(2, datetime.now(timezone.utc)))
    job.start_import(import_id)
    server.work_until(lambda: job.has_imported(import_id), 120, "the import")
    (file_id,) = admin.read("amazon.order.import", import_id, "attachment_ids")[
        "attachment_ids"
    ]
    delivery_id = job.deliveries()[0]
    before = admin.search("amazon.audit.event", [])
    admin.download(f"/web/content/{file_id}")
    for converter in ("html", "text"):
        admin.download(f"/report/{converter}/stock.report_deliveryslip/{delivery_id}")
    table = {
        "title": "Deliveries",
        "model": "stock.picking",
        "measure_count": 1,
        **dict.fromkeys(("col_group_headers", "measure_headers", "rows"), []),
    }
    admin.download(f"/web/pivot/export_xlsx?data={json.dumps(table)}")

    # Nothing was asked twice, or the log, which the frame reads, would say so.
    events = admin.search("amazon.audit.event", [("id", "not in", before)], order="id")
    told = admin.read("amazon.audit.event", events, "event", "res_model", "res_ids")
    assert [(row["event"], row["res_model"], row["res_ids"]) for row in told] == [
        ("exported", "amazon.order.import", [import_id]),
        ("printed", "stock.picking", [delivery_id]),
        ("printed", "stock.picking", [delivery_id]),
        ("exported", "stock.picking", False),
    ]

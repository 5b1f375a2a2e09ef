"""Odoo's process dies in the middle of an erasure: the next run finishes it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

from devtools.waiting import wait_until
from tests.driver.main_job import MainJob
from tests.driver.unshipped_report import make_report

# Two batches of one committed step each.
ORDERS = 500
PATIENCE = 120
# Everything is over since long.
AGED = """
    UPDATE stock_move SET state = 'cancel';
    UPDATE stock_picking SET state = 'cancel';
    UPDATE amazon_order
       SET create_date = create_date - interval '60 days',
           ship_by = ship_by - interval '60 days',
           deliver_by = deliver_by - interval '60 days';
"""
ERASED = "SELECT count(*) FROM amazon_order WHERE erased_at IS NOT NULL"
# What is left of a buyer whose order says that nothing is, or the other way round.
HALF_ERASED = """
    SELECT count(*)
      FROM amazon_order
      JOIN res_partner AS contact ON contact.id = partner_id
     WHERE (erased_at IS NULL) != (address_source IS NOT NULL)
        OR (erased_at IS NULL) != (contact.city IS NOT NULL)
        OR (erased_at IS NULL) != (recipient_email IS NOT NULL)
"""
TOLD = """
    SELECT sum(record_count) FROM amazon_audit_event
     WHERE event = 'erased' AND res_model = 'amazon.order'
"""


def test_erasure_that_was_killed_leaves_no_half_and_is_finished(server, admin, shop_id):
    def ask(statement):
        return server.environment.server.query(statement, server.database)

    def erase():
        admin.press("ir.cron", cron, "method_direct_trigger")

    job = MainJob(admin, shop_id)
    job.start_import(job.check(make_report(ORDERS, datetime.now(timezone.utc))))
    ask(AGED)
    assert ask(HALF_ERASED) == ask(ERASED) == "0"
    cron = admin.ref("amazon_carrier_connector.cron_erase_buyers")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(erase)
        wait_until(lambda: ask(ERASED) != "0", PATIENCE, "the first batch")
        server.kill()
    assert 0 < int(ask(ERASED)) < ORDERS
    assert ask(HALF_ERASED) == "0"
    assert ask(TOLD) == ask(ERASED)

    server.start()
    erase()
    assert ask(ERASED) == ask(TOLD) == str(ORDERS)
    assert ask(HALF_ERASED) == "0"
    files = "SELECT count(*) FROM ir_attachment WHERE res_model = 'amazon.order.import'"
    assert ask(files) == "0"

"""The orders of a shop through the Unshipped Orders report.

One document holds them all, where searchOrders gives 2,000 at once and then a hundred
in three minutes. Each run takes one step of the report and commits it: whoever dies,
the next run goes on with Amazon's number of the report.
"""

import time
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon.errors import MissingRole, NotFound, Rejected
from ..amazon.pace import Bucket
from ..amazon.report_requests import CREATE_REPORT, GET_REPORT_DOCUMENT
from ..amazon.unshipped_report import ReportRefused, read_unshipped_report

# Half of what Amazon grants at once: calls that reach it unevenly meet no 429.
BURST = 7
POLL_PAUSE = timedelta(minutes=1)
# Amazon makes a report within minutes, and forgets one now and then.
PATIENCE = timedelta(hours=2)
# A report may lack what changed in the half hour before it was asked for.
LAG = timedelta(hours=1)
# Where the report only helps out, one that was of no use is not asked for again soon.
REST = timedelta(hours=24)
_FORGOTTEN = {"report_ref": False, "report_asked_at": False}


class AmazonShopFeed(models.Model):
    _inherit = "amazon.shop.feed"

    report_ref = fields.Char(help="Amazon's number of the report that is being made.")
    report_asked_at = fields.Datetime()
    report_failed_at = fields.Datetime(help="When a report was of no use last.")
    report_full_at = fields.Float(
        help="When createReport's token bucket is full, in seconds since 1970."
    )
    document_full_at = fields.Float(help="The same of getReportDocument.")

    # === WHEN IT IS ASKED FOR === #

    def _choose_source(self):
        """How a run begins to read: as the shop wants, but the first time all at once.

        :return: a value of the field ``source``
        """
        self.ensure_one()
        is_first = not self.watermark and not self._was_report_useless()
        return "report" if is_first else self.shop_id.import_source

    def _leave_to_report(self):
        """Have the report read a backlog that searchOrders would give too slowly.

        :return: False when it was of no use lately: the search goes on
        """
        if self._was_report_useless():
            return False
        self.source = "report"
        return True

    def _was_report_useless(self):
        failed_at = self.report_failed_at
        return bool(failed_at and failed_at > fields.Datetime.now() - REST)

    # === STEP BY STEP === #

    def _run_report(self):
        """Take the next step: ask for the report, look how far it is, or import it.

        :raises AmazonError: the step is due again
        """
        with self.shop_id._get_selling_partner() as gateway:
            try:
                if self.report_ref:
                    self._follow_report(gateway)
                else:
                    self._ask_for_report(gateway)
            except NotFound:
                self._give_report_up(self.env._("Amazon has lost the report."))
            except (MissingRole, Rejected):
                if self.shop_id.import_source == "report":
                    # The step would end in the same way: another report is asked for.
                    self.write(_FORGOTTEN)
                    self.env["ir.cron"]._commit_progress()
                    raise
                self._search_instead()

    def _ask_for_report(self, gateway):
        if self._has_unfinished_import():
            self._wait(POLL_PAUSE)
        elif self._take_token("report_full_at", CREATE_REPORT):
            markets = self.shop_id.market_ids - self.forbidden_market_ids
            asked_at = fields.Datetime.now()
            report_ref = gateway.create_report(markets.mapped("marketplace_ref"))
            self.write({"report_ref": report_ref, "report_asked_at": asked_at})
            self._wait(POLL_PAUSE)

    def _has_unfinished_import(self):
        """Each document is imported before the next one is asked for."""
        return self.env["amazon.order.import"].search_count(
            [
                ("shop_id", "=", self.shop_id.id),
                ("source", "=", "api"),
                ("state", "in", ("queued", "running")),
            ],
            limit=1,
        )

    def _follow_report(self, gateway):
        self.env["ir.cron"]._commit_progress()
        report = gateway.read_report(self.report_ref)
        if report.is_waiting:
            if self.report_asked_at > fields.Datetime.now() - PATIENCE:
                self._wait(POLL_PAUSE)
            else:
                self._give_report_up(
                    self.env._("Amazon did not make the report within two hours.")
                )
        elif report.state == "DONE":
            self._fetch_report(gateway, report.document_ref)
        elif report.state == "FATAL":
            self._give_report_up(self.env._("Amazon could not make the report."))
        else:
            self._end_cancelled_report()

    def _fetch_report(self, gateway, document_ref):
        if not self._take_token("document_full_at", GET_REPORT_DOCUMENT):
            return
        data = gateway.download_report(document_ref)
        if _is_without_orders(data):
            self._end_report()
            return
        try:
            with self.env.cr.savepoint():
                order_import = self._create_report_import(data)
        except UserError as refusal:
            self._give_report_up(str(refusal))
            return
        self._end_report(order_import)
        order_import.action_import()

    def _create_report_import(self, data):
        """An import as a person makes it of a file, already checked.

        :raises UserError: when it is no report that can be imported
        """
        shop = self.shop_id
        document = self.env["ir.attachment"].create(
            {"name": f"unshipped-orders-{self.report_ref}.txt", "raw": data}
        )
        order_import = self.env["amazon.order.import"].create(
            {
                "shop_id": shop.id,
                "market_id": (shop.market_id or shop.market_ids[:1]).id,
                "source": "api",
                "attachment_ids": [Command.set(document.ids)],
            }
        )
        document.write({"res_model": order_import._name, "res_id": order_import.id})
        order_import._check()
        return order_import

    # === HOW IT ENDS === #

    def _end_report(self, order_import=None):
        """The run has read all that was to ship when the report was asked for."""
        self.write(
            {
                "watermark": max(
                    self.watermark or self.report_asked_at - LAG,
                    self.report_asked_at - LAG,
                ),
                "search_since": False,
                "search_until": False,
                "pagination_token": False,
                "report_failed_at": False,
                **self._prepare_end(order_import),
            }
        )

    def _prepare_end(self, order_import=None):
        return {
            **_FORGOTTEN,
            "state": "idle",
            "source": False,
            "import_id": False,
            "last_import_at": fields.Datetime.now(),
            "last_new_count": order_import.new_count if order_import else 0,
            "paused_until": False,
            "failure_count": 0,
            "error": False,
            "error_kind": False,
        }

    def _end_cancelled_report(self):
        """Amazon cancels a report that has no row, and some that are asked for often.

        So it says nothing for certain: a search looks, or else the next report.
        """
        if self.shop_id.import_source == "report":
            self.write(self._prepare_end())
        else:
            self._search_instead()

    def _give_report_up(self, reason):
        """The report is of no use: a search takes over, unless the shop wants none."""
        if self.shop_id.import_source != "report":
            self._search_instead()
            return
        self.write(
            {
                **_FORGOTTEN,
                "state": "idle",
                "source": False,
                "report_failed_at": fields.Datetime.now(),
                "failure_count": self.failure_count + 1,
                "error": reason,
                "error_kind": "other",
            }
        )

    def _search_instead(self):
        self.write(
            {
                **_FORGOTTEN,
                "source": "api",
                "report_failed_at": fields.Datetime.now(),
                "paused_until": False,
            }
        )

    # === PACE === #

    def _take_token(self, field, operation):
        """Take a token and commit that before it is used: who dies has used it.

        :param operation: ``amazon.answers.Operation``
        :return: False when there is none before a while, which the feed then waits
        """
        now = time.time()
        bucket = (
            Bucket(operation.rate, BURST, self[field])
            if self[field]
            else Bucket.without_burst(operation.rate, BURST, now)
        )
        pause, bucket = bucket.take(now)
        if pause:
            self._wait(timedelta(seconds=pause))
            return False
        self[field] = bucket.full_at
        self.env["ir.cron"]._commit_progress()
        return True

    def _wait(self, delay):
        self.paused_until = fields.Datetime.now() + delay


def _is_without_orders(data):
    """A report that is made although nothing is to ship."""
    try:
        read_unshipped_report(data)
    except ReportRefused as refusal:
        return refusal.code in ("empty", "header_only")
    return False

"""The orders of a shop through the Unshipped Orders report.

One document holds them all, where searchOrders gives 2,000 at once and then a hundred
in three minutes. Each run takes one step of the report and commits it: whoever dies,
the next run goes on with Amazon's number of the report.
"""

from datetime import timedelta

from odoo import fields, models
from odoo.fields import Command

from ..amazon.errors import MissingRole, NotFound, Rejected, Throttled
from ..amazon.report_requests import REACH as REPORT_REACH
from ..amazon.unshipped_report import ReportRefused, read_unshipped_report
from .amazon_shop_feed import NO_ERROR, Pace
from .amazon_shop_feed_search import IDLE, NO_SEARCH
from .report_messages import describe_refusal

# Amazon grants 0.0167 and 15 of each (reference, 1.2).
REPORT_PACE = Pace(0.015, 7)
DOCUMENT_PACE = Pace(0.015, 7)
POLL_PAUSE = 60
# Amazon makes a report within minutes, and forgets one now and then.
PATIENCE = timedelta(hours=2)
# A report may lack what changed in the half hour before it was asked for.
LAG = timedelta(hours=1)
# Older orders are in no report, open or not.
REACH = REPORT_REACH - timedelta(days=1)
# Where the report only helps out, one that was of no use is not asked for again soon.
REST = timedelta(hours=24)
# Amazon has made a report, although nothing is to ship.
_WITHOUT_ORDERS = ("empty", "header_only")
_NO_REPORT = {"report_ref": False, "report_asked_at": False}


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
                # The same step would end in the same way.
                if self.shop_id.import_source == "report":
                    self._save(_NO_REPORT)
                    raise
                self._search_instead()

    def _ask_for_report(self, gateway):
        markets = self._get_search_markets()
        if self._has_unfinished_import():
            self._wait_for_token(POLL_PAUSE)
        elif not self._waits_for("report_full_at", REPORT_PACE):
            asked_at = fields.Datetime.now()
            try:
                report_ref = gateway.create_report(markets.mapped("marketplace_ref"))
            except Throttled as error:
                self._empty_bucket("report_full_at", REPORT_PACE, error.retry_after)
                raise
            self._save({"report_ref": report_ref, "report_asked_at": asked_at})
            self._wait_for_token(POLL_PAUSE)

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

    def _waits_for(self, field, pace):
        """Take a token, else wait until there is one."""
        wait = self._claim_call(field, pace)
        if wait:
            self._wait_for_token(wait)
        return bool(wait)

    def _follow_report(self, gateway):
        self.env["ir.cron"]._commit_progress()
        report = gateway.read_report(self.report_ref)
        if report.is_waiting:
            if self.report_asked_at > fields.Datetime.now() - PATIENCE:
                self._wait_for_token(POLL_PAUSE)
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
        if self._waits_for("document_full_at", DOCUMENT_PACE):
            return
        try:
            data = gateway.download_report(document_ref)
        except Throttled as error:
            self._empty_bucket("document_full_at", DOCUMENT_PACE, error.retry_after)
            raise
        try:
            report = read_unshipped_report(data, marketplace=self._get_market().code)
        except ReportRefused as refusal:
            if refusal.code in _WITHOUT_ORDERS:
                self._lock_anew()
                self._end_report(set())
            else:
                self._give_report_up(
                    describe_refusal(self.env, refusal, self._get_document_name())
                )
            return
        self._import_report(data, report)

    # === IMPORTING === #

    def _import_report(self, data, report):
        """Import the document, unless all that it says is known.

        :param bytes data: the document
        :param report: ``amazon.unshipped_report.UnshippedReport``, what it says
        """
        imports = self.env["amazon.order.import"]
        # The import and the end of the run are one: another report would be imported.
        self._lock_anew()
        draft = imports.new(imports._prepare_api_import(self.shop_id))
        problems = draft._prepare_problems({self._get_document_name(): report}, {})
        self._settle_left_out(_get_listed(report))
        if not imports._has_news(self.shop_id, report.orders, problems):
            draft._learn_what_is_shipped([report])
            self._end_report(_get_listed(report))
            return
        order_import = self._create_report_import(data)
        self._end_report(_get_listed(report), order_import)
        order_import.action_import()

    def _create_report_import(self, data):
        """An import as of a file that a person has uploaded and checked."""
        imports = self.env["amazon.order.import"]
        document = self.env["ir.attachment"].create(
            {"name": self._get_document_name(), "raw": data}
        )
        order_import = imports.create(
            {
                **imports._prepare_api_import(self.shop_id),
                "state": "checked",
                "attachment_ids": [Command.set(document.ids)],
            }
        )
        document.write({"res_model": order_import._name, "res_id": order_import.id})
        order_import._check()
        return order_import

    def _get_market(self):
        """Where orders were placed of which the report does not say it."""
        return self.shop_id.market_id or self.shop_id.market_ids[:1]

    def _get_document_name(self):
        return f"unshipped-orders-{self.report_ref}.txt"

    def _settle_left_out(self, listed):
        """What was left out, and is not in the report, is not to be shipped any more.

        :param set listed: the order ids of the report
        """
        problems = self.env["amazon.order.import.problem"]._find_left_out(self.shop_id)
        problems.filtered(
            lambda problem: problem.order_ref not in listed
            and problem.create_date < self.report_asked_at - LAG
        ).is_left_out = False

    # === HOW IT ENDS === #

    def _find_open_orders(self):
        """Orders that a report should list, had they not been closed at Amazon."""
        orders = self.env["amazon.order"]
        # From the deliveries: those of a year are too many to ask each for its state.
        deliveries = self.env["stock.picking"].search(
            [
                ("amazon_shop_id", "=", self.shop_id.id),
                ("state", "not in", ("done", "cancel")),
            ]
        )
        domain = [
            ("shop_id", "=", self.shop_id.id),
            ("market_id", "in", self._get_search_markets().ids),
            ("closed_status", "=", False),
            ("purchase_date", "<", self.report_asked_at - LAG),
            ("purchase_date", ">", self.report_asked_at - REACH),
        ]
        held = orders.search([*domain, ("item_ids.product_id", "=", False)])
        found = deliveries.amazon_order_ids.filtered_domain(domain) | held
        return found.filtered(
            lambda order: order.state in ("held", "to_ship", "labelled")
            and (not order.confirmation_ids or order._has_rest())
        ).sorted(lambda order: (order.purchase_date, order.id))

    def _end_report(self, listed, order_import=None):
        """The run has read all that was to ship when the report was asked for.

        :param set listed: the order ids of the report
        """
        read_until = self.report_asked_at - LAG
        if self._has_new_markets() and self.shop_id.import_source == "api":
            # It was for them: the search of the others goes on where it was.
            read_until = self.watermark
        self.write(
            {
                **NO_SEARCH,
                "watermark": max(self.watermark or read_until, read_until),
                "read_market_ids": [Command.set(self._get_search_markets().ids)],
                "report_failed_at": False,
                **self._prepare_unlisted_rereads(listed),
                **self._prepare_end(order_import),
            }
        )

    def _prepare_end(self, order_import=None):
        return {
            **IDLE,
            **_NO_REPORT,
            **NO_ERROR,
            "last_import_at": fields.Datetime.now(),
            "last_new_count": order_import.new_count if order_import else 0,
            "paused_until": False,
            "failure_count": 0,
        }

    def _end_cancelled_report(self):
        """Amazon cancels a report that has no row, and some that are asked for often.

        So it says nothing for certain: a search looks, or else the next report.
        """
        if self.shop_id.import_source == "report":
            self._save({**self._prepare_unlisted_rereads(set()), **self._prepare_end()})
        else:
            self._search_instead()

    def _give_report_up(self, reason):
        """The report is of no use: another is asked for later, or a search is made."""
        if self.shop_id.import_source != "report":
            self._search_instead()
            return
        self._save(_NO_REPORT)
        self._pause_failed("other", reason, 0.0)

    def _search_instead(self):
        self._save(
            {
                **_NO_REPORT,
                "source": "api",
                "report_failed_at": fields.Datetime.now(),
                "paused_until": False,
            }
        )
        self._reach_back()


def _get_listed(report):
    """The order ids that a report knows, in whatever state."""
    listed = {order.order_ref for order in report.orders}
    listed |= {problem.order_ref for problem in report.problems}
    # Those it lists with nothing to ship become problems of the import.
    return listed.union(report.nothing_to_ship)

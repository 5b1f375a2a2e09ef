"""The orders of a shop through searchOrders: what changed since the last time.

Each page is imported before the next is asked for, and what the next one begins with
is kept after that: whoever dies reads a page again, and nothing is doubled by it.
"""

import random
import time
from datetime import timedelta, timezone

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon.errors import MissingRole, Rejected, Throttled, Unauthorized
from ..amazon.order_documents import OPEN
from ..amazon.pace import Bucket
from .amazon_shop_feed import NO_ERROR, SEARCH_PACE
from .order_changes import naive_utc
from .report_messages import describe_problem

# What is shipped or cancelled matters once its order is here.
ALL = (*OPEN, "SHIPPED", "CANCELLED")
# Amazon shows a change about two minutes later, and not all of them in their order.
OVERLAP = timedelta(minutes=10)
# Nobody ships later than that; searchOrders reaches back two years.
FIRST_REACH = timedelta(days=365)
# So far back the orders of a market are read that is switched on, or allowed, later.
MARKET_REACH = timedelta(days=30)
# What is more is read faster as a report: the burst gives no more than that.
BACKLOG = 2000
_REFUSALS = (MissingRole, Unauthorized)
IDLE = {"state": "idle", "source": False, "import_id": False}
NO_SEARCH = {
    "search_since": False,
    "search_until": False,
    "pagination_token": False,
    "listed_count": 0,
}


class AmazonShopFeed(models.Model):
    _inherit = "amazon.shop.feed"

    def _run_search(self):
        """Read what changed, page by page, until all is read or the shop must wait.

        :raises AmazonError: the search goes on where it is
        """
        with self.shop_id._get_selling_partner() as gateway:
            while page := self._read_page(gateway):
                if not self._import_page(page):
                    return
                if not page.next_token:
                    self._end_search()
                    return
                if self.listed_count >= BACKLOG and self._leave_to_report():
                    self._save(NO_SEARCH)
                    return
                if not self.env["ir.cron"]._commit_progress(1):
                    return

    # === READING === #

    def _read_page(self, gateway):
        """
        :return: ``OrderPage``; None when there is none before a later turn
        """
        markets = self._get_search_markets()
        if not self._begin_call():
            return None
        statuses = ALL if self.watermark else OPEN
        try:
            return gateway.search_orders(
                markets.mapped("marketplace_ref"),
                self.search_since.replace(tzinfo=timezone.utc),
                statuses=statuses,
                token=self.pagination_token or "",
            )
        except Throttled as error:
            self._empty_bucket("search_full_at", SEARCH_PACE, error.retry_after)
            raise
        except Rejected:
            if not self.pagination_token:
                raise
            # It is older than a day, or of other markets: the search begins again.
            self._save({"pagination_token": False, "listed_count": 0})
        except _REFUSALS as error:
            if not _is_about_market(error):
                raise
            self._find_forbidden_markets(gateway, markets, error)
        return None

    def _get_search_markets(self):
        """
        :raises UserError: when none is left to ask for
        """
        markets = self.shop_id.market_ids - self.forbidden_market_ids
        if not markets:
            raise UserError(
                self.env._(
                    "Shop %s has no market to read orders from: choose its markets.",
                    self.shop_id.name,
                )
            )
        return markets

    def _reach_back(self):
        """Have the orders of markets read that were not asked about so far.

        A report holds all of them that are open; a search looks back some time only.
        """
        markets = self._get_search_markets()
        if markets == self.read_market_ids:
            return
        values = {"read_market_ids": [Command.set(markets.ids)]}
        if self._has_new_markets():
            if not self._was_report_useless():
                self._save({"source": "report"})
                return
            earliest = fields.Datetime.now() - MARKET_REACH
            values["watermark"] = min(self.watermark, earliest)
        self._save(values)

    def _has_new_markets(self):
        """Whether the watermark does not speak of some of them."""
        return bool(
            self.watermark and self._get_search_markets() - self.read_market_ids
        )

    def _begin_call(self):
        """Take a token, and begin a search unless one is under way.

        :return: False when there is no token: the shop waits
        """
        wait = self._claim_call("search_full_at", SEARCH_PACE)
        if wait:
            self._wait_for_token(wait)
            return False
        if not self.search_since:
            now = fields.Datetime.now()
            since = self.watermark or now - FIRST_REACH
            self._save(dict(NO_SEARCH, search_since=since - OVERLAP))
        return True

    def _wait_for_token(self, seconds):
        moment = fields.Datetime.now() + timedelta(seconds=seconds)
        self._save({"paused_until": moment})

    # === MARKETS THAT SAY NO === #

    def _find_forbidden_markets(self, gateway, markets, error):
        """One market that says no spoils the call for all: ask each by itself.

        :raises AmazonError: when all of them say no
        """
        if len(markets) == 1:
            raise error
        least = min(len(markets), int(SEARCH_PACE.burst) - 1)
        wait = self._get_search_wait(least)
        if wait:
            # One more, for the call that leads here.
            self._wait_for_token(self._get_search_wait(least + 1))
            return
        # More than Amazon allows at once have their turns as it falls.
        asked = markets.browse(random.sample(markets.ids, least))  # nosec B311 # a turn
        refused = asked.filtered(lambda market: self._is_refused(gateway, market))
        if refused == markets:
            raise error
        self._save(
            {
                "pagination_token": False,
                "forbidden_market_ids": [Command.link(m.id) for m in refused],
                "read_market_ids": [Command.unlink(m.id) for m in refused],
            }
        )

    def _get_search_wait(self, count):
        return Bucket(*SEARCH_PACE, self.search_full_at).wait_for(time.time(), count)

    def _is_refused(self, gateway, market):
        wait = self._claim_call("search_full_at", SEARCH_PACE)
        if wait:
            raise Throttled(wait)
        try:
            gateway.search_orders(
                [market.marketplace_ref], self.search_since.replace(tzinfo=timezone.utc)
            )
        except _REFUSALS as error:
            if not _is_about_market(error):
                raise
            return True
        return False

    # === IMPORTING === #

    def _import_page(self, page):
        """Import what a page says, and keep that it is done.

        :return: False when the shop is locked: the page is read again
        """
        if not self._take_page(page, "import_id"):
            return False
        until = naive_utc(page.until) or fields.Datetime.now() - OVERLAP
        self._save(
            {
                "pagination_token": page.next_token,
                "search_until": self.search_until or until,
                "listed_count": self.listed_count + len(page.orders),
                "failure_count": 0,
                # What is withheld is known at the end only.
                **({} if self.error_kind == "role_missing" else NO_ERROR),
            }
        )
        return True

    def _take_page(self, page, field):
        """Import what a page says, committed.

        :param field: the import that it belongs to, made when there is something new
        :return: False when the shop is locked: the page is taken again
        """
        problems = [
            {
                "order_ref": problem.order_ref,
                "reason": describe_problem(self.env, problem),
                "is_left_out": not problem.order_kept,
            }
            for problem in page.problems
        ]
        problems = self.env["amazon.order.import"]._find_untold(self.shop_id, problems)
        self._let_left_out_go(page.closed)
        orders = self.env["amazon.order"]
        problems += orders._close_all(self.company_id, page.closed)
        order_import = self._get_import(page, problems, field)
        return not order_import or order_import._take_page(page.orders, problems)

    def _let_left_out_go(self, closed):
        """What was left out, and is not to be shipped any more, is nobody's task."""
        problems = self.env["amazon.order.import.problem"]
        if closed:
            problems = problems._find_left_out(self.shop_id)
        problems.filtered(
            lambda problem: problem.order_ref in closed
        ).is_left_out = False

    def _get_import(self, page, problems, field):
        """There is none as long as nothing is to be told."""
        imports = self.env["amazon.order.import"]
        if not self[field] and imports._has_news(self.shop_id, page.orders, problems):
            self._lock_anew()
            self[field] = imports._create_from_api(self.shop_id)
            self.env["ir.cron"]._commit_progress()
        return self[field]

    # === THE END === #

    def _end_search(self):
        """All that changed was read: what changes from then on is the next search's."""
        order_import = self.import_id
        if order_import:
            order_import._message_log(body=order_import._describe_result())
        self._save(
            {
                **IDLE,
                **NO_SEARCH,
                "watermark": self.search_until,
                "paused_until": False,
                "last_import_at": fields.Datetime.now(),
                "last_new_count": order_import.created_count,
                "failure_count": 0,
                **self._prepare_withheld_error(),
                **self._prepare_withheld_rereads(),
            }
        )


def _is_about_market(error):
    """Whether a refusal may be one of a market: a 403, and not for a bad token."""
    return error.status == 403 and getattr(error, "reason", "forbidden") == "forbidden"

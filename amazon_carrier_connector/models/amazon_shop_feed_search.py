"""The orders of a shop through searchOrders: what changed since the last time.

Each page is imported before the next is asked for, and what the next one begins with
is kept after that: whoever dies reads a page again, and nothing is doubled by it.
"""

import time
from dataclasses import replace
from datetime import timedelta, timezone

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..amazon.errors import MissingRole, NotFound, Rejected, Throttled, Unauthorized
from ..amazon.order_documents import OPEN
from ..amazon.pace import Bucket
from .amazon_order_address import WITHHELD
from .amazon_shop_feed import ORDER_PACE, SEARCH_PACE
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
# Orders whose address was withheld are asked for again, so many in a run.
MOST_REREAD = 50
IDLE = {"state": "idle", "source": False, "import_id": False}
NO_ERROR = {"error": False, "error_kind": False}
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
                    self._reread_withheld(gateway)
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
        except (MissingRole, Unauthorized) as error:
            if getattr(error, "reason", "forbidden") != "forbidden":
                raise
            self._find_forbidden_markets(gateway, markets, error)
        return None

    def _get_search_markets(self):
        """
        :raises UserError: when none is left to ask for
        """
        shop = self.shop_id
        markets = (shop.market_ids | shop.market_id) - self.forbidden_market_ids
        if not markets:
            raise UserError(
                self.env._(
                    "Shop %s has no market to read orders from: choose its markets.",
                    shop.name,
                )
            )
        return markets

    def _reach_back(self):
        """Have the orders of markets read that were not asked about so far."""
        markets = self._get_search_markets()
        if markets == self.read_market_ids:
            return
        values = {"read_market_ids": [Command.set(markets.ids)]}
        if self.watermark and markets - self.read_market_ids:
            earliest = fields.Datetime.now() - MARKET_REACH
            values["watermark"] = min(self.watermark, earliest)
        self._save(values)

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
        least = min(len(markets), SEARCH_PACE.burst - 1)
        wait = self._get_search_wait(least)
        if wait:
            # One more, for the call that leads here.
            self._wait_for_token(self._get_search_wait(least + 1))
            return
        refused = markets.filtered(lambda market: self._is_refused(gateway, market))
        if refused == markets:
            raise error
        self._save(
            {
                "pagination_token": False,
                "forbidden_market_ids": [Command.link(m.id) for m in refused],
                "read_market_ids": [Command.unlink(m.id) for m in refused],
            }
        )
        self._tell_of_forbidden_markets(refused)

    def _get_search_wait(self, count):
        return Bucket(*SEARCH_PACE, self.search_full_at).wait_for(time.time(), count)

    def _is_refused(self, gateway, market):
        self._claim_call("search_full_at", SEARCH_PACE)
        try:
            gateway.search_orders(
                [market.marketplace_ref], self.search_since.replace(tzinfo=timezone.utc)
            )
        except (MissingRole, Unauthorized):
            return True
        return False

    def _tell_of_forbidden_markets(self, markets):
        """Once: they are left out from now on, until a person starts an import."""
        if not markets:
            return
        shop = self.shop_id
        summary = self.env._("Amazon refuses the orders of a market")
        if shop.activity_ids.filtered(lambda one: one.summary == summary):
            return
        shop.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            note=self.env._(
                "Amazon does not show the orders of %s: the seller is not active there,"
                " or may not sell there at the moment. The other markets are imported."
                " Take it off the shop, or start an import when it works again.",
                ", ".join(markets.mapped("name")),
            ),
            user_id=shop._get_responsible().id,
        )
        self.env["ir.cron"]._commit_progress()

    # === IMPORTING === #

    def _import_page(self, page):
        """Import what a page says, and keep that it is done.

        :return: False when the shop is locked: the page is read again
        """
        problems = [
            {
                "order_ref": problem.order_ref,
                "reason": describe_problem(self.env, problem),
            }
            for problem in page.problems
        ]
        orders = self.env["amazon.order"]
        problems += orders._close_all(self.company_id, page.closed)
        order_import = self._get_import(page, problems)
        if order_import and not order_import._take_page(page.orders, problems):
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

    def _get_import(self, page, problems):
        """The import of this run; there is none as long as nothing is to be told."""
        imports = self.env["amazon.order.import"]
        if not self.import_id and imports._has_news(
            self.shop_id, page.orders, problems
        ):
            self._lock_anew()
            self.import_id = imports._create_from_api(self.shop_id)
            self.env["ir.cron"]._commit_progress()
        return self.import_id

    # === WITHHELD ADDRESSES === #

    def _reread_withheld(self, gateway):
        """Ask again for orders that came without an address, until one does so again:

        they change at Amazon only when somebody changes them, and a role that the app
        got meanwhile is no such change.
        """
        orders = self.env["amazon.order"].search(
            [("shop_id", "=", self.shop_id.id), *WITHHELD], limit=MOST_REREAD
        )
        for order in orders:
            if self._claim_call("order_full_at", ORDER_PACE):
                return
            try:
                page = gateway.read_order(order.name)
            except NotFound:
                continue
            if any(found.recipient.is_missing for found in page.orders):
                return
            if not self._import_page(replace(page, next_token="")):
                return

    # === THE END === #

    def _end_search(self):
        """All that changed was read: what changes from then on is the next search's."""
        order_import = self.import_id
        if order_import:
            order_import._message_log(body=order_import._describe_result())
        withheld = self.env["amazon.order"].search_count(
            [("shop_id", "=", self.shop_id.id), *WITHHELD]
        )
        self._save(
            {
                **IDLE,
                **NO_SEARCH,
                "watermark": self.search_until,
                "paused_until": False,
                "last_import_at": fields.Datetime.now(),
                "last_new_count": order_import.created_count,
                "failure_count": 0,
                **(self._prepare_withheld(withheld) if withheld else NO_ERROR),
            }
        )

    def _prepare_withheld(self, count):
        reason = self.env._(
            "Amazon gives no address with orders (%s of them wait for it): the app"
            " lacks the role Direct-to-Consumer Delivery (Restricted). Add it in Seller"
            " Central and authorise the app again.",
            count,
        )
        return {"error": reason, "error_kind": "role_missing"}

"""A day at Amazon, minute by minute: orders come and go, and so does Amazon.

All is drawn from one seed. Odoo's scheduled actions run in each minute; sometimes their
process dies at a commit or at a request.
"""

from collections import Counter
from contextlib import ExitStack
from random import Random
from types import SimpleNamespace
from unittest.mock import patch

from odoo.fields import Command

from ..amazon import login, transport
from ..models import amazon_shop_feed, amazon_shop_feed_search
from .amazon_orders import make_orders
from .push_world import Crash, moving_clock

DAY = 24 * 60
# After an outage, a shop waits for an hour, and then for its interval.
REST = 3 * 60
HTTP = transport.StrictTransport.exchange
OPERATIONS = (
    "searchOrders",
    "searchOrders",
    "createReport",
    "getReport",
    "createRestrictedDataToken",
    "getReportDocument",
    "downloadDocument",
)
FAULTS = (
    ("unavailable", {}),
    ("unavailable", {"status": 500, "moment": "after"}),
    ("throttled", {}),
    ("throttled", {"retry_after": 600}),
    ("throttled", {"body": False}),
    ("cut", {}),
    ("cut", {"moment": "after"}),
    ("truncated", {"moment": "after"}),
    ("content", {"body": "<html>ok</html>"}),
    ("content", {"body": ""}),
)


class FeedDay:
    """Plays the day on a case with stand-ins of published rates.

    :param case: with ``amazon``, ``standins``, ``env`` and ``committing()``
    :param shops: the shops, each with a seller of its own
    """

    def __init__(self, case, seed, shops):
        self.case, self.shops = case, shops
        self.amazon, self.clock = case.amazon, case.standins.clock
        self.random = Random(seed)
        self.seed = seed
        self.played = Counter()
        self.serial = 0
        self.pending, self.doomed = {}, {}
        self.elsewhere, self.partly = {}, {}
        self.outages = self._draw_windows(3, 20, 90)
        self.bad_reports = self._draw_windows(2, 30, 60)
        self.off, self.refusal = self._draw_window(), self._draw_window()
        # Both are of the Orders API, which refuses markets.
        self.switched = (shops[0], self._choose_market(shops[0]))
        self.refusing = (shops[2], self._choose_market(shops[2]))
        self.crash_in = None

    def _draw_window(self):
        """First and last minute of something that lasts for hours."""
        start = self.random.randrange(120, DAY // 2)
        return start, start + self.random.randint(60, 300)

    def _choose_market(self, shop):
        return self.random.choice(shop.market_ids.sorted())

    def _draw_windows(self, count, least, most):
        """Minutes in which something lasts."""
        minutes = set()
        for __ in range(count):
            start = self.random.randrange(60, DAY - most)
            minutes |= set(range(start, start + self.random.randint(least, most)))
        return minutes

    # === THE MINUTES === #

    def play(self):
        """The day, and as much of the next as is needed to come to rest."""
        with ExitStack() as stack:
            self._enter(stack)
            env = stack.enter_context(self.case.committing())
            self._sell(self.shops[0], 20)
            for minute in range(DAY):
                self._happen(minute)
                self._change_markets(env, minute)
                self._run(env)
                self.clock.advance(60)
            self.crash_in = None
            self.amazon.faults.clear()
            self.amazon.report_outcome = ""
            for __ in range(REST):
                self._run(env)
                self.clock.advance(60)

    def _enter(self, stack):
        """One clock for all, and a process that can die."""
        stack.enter_context(moving_clock(self.clock))
        clock = SimpleNamespace(
            time=self.clock.seconds,
            monotonic=self.clock.seconds,
            sleep=self.clock.advance,
        )
        for module in (login, amazon_shop_feed, amazon_shop_feed_search):
            stack.enter_context(patch.object(module, "time", clock))
        crons = self.case.registry["ir.cron"]
        commit = crons._commit_progress

        def commit_or_die(cron, *args, **kwargs):
            self._pass_by()
            result = commit(cron, *args, **kwargs)
            self._pass_by()
            return result

        def ask_or_die(*args, **kwargs):
            self._pass_by()
            answer = HTTP(*args, **kwargs)
            self._pass_by()
            return answer

        stack.enter_context(patch.object(crons, "_commit_progress", commit_or_die))
        stack.enter_context(
            patch.object(transport.StrictTransport, "exchange", ask_or_die)
        )

    def _pass_by(self):
        """A place where a process may die."""
        if self.crash_in is None:
            return
        self.crash_in -= 1
        if self.crash_in < 0:
            self.crash_in = None
            raise Crash()

    def _run(self, env):
        """The scheduled actions, each in a process that may die."""
        for model, method in (
            ("amazon.shop.feed", "_run_all"),
            ("amazon.order.import", "_cron_import_orders"),
        ):
            try:
                getattr(env[model], method)()
                env.cr.commit()
            except Crash:
                self.played["crashes"] += 1
                env.cr.rollback()
                env.invalidate_all()

    # === WHAT HAPPENS === #

    def _happen(self, minute):
        if self.random.random() < 0.08:
            self._sell(self.random.choice(self.shops), self.random.randint(1, 3))
        if minute == DAY // 2:
            # A sale: more than one page, and more than a search is left with.
            self._sell(self.shops[0], 120)
        self._change_orders()
        self._trouble(minute)

    def _sell(self, shop, count):
        orders = make_orders(
            count, f"{self.seed} {self.serial}", self.clock.now(), self.serial + 1
        )
        self.serial += count
        for order in orders:
            order.selling_partner_id = shop.selling_partner_id
            order.marketplace_ref = self.random.choice(
                shop.market_ids.mapped("marketplace_ref")
            )
            self.amazon.orders.add(order)
            order.updated = self.clock.now()
            self._draw_fate(order)

    def _draw_fate(self, order):
        now, draw = self.clock.now(), self.random.random()
        delay = 60 * self.random.randint(2, 240)
        if draw < 0.2:
            order.status = "PENDING"
            self.pending[order.order_id] = now.timestamp() + delay
        else:
            for least, fates in (
                (0.3, self.doomed),
                (0.37, self.elsewhere),
                (0.42, self.partly),
            ):
                if draw < least:
                    fates[order.order_id] = now.timestamp() + delay
                    return

    def _change_orders(self):
        now = self.clock.seconds()
        for fates, change in (
            (self.pending, self._pay),
            (self.doomed, self._cancel),
            (self.elsewhere, self._ship_elsewhere),
            (self.partly, self._ship_partly),
        ):
            for order_id in [ref for ref, moment in fates.items() if moment <= now]:
                order = self.amazon.orders[order_id]
                change(order)
                order.updated = self.clock.now()
                del fates[order_id]

    def _pay(self, order):
        order.status, order.released = "", self.clock.now()
        self.played["paid"] += 1

    def _cancel(self, order):
        order.status = "CANCELLED"
        self.played["cancelled at Amazon"] += 1

    def _ship_elsewhere(self, order):
        for item in order.items:
            item.quantity_shipped = item.quantity
        self.played["shipped elsewhere"] += 1

    def _ship_partly(self, order):
        item = order.items[0]
        if order.remaining(item) > 1:
            item.quantity_shipped += 1
            self.played["shipped in part"] += 1

    def _change_markets(self, env, minute):
        """One is switched off and on again; another says no, until it says yes."""
        shop, market = self.switched
        start, end = self.off
        if minute in (start, end):
            command = Command.unlink if minute == start else Command.link
            shop.with_env(env).market_ids = [command(market.id)]
            env.cr.commit()
            self.played["markets switched"] += 1
        shop, market = self.refusing
        start, end = self.refusal
        seller = self.amazon.sellers.sellers[shop.selling_partner_id]
        if minute == start:
            seller.refused_marketplace_refs = (market.marketplace_ref,)
            self.played["markets refused"] += 1
        elif minute == end:
            seller.refused_marketplace_refs = ()
        elif minute == end + 1:
            # A person has been told, and starts an import when it is mended.
            shop.with_env(env).action_start_import()
            env.cr.commit()

    def _trouble(self, minute):
        if minute in self.outages:
            if minute - 1 not in self.outages:
                self.played["outages"] += 1
                self.amazon.faults.add("*", "unavailable", times=None)
        elif minute - 1 in self.outages:
            self.amazon.faults.clear()
        elif self.random.random() < 0.1:
            kind, details = self.random.choice(FAULTS)
            self.amazon.faults.add(self.random.choice(OPERATIONS), kind, **details)
            self.played["faults"] += 1
        bad = minute in self.bad_reports
        self.amazon.report_outcome = ("FATAL", "CANCELLED")[minute % 2] if bad else ""
        if self.random.random() < 0.05:
            self.crash_in = self.random.randint(0, 30)

    # === WHAT MUST BE TRUE === #

    def find_differences(self):
        """What is wrong in the end, as sentences."""
        orders = self.case.env["amazon.order"].search(
            [("shop_id", "in", [shop.id for shop in self.shops])]
        )
        by_name = orders.grouped("name")
        for name, held in self.amazon.orders.items():
            found = by_name.get(name, orders.browse())
            if len(found) > 1:
                yield f"{name} is here {len(found)} times"
            elif held.fulfillment_status in ("UNSHIPPED", "PARTIALLY_SHIPPED"):
                yield from self._find_missing(held, found)
            elif held.fulfillment_status == "PENDING" and found:
                yield f"{name} is here, and not paid yet"
            elif found and found.state != "cancelled":
                status = held.fulfillment_status
                yield f"{name} is {found.state} here, and {status} at Amazon"
        for name in set(by_name) - set(self.amazon.orders):
            yield f"{name} is nobody's order"

    def _find_missing(self, held, found):
        if not found:
            yield f"{held.order_id} of {held.selling_partner_id} is missing"
            return
        if found.shop_id.selling_partner_id != held.selling_partner_id:
            yield f"{found.name} is in the wrong shop"
        deliveries = found.picking_ids
        if deliveries.mapped("state") != ["draft"]:
            yield f"{found.name} has deliveries {deliveries.mapped('state')}"
        wanted = {i.order_item_id: held.remaining(i) for i in held.items}
        wanted = {item: quantity for item, quantity in wanted.items() if quantity}
        planned = {
            move.amazon_item_id.item_ref: int(move.product_uom_qty)
            for move in deliveries.move_ids
        }
        if planned != wanted:
            yield f"{found.name} ships {planned}, not {wanted}"

    def find_excess(self):
        """Calls that came faster than Amazon's published rates, by seller."""
        from tests.standins.amazon import PUBLISHED_RATES

        buckets = {}
        for call in self.amazon.calls:
            if call.operation not in PUBLISHED_RATES:
                continue
            rate, burst = PUBLISHED_RATES[call.operation]
            token = self.amazon.sellers.tokens[call.headers["X-Amz-Access-Token"]]
            seller = token.seller.selling_partner_id
            tokens, seen = buckets.get((seller, call.operation), (burst, call.at))
            tokens = min(burst, tokens + (call.at - seen) * rate) - 1
            buckets[seller, call.operation] = (tokens, call.at)
            if tokens < 0:
                yield f"{call.operation} of {seller} too often at {call.at:.0f}"

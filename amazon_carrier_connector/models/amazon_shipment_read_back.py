"""What Amazon took is compared with what it shows."""

import logging
from collections import defaultdict
from datetime import timedelta, timezone

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..amazon.errors import AmazonError, Rejected, Throttled, Unclear
from .amazon_messages import describe_amazon_error
from .amazon_shop_feed import (
    LOOK_UP_PACE,
    READ_BACK_ORDER_PACE,
    READ_BACK_SEARCH_PACE,
)

_logger = logging.getLogger(__name__)

# Amazon shows a confirmed parcel some minutes later.
READ_BACK_DELAY = timedelta(minutes=5)
# What Amazon still does not show, or shows differently, after so long is not going to
# appear by itself.
READ_BACK_PATIENCE = timedelta(hours=1)
# What cannot be read for so long is told to a person.
READ_BACK_LIMIT = timedelta(days=1)
# Attempts follow each other after 1, 2 and 4 minutes: at this one Amazon shows what it
# took at the first.
CERTAIN_ATTEMPT = 4
CONFIRMED, DIFFERENT, MISSING = "confirmed", "different", "missing"


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    @api.model
    def _cron_read_back(self):
        """Scheduled action: compare what was pushed with what Amazon shows."""
        due = self.search(
            [
                ("state", "=", "pushed"),
                ("next_attempt_at", "<=", fields.Datetime.now()),
            ]
        )
        for shop, confirmations in due.grouped("shop_id").items():
            try:
                confirmations._read_back(shop)
            except (UserError, AmazonError) as error:
                _logger.info("Shop %s could not be read back: %s", shop.id, error)
                confirmations._put_off(error)
            except OperationalError:
                # Somebody changed one of them meanwhile: the next run reads again.
                self.env.cr.rollback()
            self.env["ir.cron"]._commit_progress()
        self._tell_people()
        self.env["ir.cron"]._commit_progress()

    def _read_back(self, shop):
        """Compare with what Amazon shows; what it does not show yet is asked later.

        :raises AmazonError: when nothing could be read
        """
        pushed = self.filtered(lambda item: item.state == "pushed")
        if not pushed:
            return
        packages = pushed._read_packages(shop)
        # Each call was claimed in a transaction of its own.
        pushed.invalidate_recordset()
        pushed = pushed.filtered(lambda item: item.state == "pushed")
        now = fields.Datetime.now()
        waiting = self.browse()
        for confirmation in pushed:
            held = packages.get(confirmation.order_id.name)
            if held is not None:
                verdict = confirmation._compare(held)
                old = confirmation.pushed_at <= now - READ_BACK_PATIENCE
                if verdict == CONFIRMED or old:
                    confirmation._take_verdict(verdict, held)
                    continue
            waiting |= confirmation
        waiting._read_back_later()

    def _read_packages(self, shop):
        """
        :return: Amazon's parcels by order id; what is not in it could not be read
        """
        # Nobody writes the token buckets by hand.
        feed = shop.feed_ids.sudo()
        since = min(self.mapped("pushed_at")).replace(tzinfo=timezone.utc)
        packages = defaultdict(list)
        with shop._get_selling_partner() as gateway:
            try:
                for package in gateway.read_packages(
                    self.order_id.market_id.mapped("marketplace_ref"),
                    since - READ_BACK_DELAY,
                    feed._claim_search_back,
                ):
                    packages[package.order_ref].append(package)
            except Throttled:
                if not packages:
                    raise
                # Half an answer says nothing of what is not in it.
                unread = self.filtered(lambda row: row.order_id.name not in packages)
                packages.update(unread._read_overdue(gateway, feed))
            else:
                for order in self.order_id:
                    packages.setdefault(order.name, [])
        return packages

    def _read_overdue(self, gateway, feed):
        """Ask for single orders: a shop with so many that Amazon never gives all of
        them at once would wait for ever."""
        latest = fields.Datetime.now() - READ_BACK_PATIENCE
        overdue = self.filtered(lambda row: row.pushed_at <= latest)
        packages = {}
        for order in overdue.sorted("pushed_at").order_id:
            if feed._claim_call("read_back_order_full_at", READ_BACK_ORDER_PACE):
                break
            try:
                packages[order.name] = gateway.read_order_packages(order.name)
            except Throttled:
                break
            except AmazonError as error:
                _logger.info("Order %s not read: %s", order.name, error)
        return packages

    def _put_off(self, error):
        """Nothing could be read; a person is told when that lasts."""
        self._read_back_later()
        latest = fields.Datetime.now() - READ_BACK_LIMIT
        lang = self.shop_id._get_responsible().lang
        reason = describe_amazon_error(self.with_context(lang=lang).env, error)
        self.filtered(lambda row: row.pushed_at <= latest)._record({"error": reason})

    def _read_back_later(self):
        moment = fields.Datetime.now() + 3 * READ_BACK_DELAY
        self._record({"next_attempt_at": moment})

    # === WHAT AMAZON SHOWS === #

    def _compare(self, held):
        """
        :param held: Amazon's parcels of the order
        :return: CONFIRMED, DIFFERENT or MISSING
        """
        self.ensure_one()
        own = self._find_own(held)
        if own:
            return CONFIRMED if self._is_same(own) else DIFFERENT
        # Somebody confirmed it with our number on another way.
        if any(self._has_number(package) for package in held):
            return CONFIRMED
        return MISSING

    def _find_own(self, held):
        return next((one for one in held if one.package_ref == str(self.id)), None)

    def _has_number(self, package):
        shown = package.tracking_number.strip().casefold()
        return shown == self.tracking_number.strip().casefold()

    def _is_same(self, package):
        sent = self.carrier_name or self.carrier_code or ""
        carriers = ("", self.carrier_code.casefold(), sent.casefold())
        quantities = {line.item_id.item_ref: line.quantity for line in self.line_ids}
        return (
            self._has_number(package)
            and package.carrier.casefold() in carriers
            and (package.quantities or quantities) == quantities
        )

    def _take_verdict(self, verdict, held):
        if verdict == CONFIRMED:
            self._record(
                {
                    "state": "confirmed",
                    "pushed_at": self.pushed_at or fields.Datetime.now(),
                    "is_unclear": False,
                    "next_attempt_at": False,
                    "told_at": False,
                    "error": False,
                }
            )
        elif verdict == DIFFERENT:
            self._fail(
                self.env._(
                    "Amazon shows %(shown)s, we sent %(sent)s. Correct it in Seller"
                    " Central, or retry to send ours again.",
                    shown=self._describe_shown([self._find_own(held)]),
                    sent=self._describe_sent(),
                )
            )
        elif self.is_repeated:
            self._fail(
                self.env._(
                    "Amazon accepted it twice and does not show it. Look the order up"
                    " in Seller Central, then retry."
                )
            )
        else:
            self._record(
                {
                    "state": "to_push",
                    "is_repeated": True,
                    "next_attempt_at": False,
                    "told_at": False,
                    "error": False,
                }
            )
            self._trigger_push()

    def _describe_sent(self):
        carrier = self.carrier_name or self.carrier_code
        return self._describe_parcel(
            carrier, self.tracking_number, sum(self.line_ids.mapped("quantity"))
        )

    def _describe_shown(self, held):
        return ", ".join(
            self._describe_parcel(
                package.carrier,
                package.tracking_number,
                sum(package.quantities.values()),
            )
            for package in held
        )

    def _describe_parcel(self, carrier, number, quantity):
        return self.env._(
            "%(carrier)s %(number)s (pieces: %(quantity)s)",
            carrier=carrier or "?",
            number=number or "?",
            quantity=quantity,
        )

    # === WHAT IS NOT KNOWN === #

    def _settle_unclear(self, gateway):
        """Look up what became of an attempt without a clear answer.

        :return: whether nothing needs to be sent any more
        """
        held = self._look_up(gateway)
        if not self._is_living():
            self._settle_dead(held)
            return True
        if self._compare(held) != CONFIRMED:
            return False
        self._take_verdict(CONFIRMED, held)
        return True

    def _look_up(self, gateway):
        """What Amazon has of the order.

        :raises AmazonError: also when it would be asked too often
        """
        # The parcel stays locked: its own transaction goes on.
        with self.env.registry.cursor() as cr:
            self.shop_id.with_env(self.env(cr=cr, context={}))._claim_call(
                "look_up_full_at", LOOK_UP_PACE
            )
        return gateway.read_order_packages(self.order_id.name)

    def _settle_dead(self, held):
        if self._find_own(held):
            self._withdraw_told()
        elif self.attempt_count < CERTAIN_ATTEMPT:
            self._postpone(Unclear("not shown"))
        else:
            self._leave_out(self._describe_death())

    def _take_refusal(self, gateway, error):
        """Amazon says no; an order that it has as shipped already may be by this."""
        held = ()
        already_shipped = (
            isinstance(error, Rejected) and error.cause == "already_shipped"
        )
        if already_shipped:
            try:
                held = self._look_up(gateway)
            except Throttled as unread:
                # What Amazon has is not known, so nothing is said of it.
                self._postpone(unread)
                return
            except AmazonError as unread:
                _logger.info("Order %s not read: %s", self.order_id.name, unread)
            if self._compare(held) == CONFIRMED:
                self._take_verdict(CONFIRMED, held)
                return
        reason = describe_amazon_error(self.env, error)
        if isinstance(error, Rejected) and error.cause == "ship_plus":
            self._leave_out(reason)
            return
        if held:
            reason += " " + self.env._(
                "Amazon shows %(shown)s, ours is %(sent)s.",
                shown=self._describe_shown(held),
                sent=self._describe_sent(),
            )
        self._fail(reason)


class AmazonShopFeed(models.Model):
    _inherit = "amazon.shop.feed"

    def _claim_search_back(self):
        """
        :raises Throttled: when Amazon would not allow another call
        """
        self.shop_id._claim_call("read_back_search_full_at", READ_BACK_SEARCH_PACE)

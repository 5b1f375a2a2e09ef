"""The orders of a shop are read from Amazon: what is known of that, between runs."""

import logging
import time
from datetime import timedelta
from typing import NamedTuple

from psycopg2 import OperationalError
from psycopg2.errors import LockNotAvailable

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..amazon.errors import AmazonError
from ..amazon.pace import Bucket
from .amazon_messages import ERROR_KINDS, describe_amazon_error, get_error_kind

_logger = logging.getLogger(__name__)

IMPORT_SOURCES = [("api", "Orders API"), ("report", "Unshipped Orders Report")]
CRON = "amazon_carrier_connector.cron_read_orders"
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
# Doubled so often, the first pause is past the longest one.
MOST_DOUBLINGS = 6
BUSY_SLEEP = 0.02
LOCK_ATTEMPTS = 100


class Pace(NamedTuple):
    """``rate`` calls per second, and ``burst`` of them at once after a rest."""

    rate: float
    burst: int


# Amazon grants 0.0056 and 20, and 0.5 and 30 (reference, 2.4), to the import and to
# what is read back of the push together. Some calls are left to single look-ups.
SEARCH_PACE = Pace(0.0042, 14)
ORDER_PACE = Pace(0.25, 15)
READ_BACK_SEARCH_PACE = Pace(0.0013, 5)
READ_BACK_ORDER_PACE = Pace(0.15, 10)
LOOK_UP_PACE = Pace(0.1, 5)
# Amazon grants 0.016 and 15.
PARTICIPATION_PACE = Pace(0.015, 7)
NO_ERROR = {"error": False, "error_kind": False}


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    import_automatically = fields.Boolean(
        string="Automatic Import", help="Orders are read from Amazon by themselves."
    )
    import_interval = fields.Integer(
        string="Import Every", default=60, help="In minutes, at least 5."
    )
    import_source = fields.Selection(
        selection=IMPORT_SOURCES, string="Import from", required=True, default="api"
    )
    feed_ids = fields.One2many("amazon.shop.feed", "shop_id")

    _import_interval_least = models.Constraint(
        "CHECK (import_interval >= 5)",
        "Orders can be imported every 5 minutes, not more often.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        shops = super().create(vals_list)
        # Beforehand, because two workers would both create what is missing; nobody
        # may create it by hand.
        shops.env["amazon.shop.feed"].sudo().create(
            [{"shop_id": shop.id} for shop in shops]
        )
        return shops

    def action_start_import(self):
        """Have the scheduled action read the orders of these shops now.

        :raises UserError: when one of them is not connected
        """
        self.env["amazon.order.import"].check_access("write")
        self.check_access("read")
        loose = self.filtered(lambda shop: shop.state != "connected")
        if loose:
            raise UserError(
                self.env._(
                    "Connect to Amazon first: %s.", ", ".join(loose.mapped("name"))
                )
            )
        # Nobody writes these rows by hand.
        self.feed_ids.sudo()._queue()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Orders are being read from Amazon. What they bring is listed under"
                    " Imports."
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class AmazonShopFeed(models.Model):
    """What was read of one shop's orders, and what keeps it from being read.

    Apart from the shop, which people edit. Nobody edits it.
    """

    _name = "amazon.shop.feed"
    _description = "Orders of a Shop at Amazon"
    _rec_name = "shop_id"
    _check_company_auto = True

    shop_id = fields.Many2one("amazon.shop", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    state = fields.Selection(
        selection=[("idle", "Idle"), ("queued", "Queued"), ("running", "Running")],
        string="Status",
        required=True,
        default="idle",
    )
    source = fields.Selection(
        selection=IMPORT_SOURCES, help="How the orders of the present run are read."
    )
    import_id = fields.Many2one(
        "amazon.order.import", ondelete="set null", help="The one of the present run."
    )
    watermark = fields.Datetime(help="All that changed at Amazon before was read.")
    search_since = fields.Datetime(help="Where the present search begins.")
    search_until = fields.Datetime(help="Where the present search ends.")
    pagination_token = fields.Char(help="Of the next page of the present search.")
    search_full_at = fields.Float(
        help="When searchOrders' token bucket is full, in seconds since 1970."
    )
    order_full_at = fields.Float(help="The same of getOrder.")
    read_back_search_full_at = fields.Float(
        help="Of the share of searchOrders that reads back what was pushed."
    )
    read_back_order_full_at = fields.Float(help="The same of getOrder.")
    look_up_full_at = fields.Float(
        help="Of the share of getOrder that settles single pushes."
    )
    participation_full_at = fields.Float(
        help="When getMarketplaceParticipations' token bucket is full."
    )
    listed_count = fields.Integer(help="Orders that the present search gave so far.")
    paused_until = fields.Datetime()
    failure_count = fields.Integer(help="Failures since orders were last read.")
    error = fields.Text(help="What keeps the orders from being read.")
    error_kind = fields.Selection(selection=ERROR_KINDS)
    last_import_at = fields.Datetime(help="When the last run ended.")
    last_new_count = fields.Integer(help="New orders of the last run.")
    forbidden_market_ids = fields.Many2many(
        "amazon.market", help="Amazon refuses to show their orders."
    )
    read_market_ids = fields.Many2many(
        "amazon.market",
        "amazon_shop_feed_read_market_rel",
        help="The watermark speaks of their orders.",
    )

    _shop_uniq = models.UniqueIndex("(shop_id)", "A shop has one feed.")

    # === WHEN IT RUNS === #

    def _queue(self):
        """A person wants them now: nothing that kept them is remembered."""
        self.write({"paused_until": False, "forbidden_market_ids": [Command.clear()]})
        self.filtered(lambda feed: feed.state == "idle").state = "queued"
        self.env.ref(CRON)._trigger()

    @api.model
    def _run_all(self):
        """Scheduled action: read the orders of the shops that are due, turn by turn.

        Nothing else reads orders by the run: the action never runs twice at once.
        """
        self._queue_due()
        # Who was served last waits longest.
        for feed in self.search(self._get_ready_domain(), order="write_date, id"):
            # What is written for people is in the language of who reads it.
            lang = feed.shop_id._get_responsible().lang
            feed = feed.with_company(feed.company_id).with_context(lang=lang)
            if feed.filtered_domain(self._get_run_domain()):
                feed._run_guarded()
            feed._reread_guarded()
            if not self.env["ir.cron"]._commit_progress(1):
                break
        if self.search_count(self._get_ready_domain(), limit=1):
            self.env.ref(CRON)._trigger()
            self.env["ir.cron"]._commit_progress()

    @api.model
    def _get_ready_domain(self):
        return Domain("shop_id.active", "=", True) & (
            self._get_run_domain() | self._get_reread_domain()
        )

    @api.model
    def _get_run_domain(self):
        now = fields.Datetime.now()
        return Domain("state", "in", ("queued", "running")) & (
            Domain("paused_until", "=", False) | Domain("paused_until", "<=", now)
        )

    @api.model
    def _queue_due(self):
        """Queue the shops whose orders are read by themselves, when it is time."""
        idle = self.search(
            [
                ("state", "=", "idle"),
                ("shop_id.active", "=", True),
                ("shop_id.import_automatically", "=", True),
            ]
        )
        idle.filtered(lambda feed: feed._is_due()).state = "queued"
        self.env["ir.cron"]._commit_progress()

    def _is_due(self):
        if self.shop_id.state != "connected":
            return False
        interval = timedelta(minutes=self.shop_id.import_interval)
        last = self.last_import_at
        return not last or last + interval <= fields.Datetime.now()

    # === ONE RUN === #

    def _run_guarded(self):
        """Run, and keep what stopped it."""
        try:
            self._run()
        except OperationalError:
            # Somebody else wrote one of the rows: the next turn goes on.
            self.env.cr.rollback()
        except Exception as error:
            self.env.cr.rollback()
            kind, reason = self._describe_failure(error)
            self._pause_failed(kind, reason, getattr(error, "retry_after", 0.0))

    def _describe_failure(self, error):
        """
        :return: the ``error_kind``, and a sentence for people
        """
        kind = get_error_kind(error)
        if not isinstance(error, (UserError, AmazonError)):
            name = type(error).__name__
            _logger.error("Orders of shop %s not read: %s", self.shop_id.id, name)
            return kind, self.env._("An unexpected error: %s.", name)
        if kind == "throttled":
            return kind, self.env._("Amazon allows no more calls for a while.")
        return kind, describe_amazon_error(self.env, error)

    def _run(self):
        """Go on reading the orders of one shop, the way its run was begun."""
        if not self.source:
            self._reach_back()
        source = self.source or self._choose_source()
        self._save({"state": "running", "source": source})
        return self._run_report() if source == "report" else self._run_search()

    def _pause_failed(self, kind, reason, least):
        """Leave Amazon alone, each time twice as long.

        :param least: what Amazon asked for, in seconds
        """
        delay = FIRST_PAUSE * 2 ** min(self.failure_count, MOST_DOUBLINGS)
        delay = max(min(delay, LONGEST_PAUSE), timedelta(seconds=least))
        self._save(
            {
                "paused_until": fields.Datetime.now() + delay,
                "failure_count": self.failure_count + 1,
                "error": reason,
                "error_kind": kind,
            }
        )

    # === WHAT IS KEPT FROM CALL TO CALL === #

    def _save(self, values):
        """Write in a transaction of its own, committed.

        :raises OperationalError: when the row cannot be had
        """
        self._lock_anew()
        self.write(values)
        self.env["ir.cron"]._commit_progress()

    def _lock_anew(self):
        """Begin a transaction with the row locked, as others left it."""
        for __ in range(LOCK_ATTEMPTS):
            self.env["ir.cron"]._commit_progress()
            if self.try_lock_for_update(allow_referencing=True):
                self.invalidate_recordset()
                return
            # Whoever holds it holds it for some milliseconds.
            time.sleep(BUSY_SLEEP)
        raise LockNotAvailable()

    def _claim_call(self, field, pace, spare=0):
        """Take a token and commit that before it is used: who dies has used it.

        :param field: which of the token buckets
        :param Pace pace: how fast it fills
        :param spare: so many tokens stay for others
        :return: the seconds until there is a token; 0 when it was taken
        """
        self._lock_anew()
        now = time.time()
        bucket = Bucket(*pace, self[field])
        wait = bucket.wait_for(now, 1 + spare)
        if not wait:
            __, bucket = bucket.take(now)
            self[field] = bucket.full_at
        # Progress: who dies three times in a row without any is not started again.
        self.env["ir.cron"]._commit_progress(0 if wait else 1)
        return wait

    def _empty_bucket(self, field, pace, wait):
        """Amazon has no token before so many seconds, whatever was reckoned here."""
        full = (pace.burst - 1) / pace.rate
        self._save({field: time.time() + wait + full})

"""The outbox is drained: within Amazon's rate, nearest ship-by first."""

import logging
import time
from datetime import timedelta
from heapq import heapify, heappop, heappush

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..amazon.errors import AmazonError, Throttled
from ..amazon.pace import Bucket
from ..amazon.selling_partner import Receipt
from .amazon_messages import ERROR_KINDS, describe_amazon_error, get_error_kind
from .amazon_shipment_alert import PATIENCE

_logger = logging.getLogger(__name__)

# Amazon's published rate of confirmShipment, per second and seller (reference, 2.4).
CONFIRM_RATE = 2.0
# Half of what Amazon grants: calls that reach it unevenly meet no 429.
CONFIRM_BURST = 5
BATCH_SIZE = 50
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
# What is due again before a run has ended would be asked again at once.
SHORTEST_PAUSE = timedelta(seconds=10)
# Doubled so often, the first pause is past the longest one.
MOST_DOUBLINGS = 6
# So many failures one after another are an outage.
OUTAGE = 3
# Longer waits, in seconds, are left to the scheduler: few threads serve everything.
LONGEST_SLEEP = 5.0
# Another worker holds the bucket for some milliseconds.
BUSY_SLEEP = 0.02


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    push_drain_ids = fields.One2many("amazon.push.drain", "shop_id")

    @api.model_create_multi
    def create(self, vals_list):
        shops = super().create(vals_list)
        # Beforehand, because two workers would both create what is missing; nobody
        # may create it by hand.
        shops.env["amazon.push.drain"].sudo().create(
            [{"shop_id": shop.id} for shop in shops]
        )
        return shops


class AmazonPushDrain(models.Model):
    """How fast one shop's outbox may leave, and what keeps it from leaving.

    Apart from the shop, which people edit. Several workers share its token bucket.
    """

    _name = "amazon.push.drain"
    _description = "Push of a Shop"
    _rec_name = "shop_id"
    _check_company_auto = True

    shop_id = fields.Many2one("amazon.shop", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    rate = fields.Float(help="Calls per second, as Amazon told last; 0 before that.")
    full_at = fields.Float(help="When the token bucket is full, in seconds since 1970.")
    paused_until = fields.Datetime()
    failure_count = fields.Integer(help="Pauses since something was pushed.")
    error = fields.Text(help="What keeps all of the shop's parcels from Amazon.")
    error_kind = fields.Selection(selection=ERROR_KINDS)
    activity_id = fields.Many2one("mail.activity", ondelete="set null")

    _shop_uniq = models.UniqueIndex("(shop_id)", "A shop has one push.")

    # === ALL SHOPS, TURN BY TURN === #

    @api.model
    def _drain_all(self):
        """Push what is due until nothing is, or the scheduled action's time is over.

        The shops take turns, parcel by parcel: each has a rate of its own.
        """
        drains = self.search([("shop_id.push_tracking", "=", True)])
        turns = [(0.0, drain.id, drain._run()) for drain in drains]
        heapify(turns)
        while turns:
            moment, number, run = heappop(turns)
            time.sleep(max(moment - time.monotonic(), 0.0))
            pause = next(run, None)
            if pause is not None:
                heappush(turns, (time.monotonic() + pause, number, run))

    def _run(self):
        """Push what is due of one shop, each parcel committed.

        :return: yields the seconds until its next turn; ends when nothing is due, the
            time is over, or the shop must wait
        """
        # What is written for people is in the language of who reads it.
        lang = self.shop_id._get_responsible().lang
        outbox = self.env["amazon.shipment.confirmation"].with_context(lang=lang)
        due = outbox.search(outbox._get_due_domain(self.shop_id), order="ship_by, id")
        if not due:
            return
        try:
            with self.shop_id._get_selling_partner() as gateway:
                yield from self._push_through(gateway, due)
        except Throttled as error:
            self._pause(due, timedelta(seconds=error.retry_after))
        except (UserError, AmazonError) as error:
            # The account cannot be used at all: that needs a person at once.
            self._pause_longer(due, error, describe_amazon_error(self.env, error), True)
        except Exception as error:
            self.env.cr.rollback()
            name = type(error).__name__
            _logger.error("Push of shop %s failed: %s", self.shop_id.id, name)
            reason = self.env._("An unexpected error: %s.", name)
            self._pause_longer(due, error, reason, True)

    def _push_through(self, gateway, due):
        failures = 0
        for start in range(0, len(due), BATCH_SIZE):
            batch = due[start : start + BATCH_SIZE].with_prefetch()
            for turn in batch._prepare_turns():
                pause = yield from self._wait_for_token(turn)
                if pause is None:
                    # Somebody else has dealt with it.
                    self.env["ir.cron"]._commit_progress(1)
                    continue
                if pause > LONGEST_SLEEP:
                    self._pause(due, timedelta(seconds=pause))
                    return
                yield pause
                outcome = turn.row._push_isolated(gateway, turn)
                failures = failures + 1 if isinstance(outcome, AmazonError) else 0
                if failures == OUTAGE:
                    reason = describe_amazon_error(self.env, outcome)
                    self._pause_longer(due, outcome, reason, False)
                    return
                if isinstance(outcome, Receipt):
                    self._recover(outcome.rate_limit)
                if not self.env["ir.cron"]._commit_progress(1):
                    return

    # === THE TOKEN BUCKET === #

    def _wait_for_token(self, turn):
        """Claim a parcel and a token for it; yields while another worker claims.

        :return: the seconds to wait, None when the parcel is not ours to push
        """
        while (pause := self._claim(turn)) == BUSY_SLEEP:
            yield pause
        return pause

    def _claim(self, turn):
        """Commit that the parcel is sent, before it is: whoever finds that, and the
        parcel not locked, knows that the sender died."""
        try:
            # First of all, so that no snapshot is older than the locks.
            if not self.try_lock_for_update(allow_referencing=True):
                self.env["ir.cron"]._commit_progress()
                return BUSY_SLEEP
            row = turn.row.try_lock_for_update(allow_referencing=True)
            pause = None
            if row and row._is_as_prepared(turn):
                pause, bucket = self._get_bucket().take(time.time())
                if pause <= LONGEST_SLEEP:
                    self.full_at = bucket.full_at
                    row._record({"is_unclear": True, "attempt_count": turn.attempt})
            self.env["ir.cron"]._commit_progress()
            return pause
        except OperationalError:
            # Another worker, or a person who saved it, was faster.
            self.env.cr.rollback()
            return None

    def _get_bucket(self):
        rate = self.rate or CONFIRM_RATE
        if not self.full_at:
            return Bucket.without_burst(rate, CONFIRM_BURST, time.time())
        return Bucket(rate, CONFIRM_BURST, self.full_at)

    # === WHAT KEEPS THE SHOP FROM PUSHING === #

    def _recover(self, rate_limit):
        """Amazon took something: keep the rate that it told, forget what was wrong."""
        changes = {"failure_count": 0, "error": False, "error_kind": False}
        if rate_limit:
            changes["rate"] = rate_limit
        changes = {
            name: value for name, value in changes.items() if self[name] != value
        }
        if changes:
            # What is stored of the parcel must not fail because of this.
            self.env["ir.cron"]._commit_progress()
            self._write_apart(changes)

    def _pause_longer(self, due, error, reason, tell):
        """Leave Amazon alone, each time twice as long.

        :param reason: the sentence for the error
        :param tell: whether a person must mend it; an outage is told when it lasts
        """
        delay = FIRST_PAUSE * 2 ** min(self.failure_count, MOST_DOUBLINGS)
        count = self.failure_count + 1
        changes = {"failure_count": count}
        if tell or count >= PATIENCE:
            changes |= {"error": reason, "error_kind": get_error_kind(error)}
        self._pause(due, min(delay, LONGEST_PAUSE), reason, **changes)

    def _pause(self, due, delay, reason=False, **changes):
        """Nothing of the shop is due before that."""
        moment = fields.Datetime.now() + max(delay, SHORTEST_PAUSE)
        self.env["ir.cron"]._commit_progress()
        self._write_apart({"paused_until": moment, **changes})
        cron = self.env.ref("amazon_carrier_connector.cron_push_confirmations")
        try:
            due._wait_until(moment, reason)
            cron._trigger(moment)
            self.env["ir.cron"]._commit_progress(1)
        except OperationalError:
            # Somebody saved one of them; the pause of the shop holds all the same.
            self.env.cr.rollback()

    def _write_apart(self, changes):
        """Write in a transaction of its own; what cannot be is left to the next run."""
        try:
            if self.try_lock_for_update(allow_referencing=True):
                self.write(changes)
            self.env["ir.cron"]._commit_progress()
        except OperationalError:
            self.env.cr.rollback()

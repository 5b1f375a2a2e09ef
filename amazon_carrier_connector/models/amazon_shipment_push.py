"""The outbox is drained: within Amazon's rate, nearest ship-by first."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..amazon.errors import (
    AmazonError,
    MissingRole,
    NotFound,
    Rejected,
    Throttled,
    Unauthorized,
)
from ..amazon.pace import Pace
from .amazon_messages import describe_amazon_error
from .amazon_shipment_read_back import READ_BACK_DELAY

_logger = logging.getLogger(__name__)

# Amazon's published rate of confirmShipment, per second and seller (reference, 2.4).
CONFIRM_RATE = 2.0
BATCH_SIZE = 100
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
# What is due again before a run has ended would be asked again at once.
SHORTEST_WAIT = timedelta(seconds=10)
# Doubled so often, the first interval is past the longest one.
MOST_DOUBLINGS = 9


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    @api.model
    def _cron_push(self):
        """Scheduled action: push what is due, nearest ship-by first, shop by shop."""
        self._create_forgotten()
        for shop in self.env["amazon.shop"].search([("push_tracking", "=", True)]):
            # What is written for people is in the language of who reads it.
            lang = shop._get_responsible().lang
            due = self.with_context(lang=lang).search(
                self._get_due_domain(shop), order="ship_by, id"
            )
            if due and not due._push_isolated(shop):
                break
        self.env["ir.cron"]._commit_progress(
            remaining=self.search_count(self._get_due_domain())
        )

    @api.model
    def _get_due_domain(self, shop=None):
        domain = (
            Domain("state", "=", "to_push")
            & (
                Domain("next_attempt_at", "=", False)
                | Domain("next_attempt_at", "<=", fields.Datetime.now())
            )
            & (
                Domain("shop_id.push_moment", "=", "label")
                | Domain("picking_id.state", "=", "done")
            )
            # A label that was given up is on no parcel.
            & (
                Domain("parcel_id", "=", False)
                | Domain("parcel_id.state", "=", "labelled")
            )
            & Domain("shop_id.push_tracking", "=", True)
            & Domain("shop_id.active", "=", True)
        )
        return domain & Domain("shop_id", "=", shop.id) if shop else domain

    def _push_isolated(self, shop):
        """One shop never stops the others."""
        try:
            return self._push(shop)
        except Exception as error:
            self.env.cr.rollback()
            _logger.error("Push of shop %s failed: %s", shop.id, type(error).__name__)
            unsent = self.filtered(lambda item: item.state == "to_push")
            unsent._postpone(
                self.env._("An unexpected error: %s.", type(error).__name__)
            )
            unsent._tell_person(shop)
            return bool(self.env["ir.cron"]._commit_progress(1))

    def _push(self, shop):
        """Push confirmations of one shop, each committed.

        :return: False when the time of the scheduled action is over
        """
        try:
            with shop._get_selling_partner() as gateway:
                return self._push_through(gateway)
        except (UserError, AmazonError) as error:
            # The account cannot be used at all: that needs a person at once.
            unsent = self.filtered(lambda item: item.state == "to_push")
            unsent._postpone(describe_amazon_error(self.env, error))
            unsent._tell_person(shop)
            return bool(self.env["ir.cron"]._commit_progress(len(self)))

    def _push_through(self, gateway):
        pace = Pace(CONFIRM_RATE)
        for start in range(0, len(self), BATCH_SIZE):
            batch = self[start : start + BATCH_SIZE]
            # Everything is read and frozen for the batch, because each commit below
            # forgets what was read.
            requests = batch._prepare_requests()
            self.env["ir.cron"]._commit_progress()
            finished, wait = batch._push_batch(gateway, pace, requests)
            # What failed is not due any more: it is told now or never.
            batch._tell_if_needed()
            if wait:
                self._wait(wait)
                return True
            if not finished:
                return False
        return True

    def _push_batch(self, gateway, pace, requests):
        """
        :return: whether there is time for more, and the seconds for which Amazon
            wants to be left alone
        """
        for confirmation, request in requests:
            wait = confirmation._push_one(gateway, pace, request)
            if wait:
                return True, wait
            if not self.env["ir.cron"]._commit_progress(1):
                return False, None
        return True, None

    def _push_one(self, gateway, pace, request):
        """Send one; its state says afterwards what became of it.

        :return: seconds for which Amazon wants to be left alone, if it says so
        """
        mine = self.try_lock_for_update(allow_referencing=True)
        if mine.state != "to_push":
            return None
        pace.wait()
        try:
            receipt = gateway.confirm_shipment(request)
        except Throttled as error:
            return error.retry_after
        except (Rejected, NotFound) as error:
            self._fail(describe_amazon_error(self.env, error))
        except (Unauthorized, MissingRole) as error:
            # Should it be this order alone, the others go before it next time.
            self._postpone(describe_amazon_error(self.env, error))
            raise
        except AmazonError as error:
            self._postpone(describe_amazon_error(self.env, error))
        else:
            pace.adopt(receipt.rate_limit)
            self._store_receipt(receipt)
        return None

    def _store_receipt(self, receipt):
        now = fields.Datetime.now()
        self.write(
            {
                "state": "pushed",
                "pushed_at": now,
                "attempt_count": self.attempt_count + 1,
                "request_id": receipt.request_id,
                "next_attempt_at": now + READ_BACK_DELAY,
                "error": False,
            }
        )

    def _fail(self, reason):
        for confirmation in self:
            confirmation.write(
                {
                    "state": "failed",
                    "error": reason,
                    "attempt_count": confirmation.attempt_count + 1,
                }
            )

    def _postpone(self, reason):
        """Try again later, each time twice as long."""
        for confirmation in self.filtered(lambda item: item.state == "to_push"):
            doublings = min(confirmation.attempt_count, MOST_DOUBLINGS)
            delay = min(FIRST_RETRY * 2**doublings, LONGEST_RETRY)
            confirmation.write(
                {
                    "next_attempt_at": fields.Datetime.now() + delay,
                    "attempt_count": confirmation.attempt_count + 1,
                    "error": reason,
                }
            )

    def _wait(self, seconds):
        """Leave Amazon alone: nothing of the shop is due before that."""
        delay = max(timedelta(seconds=seconds), SHORTEST_WAIT)
        moment = fields.Datetime.now() + delay
        self.filtered(lambda item: item.state == "to_push").next_attempt_at = moment
        self.env.ref("amazon_carrier_connector.cron_push_confirmations")._trigger(
            moment
        )
        self.env["ir.cron"]._commit_progress(1)

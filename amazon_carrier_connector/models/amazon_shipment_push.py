"""One confirmation is sent to Amazon; its state says what became of it."""

import logging
from datetime import datetime, timedelta
from random import uniform
from typing import NamedTuple

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain

from ..amazon.errors import (
    AmazonError,
    MissingRole,
    NotFound,
    Rejected,
    Throttled,
    Unauthorized,
    Unclear,
)
from ..amazon.selling_partner import ShipmentConfirmation
from .amazon_messages import describe_amazon_error
from .amazon_shipment_read_back import READ_BACK_DELAY

_logger = logging.getLogger(__name__)

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
# Doubled so often, the first interval is past the longest one.
MOST_DOUBLINGS = 6
# Up to so much of an interval is added: what failed together is not retried together.
JITTER = 0.25


class Turn(NamedTuple):
    """A confirmation as it was when its request was prepared."""

    row: models.Model
    write_date: datetime
    attempt: int
    was_unclear: bool
    request: ShipmentConfirmation


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    @api.model
    def _cron_push(self):
        """Scheduled action: push what is due, and tell people what needs them."""
        self._create_forgotten()
        self.env["amazon.push.drain"]._drain_all()
        self._tell_people()
        # Not reported as remaining: what came after the drain would be work that was
        # not done, which the scheduler complains about.
        if self.search_count(self._get_due_domain(), limit=1):
            self._trigger_push()
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _get_due_domain(self, shop=None):
        now = fields.Datetime.now()
        domain = (
            self._get_waiting_domain()
            & (
                Domain("next_attempt_at", "=", False)
                | Domain("next_attempt_at", "<=", now)
            )
            & ~Domain("shop_id.push_drain_ids.paused_until", ">", now)
        )
        return domain & Domain("shop_id", "=", shop.id) if shop else domain

    @api.model
    def _get_waiting_domain(self):
        """What Amazon must be told by now."""
        return (
            Domain("state", "=", "to_push")
            & self._get_moment_domain()
            & Domain("shop_id.push_tracking", "=", True)
            & Domain("shop_id.active", "=", True)
        )

    @api.model
    def _get_moment_domain(self):
        """What has come so far that its shop tells Amazon."""
        return Domain("shop_id.push_moment", "=", "label") | Domain(
            "picking_id.state", "in", ("done", "cancel")
        )

    # === BEFORE === #

    def _prepare_turns(self):
        """Freeze the quantities and commit; what another worker holds is left to it.

        :rtype: list[Turn]
        """
        try:
            requests = self._prepare_mine()
        except OperationalError:
            self.env.cr.rollback()
            return []
        except Exception as error:
            self.env.cr.rollback()
            if len(self) > 1:
                return [turn for row in self for turn in row._prepare_turns()]
            self._fail_unexpectedly(error)
            return []
        return [
            Turn(row, row.write_date, row.attempt_count + 1, row.is_unclear, request)
            for row, request in requests
        ]

    def _prepare_mine(self):
        # As a first statement: no snapshot is older than the lock.
        mine = self.try_lock_for_update(allow_referencing=True).filtered(
            lambda row: row.state == "to_push"
        )
        requests = mine._withdraw_dead()._prepare_requests()
        self.env["ir.cron"]._commit_progress()
        return requests

    def _is_as_prepared(self, turn):
        """Whether nobody has sent or changed it since."""
        return (self.state, self.write_date, self.tracking_number) == (
            "to_push",
            turn.write_date,
            turn.request.tracking_number,
        )

    # === SENDING === #

    def _push_isolated(self, gateway, turn):
        """One parcel never stops the others."""
        try:
            return self._push_one(gateway, turn)
        except OperationalError:
            self.env.cr.rollback()
        except AmazonError:
            raise
        except Exception as error:
            self.env.cr.rollback()
            self._fail_unexpectedly(error)
        return None

    def _fail_unexpectedly(self, error):
        # No traceback: the database quotes rows.
        name = type(error).__name__
        _logger.error("Push of confirmation %s failed: %s", self.id, name)
        self._fail(self.env._("An unexpected error: %s.", name))
        self.env["ir.cron"]._commit_progress(1)

    def _push_one(self, gateway, turn):
        """
        :return: Amazon's receipt, or the error that another attempt may overcome, or
            None
        :raises AmazonError: what concerns the whole shop
        """
        mine = self.try_lock_for_update(allow_referencing=True)
        if (mine.state, mine.attempt_count) != ("to_push", turn.attempt):
            return None
        # Nothing is known to have been sent, unless it is said below.
        before = {"is_unclear": turn.was_unclear}
        try:
            if turn.was_unclear and mine._settle_unclear(gateway):
                return None
            receipt = gateway.confirm_shipment(turn.request)
        except Throttled:
            mine._record({**before, "attempt_count": turn.attempt - 1})
            raise
        except (Unauthorized, MissingRole) as error:
            # Should it be this order alone, the others go before it next time.
            mine._record(before)
            mine._postpone(error)
            raise
        except (Rejected, NotFound) as error:
            mine.is_unclear = False
            mine._take_refusal(gateway, error)
        except AmazonError as error:
            if not isinstance(error, Unclear):
                mine._record(before)
            mine._postpone(error)
            return error
        else:
            mine._store_receipt(receipt)
            return receipt
        return None

    # === AFTER === #

    def _store_receipt(self, receipt):
        now = fields.Datetime.now()
        self._record(
            {
                "state": "pushed",
                "pushed_at": now,
                "is_unclear": False,
                "request_id": receipt.request_id,
                "next_attempt_at": now + READ_BACK_DELAY,
                "told_at": False,
                "error": False,
            }
        )

    def _fail(self, reason):
        """A person must mend it, and is told again if the reason is a new one."""
        news = self.filtered(lambda row: (row.state, row.error) != ("failed", reason))
        news._record({"state": "failed", "error": reason, "told_at": False})

    def _postpone(self, error):
        """Try again later, each time about twice as long."""
        self.ensure_one()
        doublings = min(max(self.attempt_count - 1, 0), MOST_DOUBLINGS)
        delay = min(FIRST_RETRY * 2**doublings, LONGEST_RETRY)
        delay *= 1 + uniform(0, JITTER)  # nosec B311 # no secret
        delay = max(delay, timedelta(seconds=getattr(error, "retry_after", 0)))
        self._record(
            {
                "next_attempt_at": fields.Datetime.now() + delay,
                "error": describe_amazon_error(self.env, error),
            }
        )

    def _wait_until(self, moment, reason):
        """The shop may push nothing before that; what waits longer still does."""
        unsent = self.try_lock_for_update(allow_referencing=True).filtered(
            lambda row: row.state == "to_push"
        )
        if reason:
            unsent._record({"error": reason})
        unsent.filtered(
            lambda row: not row.next_attempt_at or row.next_attempt_at <= moment
        )._record({"next_attempt_at": moment})

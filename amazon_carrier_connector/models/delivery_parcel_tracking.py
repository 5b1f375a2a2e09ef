"""Where labelled parcels are, as their carriers tell it."""

import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..carriers.errors import CarrierError
from ..carriers.tracking_states import (
    DELIVERED,
    END_STATES,
    GIVEN_UP_AFTER,
    PROBLEM,
    RETURNED,
    read_patiently,
    wait_after,
)
from .delivery_carrier_failure import NEEDS_PERSON

_logger = logging.getLogger(__name__)

TRACKING_STATES = [
    ("registered", "Registered"),
    ("in_transit", "In Transit"),
    ("at_pickup", "At Pick-Up Point"),
    ("delivered", "Delivered"),
    ("problem", "Problem"),
    ("returned", "Returned"),
]


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    tracking_state = fields.Selection(
        selection=TRACKING_STATES,
        string="Tracking Status",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    tracking_state_at = fields.Datetime(
        string="Tracking Changed on", readonly=True, copy=False
    )
    tracking_due_at = fields.Datetime(
        string="Next Tracking",
        readonly=True,
        copy=False,
        help="When the carrier is asked again. Empty: as soon as possible.",
    )

    _to_track_idx = models.Index(
        "(tracking_due_at) WHERE state = 'labelled'"
        " AND COALESCE(tracking_state, '') NOT IN ('delivered', 'returned')"
    )

    # === ASKING === #

    @api.model
    def _cron_track(self):
        """Scheduled action: ask the carriers where parcels are, account by account."""
        self.env["myparcel.hook"]._take()
        in_time = self._track_accounts()
        self.env["delivery.carrier.failure"]._tell_people()
        if not in_time:
            remaining = self.search_count(self._get_to_track_domain())
            self.env["ir.cron"]._commit_progress(remaining=remaining)
            return
        # Who called meanwhile saw others wait, and woke nobody.
        if self.env["myparcel.hook"].search_count([], limit=1):
            self.env.ref("amazon_carrier_connector.cron_track_parcels")._trigger()
        # What an account did not answer just now has its turn at the next time.
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _track_accounts(self):
        """
        :return: False when the time of the scheduled action is over
        """
        accounts = self._read_group(
            self._get_to_track_domain(), ["carrier_id", "company_id"]
        )
        for carrier, company in accounts:
            # What people are told is in the language of their company.
            parcels = self.with_context(lang=company.partner_id.lang)
            if not parcels.with_company(company)._track_account(carrier, company):
                return False
        return True

    @api.model
    def _get_moving_domain(self):
        """Parcels that their carrier may tell something new of."""
        return Domain(
            [
                ("state", "=", "labelled"),
                ("is_test", "=", False),
                ("labelled_at", ">", fields.Datetime.now() - GIVEN_UP_AFTER),
                ("tracking_state", "not in", END_STATES),
                (
                    "carrier_id.delivery_type",
                    "in",
                    self.env["delivery.carrier"]._get_tracking_providers(),
                ),
            ]
        )

    @api.model
    def _get_to_track_domain(self):
        """Those whose turn it is."""
        now = fields.Datetime.now()
        due = Domain("tracking_due_at", "=", False)
        return self._get_moving_domain() & (due | Domain("tracking_due_at", "<=", now))

    @api.model
    def _track_account(self, carrier, company):
        """Ask for the due parcels of one account; commits. Its failure is its own.

        :return: False when the time of the scheduled action is over
        """
        failures = self.env["delivery.carrier.failure"]
        try:
            tracking = carrier._get_tracking(company)
            in_time = self._ask_for_all(tracking, carrier, company)
            failures._end("track", carrier, company)
            return bool(self.env["ir.cron"]._commit_progress()) and in_time
        except OperationalError:
            _logger.info("Parcels of %s wait: one was just saved", carrier.name)
            self.env.cr.rollback()
        except (UserError, CarrierError) as error:
            _logger.info("Parcels of %s are not tracked: %s", carrier.name, error)
            self.env.cr.rollback()
            failures._begin("track", carrier, company, error)
            if isinstance(error, NEEDS_PERSON):
                # It fails again until a person acts.
                self.search(self._get_account_domain(carrier, company))._put_off()
        except Exception as error:
            # A fault of ours with one account's parcels must not stop the others.
            _logger.exception("Parcels of %s could not be tracked", carrier.name)
            self.env.cr.rollback()
            failures._begin("track", carrier, company, error)
        return bool(self.env["ir.cron"]._commit_progress())

    @api.model
    def _get_account_domain(self, carrier, company):
        account = [("carrier_id", "=", carrier.id), ("company_id", "=", company.id)]
        return self._get_to_track_domain() & Domain(account)

    @api.model
    def _ask_for_all(self, tracking, carrier, company):
        parcels = self.search(
            self._get_account_domain(carrier, company),
            order="tracking_due_at NULLS FIRST, id",
            limit=tracking.chunk_size * tracking.calls,
        )
        for chunk in parcels._get_chunks(tracking.chunk_size):
            keys = [key for key in chunk.mapped(tracking.key) if key]
            # Nothing is locked and nothing old is read while the carrier answers.
            self.env["ir.cron"]._commit_progress()
            states = read_patiently(tracking, keys) if keys else {}
            self.env.invalidate_all()
            # Somebody may have cancelled one meanwhile.
            living = chunk.filtered(lambda parcel: parcel.state == "labelled")
            living._store_tracking(
                {parcel: states.get(parcel[tracking.key]) for parcel in living}
            )
            if not self.env["ir.cron"]._commit_progress(len(chunk)):
                return False
        return True

    # === STORING === #

    def _store_tracking(self, states):
        """
        :param states: where each parcel is; nothing when its carrier did not say
        """
        moved = self.filtered(
            lambda parcel: states[parcel] and states[parcel] != parcel.tracking_state
        )
        for state, parcels in moved.grouped(states.get).items():
            parcels._record(
                {"tracking_state": state, "tracking_state_at": fields.Datetime.now()}
            )
        self._put_off()
        moved.filtered(
            lambda parcel: parcel.tracking_state in (DELIVERED, PROBLEM, RETURNED)
        )._tell_tracking()

    def _put_off(self):
        """Young parcels have their next turn soon, old ones rarely."""
        now = fields.Datetime.now()
        for wait, parcels in self.grouped(
            lambda parcel: wait_after(now - (parcel.labelled_at or now))
        ).items():
            parcels._record({"tracking_due_at": now + wait})

    def _tell_tracking(self):
        """One line per delivery, however many parcels it has."""
        sentences = {
            DELIVERED: self.env._("Delivered to the recipient: %s."),
            PROBLEM: self.env._("The carrier has a problem with %s: see its tracking."),
            RETURNED: self.env._("On its way back or returned: %s."),
        }
        self.env["stock.picking"].browse(self.picking_id.ids)._message_log_batch(
            {
                picking.id: " ".join(
                    sentences[state] % ", ".join(group.mapped("tracking_number"))
                    for state, group in parcels.grouped("tracking_state").items()
                )
                for picking, parcels in self.grouped("picking_id").items()
            }
        )

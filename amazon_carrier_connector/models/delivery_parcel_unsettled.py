"""The schedule looks up what stays unclear, ever more rarely; then a person is told."""

import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# All since the carrier was asked; each wait is as long as all before it together.
FIRST_LOOK = timedelta(minutes=2)
TOLD_AFTER = timedelta(minutes=30)
LAST_LOOK = timedelta(days=1)
# Unclear parcels of one turn of the scheduled action.
LOOKED_UP_TOGETHER = 60
# Parcels that the task of a person names.
NAMED = 20


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    look_up_at = fields.Datetime(
        string="Next Look-Up",
        readonly=True,
        copy=False,
        help="When the carrier is asked again, by itself, what became of an unclear"
        " parcel. Empty: not any more.",
    )

    def _get_next_look(self):
        """
        :return: a moment, or False when it was unclear for long enough
        """
        self.ensure_one()
        now = fields.Datetime.now()
        age = now - (self.asked_at or self.create_date)
        return age < LAST_LOOK and now + max(FIRST_LOOK, age)

    def _is_overdue(self):
        """Whether the look-ups went on for so long that a person may decide."""
        self.ensure_one()
        now = fields.Datetime.now()
        return bool(self.asked_at and self.asked_at <= now - TOLD_AFTER)

    @api.model
    def _settle_abandoned(self):
        """Settle what nobody waits for: requested without an asker, or unclear and due.

        Who is alive and asks holds a lock.
        """
        due = Domain("state", "=", "unclear") & Domain(
            [
                ("tracking_number", "=", False),
                ("look_up_at", "<=", fields.Datetime.now()),
            ]
        )
        abandoned = self.search([("state", "=", "requested")]) | self.search(
            due, order="look_up_at, id", limit=LOOKED_UP_TOGETHER
        )
        for parcels in abandoned._grouped_by_account():
            # What people are told is in the language of their company.
            lang = parcels.company_id.partner_id.lang
            try:
                parcels.with_context(lang=lang)._settle_quietly()
            except OperationalError:
                # Their asker lives after all and has just stored something.
                self.env.cr.rollback()
            except Exception:
                # Whatever it is, the other accounts are settled.
                self.env.cr.rollback()
                _logger.exception("Parcels %s could not be settled", parcels.ids)
                parcels._wait_longer()
            self.env["ir.cron"]._commit_progress()
        self._tell_unsettled()

    def _settle_quietly(self):
        try:
            self._settle()
        except UserError as error:
            _logger.info("Parcels could not be settled: %s", error)
            self._wait_longer()
        self._update_pickings()
        self.filtered(lambda p: p.state == "labelled").run_id._finish_settled()

    def _wait_longer(self):
        """What could not be looked up is unclear, and has its next turn later."""
        for parcel in self._take_over().filtered(lambda p: not p.tracking_number):
            parcel._write_unclear()

    def _write_unclear(self):
        self._record(
            {
                "state": "unclear",
                "error": self._describe_unclear(),
                "look_up_at": self._get_next_look(),
            }
        )

    # === TELLING === #

    @api.model
    def _get_unsettled_domain(self):
        """What a person has to look after, as the carrier does not tell what it did."""
        return Domain(
            [
                ("state", "=", "unclear"),
                ("is_test", "=", False),
                ("asked_at", "<=", fields.Datetime.now() - TOLD_AFTER),
            ]
        )

    @api.model
    def _tell_unsettled(self):
        """Have them listed in the task of who looks after their company.

        Who has done the task is told again of what was asked for since.
        """
        groups = self._read_group(
            self._get_unsettled_domain(),
            ["carrier_id", "company_id"],
            ["id:recordset", "asked_at:max"],
        )
        for carrier, company, parcels, asked_at in groups:
            reason = parcels.with_context(
                lang=company.partner_id.lang
            )._describe_unsettled()
            self.env["delivery.carrier.failure"]._begin(
                "settle", carrier, company, UserError(reason), asked_at + TOLD_AFTER
            )
        self.env["ir.cron"]._commit_progress()

    def _describe_unsettled(self):
        names = self.sorted("id").mapped("reference")
        if len(names) > NAMED:
            names[NAMED:] = ["..."]
        return ", ".join(names)

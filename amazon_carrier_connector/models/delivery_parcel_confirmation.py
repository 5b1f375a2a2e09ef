"""Parcels that their carrier wants to be told of once more before it gets them."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..carriers.errors import CarrierError, Refused
from .carrier_messages import describe_carrier_error, describe_standing_error

_logger = logging.getLogger(__name__)

# Parcels of one call; GLS names no limit.
CHUNK_SIZE = 50
# What was labelled before that has left long ago, by a method that confirmed nothing.
CONFIRMED_WITHIN = timedelta(days=14)


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    confirmed_at = fields.Datetime(
        string="Confirmed at the Carrier", readonly=True, copy=False
    )

    confirmation_refused = fields.Boolean(
        readonly=True,
        copy=False,
        help="The carrier says no: it is not asked again by itself.",
    )

    @api.model
    def _get_to_confirm_domain(self, *policies):
        return Domain(
            [
                ("state", "=", "labelled"),
                ("confirmed_at", "=", False),
                ("carrier_id.delivery_type", "=", "gls_nl"),
                ("carrier_id.gls_confirm", "in", policies),
            ]
        )

    def action_confirm(self):
        """Confirm the selected parcels, those that are to be confirmed.

        :raises UserError: the carrier's reasons, when it did not take all
        """
        domain = self._get_to_confirm_domain("at_once", "day_list")
        problems = []
        for parcels in self.filtered_domain(domain)._grouped_by_account():
            refusals, error = parcels._confirm()
            problems += refusals
            problems += [describe_standing_error(self.env, error)] if error else []
        if problems:
            raise UserError("\n".join(problems))

    @api.model
    def _get_unconfirmed_domain(self):
        """What somebody counts on being confirmed as soon as it is labelled."""
        begin = fields.Datetime.now() - CONFIRMED_WITHIN
        return self._get_to_confirm_domain("at_once") & Domain(
            [("labelled_at", ">=", begin), ("is_test", "=", False)]
        )

    @api.model
    def _cron_confirm(self):
        """Scheduled action: confirm what is due, until the carrier says yes or no."""
        begin = fields.Datetime.now() - CONFIRMED_WITHIN
        waiting = self.search(
            self._get_to_confirm_domain("at_once")
            & Domain(
                [("confirmation_refused", "=", False), ("labelled_at", ">=", begin)]
            )
        )
        for parcels in waiting._grouped_by_account():
            # What people are told is in the language of their company.
            lang = parcels.company_id.partner_id.lang
            parcels.with_context(lang=lang)._confirm_and_tell()
        self.env["delivery.carrier.failure"]._tell_people()

    def _confirm_and_tell(self):
        """Confirm parcels of one account, and note it where that fails; commits."""
        carrier, company = self.carrier_id, self.company_id
        refusals, error = self._confirm()
        for reason in refusals or filter(None, [error]):
            _logger.info("Parcels of %s were not confirmed: %s", carrier.name, reason)
        failures = self.env["delivery.carrier.failure"]
        if self[0].is_test:
            # No carrier waits for these.
            return
        if refusals or error:
            told = UserError("\n".join(refusals)) if refusals else error
            failures._begin("confirm", carrier, company, told)
        elif not self._has_refused():
            failures._end("confirm", carrier, company)
        self.env["ir.cron"]._commit_progress()

    def _has_refused(self):
        """Whether the account has others that its carrier would not confirm."""
        return bool(
            self.search_count(
                self._get_unconfirmed_domain()
                & Domain(
                    [
                        ("confirmation_refused", "=", True),
                        ("carrier_id", "=", self.carrier_id.id),
                        ("company_id", "=", self.company_id.id),
                    ]
                ),
                limit=1,
            )
        )

    def _trigger_confirmation(self):
        if self.filtered_domain(self._get_to_confirm_domain("at_once")):
            self.env.ref("amazon_carrier_connector.cron_confirm_parcels")._trigger()

    def _confirm(self):
        """Confirm parcels of one account at GLS; commits what it has confirmed.

        :return: a sentence for each parcel that GLS does not confirm; the error for
            which the others were not asked for, or None. They may be asked for again:
            to be confirmed twice does no harm
        :rtype: tuple[list[str], Exception | None]
        """
        refusals = []
        try:
            client = (
                self.env["gls.account"]
                ._find(self.carrier_id, self.company_id, self[0].is_test)
                ._connect()
            )
            for chunk in self._get_chunks(CHUNK_SIZE):
                refusals += chunk._confirm_chunk(client)
        except (UserError, CarrierError) as error:
            return refusals, error
        return refusals, None

    def _confirm_chunk(self, client):
        try:
            client.confirm_labels(self.mapped("tracking_number"))
        except Refused as refusal:
            if len(self) > 1:
                # One can spoil it for all.
                return [p for parcel in self for p in parcel._confirm_chunk(client)]
            refusals = [self._store_unconfirmed(refusal)]
        else:
            self.filtered("confirmation_refused")._record({"error": False})
            self._record(
                {"confirmed_at": fields.Datetime.now(), "confirmation_refused": False}
            )
            refusals = []
        self.env["ir.cron"]._commit_progress()
        return refusals

    def _store_unconfirmed(self, refusal):
        reason = describe_carrier_error(self.env, refusal)
        self._record(
            {
                "confirmation_refused": True,
                "error": self.env._("Not confirmed at the carrier: %s", reason),
            }
        )
        return self.env._(
            "%(number)s: %(reason)s", number=self.tracking_number, reason=reason
        )

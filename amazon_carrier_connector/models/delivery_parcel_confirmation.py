"""Parcels that their carrier wants to be told of once more before it gets them."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..carriers.errors import CarrierError, Refused
from .carrier_messages import describe_carrier_error

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
        if problems := self.filtered_domain(domain)._confirm():
            raise UserError("\n".join(problems))

    @api.model
    def _cron_confirm(self):
        """Scheduled action: what is confirmed as soon as it is labelled."""
        begin = fields.Datetime.now() - CONFIRMED_WITHIN
        waiting = self.search(
            self._get_to_confirm_domain("at_once")
            & Domain([("error", "=", False), ("labelled_at", ">=", begin)])
        )
        for problem in waiting._confirm():
            _logger.info("Parcels were not confirmed: %s", problem)

    def _trigger_confirmation(self):
        if self.filtered_domain(self._get_to_confirm_domain("at_once")):
            self.env.ref("amazon_carrier_connector.cron_confirm_parcels")._trigger()

    def _confirm(self):
        """Confirm at GLS; commits what it has confirmed.

        :return: why some were not confirmed
        :rtype: list[str]
        """
        problems = []
        for parcels in self._grouped_by_account():
            try:
                account = self.env["gls.account"]._find(
                    parcels.carrier_id, parcels.company_id, parcels[0].is_test
                )
                client = account._connect()
            except UserError as error:
                problems.append(str(error))
                continue
            for chunk in parcels._get_chunks(CHUNK_SIZE):
                problems += chunk._confirm_chunk(client)
        return problems

    def _confirm_chunk(self, client):
        try:
            client.confirm_labels(self.mapped("tracking_number"))
        except Refused as refusal:
            if len(self) > 1:
                # One can spoil it for all.
                return [p for parcel in self for p in parcel._confirm_chunk(client)]
            self.error = self.env._(
                "Not confirmed at the carrier: %s",
                describe_carrier_error(self.env, refusal),
            )
            problems = [self.error]
        except CarrierError as error:
            # It may be confirmed twice, so it is simply asked again.
            problems = [describe_carrier_error(self.env, error)]
        else:
            self.confirmed_at = fields.Datetime.now()
            problems = []
        self.env["ir.cron"]._commit_progress()
        return problems

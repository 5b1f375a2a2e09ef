"""Concepts at a carrier that nobody needs any more: they cost nothing, yet go."""

import logging
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.errors import CarrierError
from .carrier_messages import describe_carrier_error

_logger = logging.getLogger(__name__)

# Concepts of one call; MyParcel's limit.
CHUNK_SIZE = 100


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    given_up_concepts = fields.Char(
        copy=False,
        help="Delivery method and carrier's id of each, as id:ref with blanks between.",
    )

    def _give_up_concepts(self):
        """Forget what was announced for parcels that were not bought."""
        announced = self.filtered(
            lambda parcel: parcel.remote_ref
            and parcel.carrier_id
            and parcel.state in ("draft", "refused")
        )
        for parcel in announced:
            concept = f"{parcel.carrier_id.id}:{parcel.remote_ref}"
            known = parcel.given_up_concepts
            parcel.given_up_concepts = f"{known} {concept}" if known else concept
            parcel.remote_ref = False
        if announced:
            self.env.ref("amazon_carrier_connector.cron_delete_concepts")._trigger()

    @api.model
    def _cron_delete_concepts(self):
        """Scheduled action: delete them, and never anything that was registered."""
        parcels = self.search([("given_up_concepts", "!=", False)], order="id")
        by_account = defaultdict(lambda: self.browse())
        for parcel in parcels:
            for concept in parcel.given_up_concepts.split():
                carrier_id = int(concept.partition(":")[0])
                by_account[carrier_id, parcel.company_id] |= parcel
        for (carrier_id, company), waiting in by_account.items():
            carrier = self.env["delivery.carrier"].browse(carrier_id).exists()
            for start in range(0, len(waiting), CHUNK_SIZE):
                waiting[start : start + CHUNK_SIZE]._delete_concepts(
                    carrier, carrier_id, company
                )

    def _delete_concepts(self, carrier, carrier_id, company):
        """Delete those of one account; commits. What fails is tried next time."""
        refs = [ref for parcel in self for ref in parcel._get_given_up(carrier_id)]
        delete = getattr(carrier, f"_{carrier.delivery_type}_delete_concepts", None)
        if carrier and delete:
            try:
                self.env["amazon.shop"]._check_outside_allowed()
                delete(company, refs)
            except (CarrierError, UserError) as error:
                _logger.info(
                    "Concepts were not deleted: %s",
                    describe_carrier_error(self.env, error),
                )
                return
        for parcel in self:
            kept = [
                concept
                for concept in parcel.given_up_concepts.split()
                if not concept.startswith(f"{carrier_id}:")
            ]
            parcel.given_up_concepts = " ".join(kept) or False
        self.env["ir.cron"]._commit_progress(len(self))

    def _get_given_up(self, carrier_id):
        return [
            concept.partition(":")[2]
            for concept in (self.given_up_concepts or "").split()
            if concept.startswith(f"{carrier_id}:")
        ]

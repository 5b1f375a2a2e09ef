"""Concepts at a carrier that nobody needs any more: they cost nothing, yet go."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.errors import CarrierError
from .carrier_messages import describe_carrier_error

_logger = logging.getLogger(__name__)

# Concepts of one call; MyParcel's limit.
CHUNK_SIZE = 100


class DeliveryParcelConcept(models.Model):
    """What was announced to a carrier, perhaps, and is to be deleted there."""

    _name = "delivery.parcel.concept"
    _description = "Given Up Concept"
    _rec_name = "reference"

    company_id = fields.Many2one("res.company", required=True, index=True)
    # Without its delivery method nobody knows the account any more.
    carrier_id = fields.Many2one(
        "delivery.carrier", required=True, index=True, ondelete="cascade"
    )
    reference = fields.Char(required=True, help="Ours, when it was announced.")
    remote_ref = fields.Char(
        string="Carrier's Reference",
        help="Empty: the carrier's answer was lost, and it is searched by ours.",
    )

    @api.model
    def _cron_delete(self):
        """Scheduled action: delete them, and never anything that was registered."""
        for carrier, company in self._read_group([], ["carrier_id", "company_id"]):
            account = [("carrier_id", "=", carrier.id), ("company_id", "=", company.id)]
            while concepts := self.search(account, order="id", limit=CHUNK_SIZE):
                if not concepts._delete_at_carrier():
                    break

    def _delete_at_carrier(self):
        """Delete those of one account; commits. What fails is tried next time.

        :return: False when it failed
        """
        carrier = self.carrier_id
        delete = getattr(carrier, f"_{carrier.delivery_type}_delete_concepts", None)
        if delete:
            try:
                self.env["amazon.shop"]._check_outside_allowed()
                delete(
                    self.company_id,
                    self.filtered("remote_ref").mapped("remote_ref"),
                    self.filtered(lambda c: not c.remote_ref).mapped("reference"),
                )
            except (CarrierError, UserError) as error:
                _logger.info(
                    "Concepts were not deleted: %s",
                    describe_carrier_error(self.env, error),
                )
                return False
        count = len(self)
        self.unlink()
        return bool(self.env["ir.cron"]._commit_progress(count))


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    def _give_up_concepts(self):
        """Forget what was announced, perhaps, for parcels that were not bought."""
        announced = self.filtered(
            lambda parcel: parcel.carrier_id
            and (parcel.remote_ref or parcel.announced_digest)
            and not parcel.tracking_number
        )
        if not announced:
            return
        # Nobody needs to see them who may cancel a parcel.
        self.env["delivery.parcel.concept"].sudo().create(
            [
                {
                    "company_id": parcel.company_id.id,
                    "carrier_id": parcel.carrier_id.id,
                    "reference": parcel.reference,
                    "remote_ref": parcel.remote_ref,
                }
                for parcel in announced
            ]
        )
        announced._record({"remote_ref": False, "announced_digest": False})
        self.env.ref("amazon_carrier_connector.cron_delete_concepts").sudo()._trigger()

    def _begin_anew(self):
        """Give up what was announced, and the reference with it.

        Whatever the carrier has under the old one, it is never taken for the new one.
        """
        announced = self.filtered(lambda p: p.remote_ref or p.announced_digest)
        announced._give_up_concepts()
        for parcel in announced:
            reference = self._prepare_reference(parcel.picking_id)
            parcel._record({"reference": reference})

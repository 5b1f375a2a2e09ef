"""Concepts at a carrier that nobody needs any more: they cost nothing, yet go."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..carriers.errors import CarrierError
from .carrier_messages import describe_carrier_error

_logger = logging.getLogger(__name__)

# Concepts of one call; MyParcel's limit.
CHUNK_SIZE = 100
FORGOTTEN_AFTER = timedelta(days=1)


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
        self.env["delivery.parcel"]._give_up_forgotten()
        due = self._get_due_domain()
        for carrier, company in self._read_group(due, ["carrier_id", "company_id"]):
            account = due & Domain(
                [("carrier_id", "=", carrier.id), ("company_id", "=", company.id)]
            )
            while concepts := self.search(account, order="id", limit=CHUNK_SIZE):
                if not concepts._delete_at_carrier():
                    break

    @api.model
    def _get_due_domain(self):
        """All but those under whose reference a parcel still waits for its label."""
        searched = self.search([("remote_ref", "=", False)]).mapped("reference")
        waiting = self.env["delivery.parcel"].search(
            [
                ("reference", "in", searched),
                ("state", "in", ("draft", "requested", "unclear")),
            ]
        )
        return ~Domain("reference", "in", waiting.mapped("reference"))

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
                    # The parcels of one shipment have the same.
                    list(dict.fromkeys(filter(None, self.mapped("remote_ref")))),
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
        self._note_concepts(
            [parcel._prepare_concept(parcel.remote_ref) for parcel in announced]
        )
        announced._record({"remote_ref": False, "announced_digest": False})
        self.env.ref("amazon_carrier_connector.cron_delete_concepts").sudo()._trigger()

    def _prepare_concept(self, remote_ref=False):
        return {
            "company_id": self.company_id.id,
            "carrier_id": self.carrier_id.id,
            "reference": self.reference,
            "remote_ref": remote_ref,
        }

    @api.model
    def _note_concepts(self, values):
        # Nobody needs to see them who may cancel a parcel.
        self.env["delivery.parcel.concept"].sudo().create(values)

    def _expect_doubles(self):
        """What was looked for and announced anew may turn up at the carrier after all.

        Of all concepts under one reference one is bought, and the others are deleted
        once it is.
        """
        announced = self.filtered(lambda p: p.state in ("requested", "refused"))
        self._note_concepts([parcel._prepare_concept() for parcel in announced])

    @api.model
    def _give_up_forgotten(self):
        """Nobody goes on with these, it seems; who does announces them anew."""
        begin = fields.Datetime.now() - FORGOTTEN_AFTER
        self.search(
            [
                ("state", "=", "draft"),
                ("remote_ref", "!=", False),
                ("write_date", "<", begin),
            ]
        )._begin_anew()
        self.env["ir.cron"]._commit_progress()

    def unlink(self):
        self._give_up_concepts()
        return super().unlink()

    def _begin_anew(self):
        """Give up what was announced, and the reference with it.

        Whatever the carrier has under the old one, it is never taken for the new one.
        """
        announced = self.filtered(lambda p: p.remote_ref or p.announced_digest)
        announced._give_up_concepts()
        for parcel in announced:
            reference = self._prepare_reference(parcel.picking_id)
            parcel._record({"reference": reference})

"""A confirmation without Amazon's code of its carrier waits for that code."""

from odoo import api, fields, models


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    is_unmapped = fields.Boolean(
        string="Carrier Code Missing",
        readonly=True,
        copy=False,
        help="It goes on by itself as soon as the delivery method has Amazon's code of"
        " its carrier.",
    )

    # === ACTION METHODS === #

    def action_add_carrier_code(self):
        """Open the code of this delivery method, proposed from its name."""
        self.ensure_one()
        return self.carrier_id.action_add_amazon_code()

    # === BUSINESS METHODS === #

    def _freeze(self, mapping):
        self._record({"is_unmapped": not mapping})
        return super()._freeze(mapping) if mapping else self._describe_missing_code()

    def _describe_missing_code(self):
        self.ensure_one()
        if not self.carrier_id:
            return self.env._(
                "The delivery had no delivery method, so nobody knows who moves the"
                " parcel. Choose the delivery method here and retry."
            )
        return self.env._(
            "Amazon's code for %(carrier)s at %(market)s is missing. Add it under"
            " Configuration > Carrier Codes: what waits for it is then pushed.",
            carrier=self.carrier_id.name,
            market=self.order_id.market_id.name,
        )

    @api.model
    def _resume_unmapped(self, carriers):
        """Push what waited for a code of these delivery methods and has one now.

        What was in a confirmation file before stays for another one.
        """
        waiting = self.search(
            [
                ("state", "=", "failed"),
                ("is_unmapped", "=", True),
                ("file_id", "=", False),
                ("carrier_id", "in", carriers.ids),
            ]
        )
        mappings = self.env["amazon.carrier.mapping"]._find_all(
            waiting.carrier_id, waiting.order_id.market_id
        )
        waiting = waiting.filtered(
            lambda item: mappings[item.carrier_id, item.order_id.market_id]
        )
        if waiting:
            waiting.action_retry()

"""What is in the parcel, as Amazon is told it."""

from datetime import timezone

from odoo import models
from odoo.fields import Command

from ..amazon.selling_partner import ConfirmedItem, ShipmentConfirmation


class AmazonShipmentConfirmation(models.Model):
    _inherit = "amazon.shipment.confirmation"

    def _prepare_requests(self):
        """Freeze the quantities of each and build what is sent.

        :return: pairs of confirmation and request; those that a person must mend
            first are failed and left out
        """
        mappings = self.env["amazon.carrier.mapping"]._find_all(
            self.carrier_id, self.order_id.market_id
        )
        ready = []
        for confirmation in self:
            mapping = mappings[confirmation.carrier_id, confirmation.order_id.market_id]
            problem = confirmation._freeze(mapping)
            if problem:
                confirmation._fail(problem)
            elif not confirmation.line_ids:
                confirmation._leave_out(
                    self.env._("Nothing of this order is in the parcel.")
                )
            else:
                request = confirmation._prepare_confirmation(mapping)
                ready.append((confirmation, request))
        return ready

    def _freeze(self, mapping):
        """Fix the quantities before the first attempt: later ones say the same.

        The carrier's code is not frozen: a person may correct it and send again.

        :return: what a person must do first, or None
        """
        self.ensure_one()
        values = {
            "carrier_code": mapping.carrier_code,
            "carrier_name": mapping.carrier_name,
        }
        if not self.line_ids:
            values["line_ids"] = [
                Command.create({"item_id": item.id, "quantity": quantity})
                for item, quantity in self._count_items().items()
            ]
        self._record(values)
        return None

    def _count_items(self):
        """What of the order is in this parcel.

        :return: whole pieces by order item
        :rtype: dict[amazon.order.item, int]
        """
        # Filtered, which reads for all parcels at once: an intersection would not.
        items = self.picking_id.move_ids.amazon_item_id.filtered(
            lambda item: item.order_id == self.order_id
        )
        counts = {
            item: item._get_shipped_quantity(self.picking_id, self.package_id)
            for item in items
        }
        return {item: quantity for item, quantity in counts.items() if quantity > 0}

    def _prepare_confirmation(self, mapping):
        return ShipmentConfirmation(
            order_ref=self.order_id.name,
            marketplace_ref=self.order_id.market_id.marketplace_ref,
            package_ref=str(self.id),
            carrier_code=mapping.carrier_code,
            carrier_name=mapping.carrier_name or "",
            shipping_method=mapping.shipping_method or "",
            tracking_number=self.tracking_number,
            ship_date=self.ship_date.replace(tzinfo=timezone.utc),
            items=tuple(
                ConfirmedItem(line.item_id.item_ref, line.quantity)
                for line in self.line_ids
            ),
        )

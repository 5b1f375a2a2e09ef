from odoo import api, models


class AmazonOrder(models.Model):
    """Delivery methods of deliveries that change: rules ask for weights and places."""

    _inherit = "amazon.order"

    @api.model
    def _filter_chosen_by_rule(self, pickings):
        """The deliveries whose method and parcel type no person has chosen."""
        pickings = pickings.filtered(lambda picking: len(picking.amazon_order_ids) == 1)
        chosen = {picking: _get_choice(picking) for picking in pickings}
        self._choose_carriers_again(pickings)
        touched = pickings.filtered(
            lambda picking: _get_choice(picking) != chosen[picking]
        )
        for (carrier, parcel_type), group in touched.grouped(chosen.get).items():
            group.write({"carrier_id": carrier.id, "parcel_type_id": parcel_type.id})
        return pickings - touched

    @api.model
    def _choose_carriers_again(self, pickings):
        # What does not fit any more must not stay when nothing else fits.
        pickings.write({"carrier_id": False, "parcel_type_id": False})
        orders = self.browse().concat(
            *(picking.amazon_order_ids for picking in pickings)
        )
        orders._choose_carriers(pickings)


def _get_choice(picking):
    return picking.carrier_id, picking.parcel_type_id

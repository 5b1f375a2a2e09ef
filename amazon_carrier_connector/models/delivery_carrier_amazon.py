"""A delivery method knows how Amazon calls who moves its parcels."""

from odoo import api, fields, models


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    amazon_mapping_ids = fields.One2many(
        "amazon.carrier.mapping",
        "carrier_id",
        string="Carrier Codes at Amazon",
        groups="amazon_carrier_connector.group_amazon_user",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        carriers = super().create(vals_list)
        carriers._map_known_carrier()
        return carriers

    def write(self, vals):
        known = {carrier: carrier._get_known_carrier() for carrier in self}
        result = super().write(vals)
        others = self.filtered(
            lambda carrier: carrier._get_known_carrier() != known[carrier]
        )
        # Their codes name the carrier that moved the parcels before. Who may edit
        # delivery methods need not be one of Amazon's people.
        others.sudo().amazon_mapping_ids.unlink()
        others._map_known_carrier()
        return result

    # === ACTION METHODS === #

    def action_add_amazon_code(self):
        """Open a new code of this delivery method, proposed from its name."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Carrier Code at Amazon"),
            "res_model": "amazon.carrier.mapping",
            "view_mode": "form",
            "target": "new",
            "context": {"default_carrier_id": self.id},
        }

    # === BUSINESS METHODS === #

    def _get_known_carrier(self):
        """Who moves the parcels, where the provider's own settings tell it, else ""."""
        self.ensure_one()
        method = f"_{self.delivery_type}_get_carrier_name"
        return getattr(self, method)() if hasattr(self, method) else ""

    def _get_moving_carrier(self):
        """The same, or the name of the delivery method, from which people guess it."""
        self.ensure_one()
        return self._get_known_carrier() or self.name or ""

    def _map_known_carrier(self):
        """Write the code where it is known who moves the parcels.

        A name that was guessed from is only proposed to people: a wrong carrier costs
        the seller's account.
        """
        # The same people as in `write`.
        carriers = self.sudo().filtered(
            lambda carrier: carrier._get_known_carrier()
            and not carrier.amazon_mapping_ids
        )
        nowhere = self.env["amazon.market"]
        codes = {
            name: self.env["amazon.carrier.code"].sudo()._propose(name, nowhere)
            for name in {carrier._get_known_carrier() for carrier in carriers}
        }
        self.env["amazon.carrier.mapping"].sudo().create(
            [
                {"carrier_id": carrier.id, **code._prepare_mapping_values()}
                for carrier in carriers
                if (code := codes[carrier._get_known_carrier()])
            ]
        )

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..carriers.gls_options import goes_to_shop

PARCEL_SHOP_FIELDS = ("parcel_shop_ref", "parcel_shop_name", "parcel_shop_address")


class StockPicking(models.Model):
    """The parcel shop where the recipient of a delivery gets the parcel."""

    _inherit = "stock.picking"

    parcel_shop_ref = fields.Char(string="Parcel Shop Number", readonly=True)
    parcel_shop_name = fields.Char(string="Parcel Shop", readonly=True)
    parcel_shop_address = fields.Char(readonly=True)
    parcel_shop_wanted = fields.Boolean(compute="_compute_parcel_shop_wanted")

    @api.depends(
        "carrier_id",
        "amazon_choice",
        "label_parcel_shop",
        "carrier_id.label_parcel_shop",
    )
    def _compute_parcel_shop_wanted(self):
        for picking in self:
            picking.parcel_shop_wanted = goes_to_shop(picking._get_label_options())

    def action_choose_parcel_shop(self):
        """Ask the carrier for the shops near the recipient, and open them.

        :raises UserError: when there is a label already, or the carrier does not say
        """
        self.ensure_one()
        if self._has_living_label():
            raise UserError(
                self.env._(
                    "%s has a label already. Cancel its parcel to send it to a shop.",
                    self.name,
                )
            )
        contact = self.partner_id
        wizard = self.env["gls.parcel.shop.wizard"].create(
            {"picking_id": self.id, "zip": contact.zip, "city": contact.city}
        )
        return wizard.action_search()

    def _forget_parcel_shops(self):
        """The recipients live elsewhere now: a person chooses again."""
        self.filtered(
            lambda picking: picking.parcel_shop_ref
            and picking.state not in ("done", "cancel")
            and not picking._has_living_label()
        ).write(dict.fromkeys(PARCEL_SHOP_FIELDS, False))

    def _prepare_parcel_shop_values(self):
        self.ensure_one()
        return {name: self[name] for name in PARCEL_SHOP_FIELDS}

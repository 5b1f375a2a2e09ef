from dataclasses import replace

from odoo import fields, models
from odoo.fields import Command


class GlsParcelShopWizard(models.TransientModel):
    """The parcel shops near a recipient, of which a person chooses one."""

    _name = "gls.parcel.shop.wizard"
    _description = "Choose Parcel Shop"

    picking_id = fields.Many2one("stock.picking", required=True, ondelete="cascade")
    zip = fields.Char(string="Near Postal Code")
    city = fields.Char()
    line_ids = fields.One2many("gls.parcel.shop.wizard.line", "wizard_id")

    def action_search(self):
        """Ask GLS for the shops, and open them again.

        :raises UserError: when GLS does not say
        """
        self.ensure_one()
        picking, shops = self.picking_id, ()
        if self.zip:
            shops = picking.carrier_id._gls_nl_find_parcel_shops(
                picking.company_id, self._prepare_place()
            )
        self.line_ids = [
            Command.clear(),
            *(Command.create(self._prepare_line_values(shop)) for shop in shops),
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Choose Parcel Shop"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _prepare_place(self):
        """
        :return: the recipient's address, or only what a person entered instead
        :rtype: carriers.shipments.Recipient
        """
        address = self.picking_id._prepare_recipient()
        place = {"postal_code": self.zip or "", "city": self.city or ""}
        if address.postal_code != place["postal_code"]:
            place |= {"street": "", "number": ""}
        return replace(address, **place)

    def _prepare_line_values(self, shop):
        street = " ".join(filter(None, (shop.street, shop.number)))
        city = " ".join(filter(None, (shop.postal_code, shop.city)))
        return {
            "ref": shop.parcel_shop_id,
            "name": shop.name,
            "address": ", ".join(filter(None, (street, city))),
            "distance": round(shop.metres or 0),
        }


class GlsParcelShopWizardLine(models.TransientModel):
    _name = "gls.parcel.shop.wizard.line"
    _description = "Parcel Shop"

    wizard_id = fields.Many2one(
        "gls.parcel.shop.wizard", required=True, ondelete="cascade"
    )
    ref = fields.Char(string="Number", required=True)
    name = fields.Char()
    address = fields.Char()
    distance = fields.Integer(string="Distance (m)")

    def action_choose(self):
        """Keep this one on the delivery."""
        self.ensure_one()
        self.wizard_id.picking_id.write(
            {
                "parcel_shop_ref": self.ref,
                "parcel_shop_name": self.name,
                "parcel_shop_address": self.address,
            }
        )
        return {"type": "ir.actions.act_window_close"}

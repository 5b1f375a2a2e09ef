"""What the merchant has printed on the labels of a delivery method or a shop."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..carriers.label_texts import (
    PLACEHOLDERS,
    fill_label_text,
    unknown_placeholders,
)
from ..carriers.myparcel_payload import LENGTHS

DEFAULT_TEXT = "[ORDER_ID]"


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    label_text = fields.Char(
        string="Text on the Label",
        help="[ORDER_ID], [PRODUCT_SKU], [PRODUCT_QTY] and [DELIVERY] are filled in."
        " Cut at 45 characters. Empty: that of the shop, else the order id.",
    )

    @api.constrains("label_text")
    def _check_label_text(self):
        for carrier in self:
            check_label_text(self.env, carrier.label_text)

    def _get_label_text(self, parcel):
        """
        :rtype: str
        """
        picking = parcel.picking_id
        lines = picking.move_line_ids
        moves = picking.move_ids
        if parcel.package_id:
            packed = lines.filtered(lambda x: x.result_package_id == parcel.package_id)
            moves = packed.move_id
            quantity = sum(packed.mapped("quantity"))
        else:
            quantity = sum(moves.mapped("product_uom_qty"))
        values = {
            "ORDER_ID": ", ".join(picking.amazon_order_ids.mapped("name"))
            or picking.origin
            or picking.name,
            "PRODUCT_SKU": ", ".join(dict.fromkeys(map(_get_sku, moves))),
            "PRODUCT_QTY": f"{quantity:g}",
            "DELIVERY": picking.name,
        }
        template = self.label_text or picking.amazon_shop_id.label_text or DEFAULT_TEXT
        return fill_label_text(template, values, LENGTHS["label_description"])


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    label_text = fields.Char(
        string="Text on the Label",
        help="[ORDER_ID], [PRODUCT_SKU], [PRODUCT_QTY] and [DELIVERY] are filled in."
        " Cut at 45 characters. Empty: the order id. A text of the delivery method"
        " goes before.",
    )

    @api.constrains("label_text")
    def _check_label_text(self):
        for shop in self:
            check_label_text(self.env, shop.label_text)


def check_label_text(env, text):
    """
    :raises ValidationError: names what is no placeholder
    """
    if unknown := unknown_placeholders(text or ""):
        raise ValidationError(
            env._(
                "The text on the label knows %(known)s, not %(unknown)s.",
                known=", ".join(f"[{name}]" for name in PLACEHOLDERS),
                unknown=", ".join(f"[{name}]" for name in unknown),
            )
        )


def _get_sku(move):
    return (
        move.amazon_item_id.sku
        or move.product_id.default_code
        or move.product_id.display_name
    )

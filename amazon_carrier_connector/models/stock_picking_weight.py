"""The weight that a label says of a parcel, in kilograms."""

from odoo import api, fields, models
from odoo.tools import float_compare


class StockPicking(models.Model):
    _inherit = "stock.picking"

    typed_parcel_weight = fields.Float(
        digits="Stock Weight",
        copy=False,
        help="In kg. Core reckons its own weight for shipping anew when it reserves.",
    )
    parcel_weight = fields.Float(
        string="Weight (kg)",
        digits="Stock Weight",
        compute="_compute_parcel_weight",
        inverse="_inverse_parcel_weight",
        help="What the label says of a parcel that is not packed: typed, else that of"
        " the products, else the shop's default.",
    )

    @api.depends(
        "weight",
        "shipping_weight",
        "weight_bulk",
        "typed_parcel_weight",
        "amazon_shop_id.default_weight",
    )
    def _compute_parcel_weight(self):
        no_package = self.env["stock.package"]
        for picking in self:
            picking.parcel_weight = picking._get_parcel_weight(no_package)

    def _inverse_parcel_weight(self):
        for picking in self:
            weight = picking.parcel_weight
            picking.typed_parcel_weight = weight
            # What was typed there before does not count any more.
            picking.shipping_weight = self._convert_from_kilograms(weight)

    def _get_parcel_weight(self, package):
        """Weight in kg: of the package, else what a person typed for the delivery, else
        of the products, else the shop's default.
        """
        typed = self._get_typed_weight()
        if package:
            # Without the delivery it is the weight of what lies in stock already.
            packed = package.with_context(picking_id=self.id)
            weight = packed.shipping_weight or packed.weight
        elif self.typed_parcel_weight and not typed:
            return self.typed_parcel_weight
        else:
            weight = typed or self.weight
        return self.amazon_shop_id._get_parcel_weight(weight)

    @api.model
    def _convert_to_kilograms(self, weight):
        """A weight of products, which may be in pounds."""
        unit, kilogram = self._get_weight_units()
        return unit._compute_quantity(weight, kilogram, round=False) if unit else weight

    @api.model
    def _convert_from_kilograms(self, weight):
        unit, kilogram = self._get_weight_units()
        return kilogram._compute_quantity(weight, unit, round=False) if unit else weight

    @api.model
    def _get_weight_units(self):
        """
        :return: the unit of products' weights and the kilogram; none when they are one
        :rtype: tuple[uom.uom, uom.uom]
        """
        # As core finds the unit, which costs queries at each delivery.
        parameter = self.env["ir.config_parameter"].sudo()
        if parameter.get_param("product.weight_in_lbs") != "1":
            return self.env["uom.uom"], self.env["uom.uom"]
        template = self.env["product.template"]
        return (
            template._get_weight_uom_id_from_ir_config_parameter(),
            self.env.ref("uom.product_uom_kgm"),
        )

    def _get_typed_weight(self):
        """Core's weight for shipping where it is not what core reckons, else 0.

        What core reckons is what is reserved, on a draft nothing.
        """
        self.ensure_one()
        field = self._fields["shipping_weight"]
        digits = field.get_digits(self.env)[1]
        is_reckoned = not float_compare(
            self.shipping_weight, self.weight_bulk, precision_digits=digits
        )
        return 0.0 if is_reckoned else self.shipping_weight

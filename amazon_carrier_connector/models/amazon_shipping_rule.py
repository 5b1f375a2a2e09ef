from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AmazonShippingRule(models.Model):
    """Conditions that choose how an order is shipped; the first that fits decides.

    An empty condition fits every order.
    """

    _name = "amazon.shipping.rule"
    _description = "Amazon Shipping Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    shop_ids = fields.Many2many("amazon.shop", string="Shops", check_company=True)
    market_ids = fields.Many2many("amazon.market", string="Markets")
    country_ids = fields.Many2many("res.country", string="Countries")
    country_group_ids = fields.Many2many("res.country.group", string="Country Groups")
    zip_prefixes = fields.Char(
        string="Postal Codes", help="Beginnings of postal codes, separated by commas."
    )
    weight_min = fields.Float(string="Weight from (kg)", digits="Stock Weight")
    weight_max = fields.Float(
        string="Weight up to (kg)", digits="Stock Weight", help="0: no limit."
    )
    quantity_min = fields.Integer(string="Pieces from")
    quantity_max = fields.Integer(string="Pieces up to", help="0: no limit.")
    skus = fields.Char(
        string="SKUs",
        help="Separated by commas. Fits when one of the items has one of them.",
    )
    product_tag_ids = fields.Many2many("product.tag", string="Product Tags")
    service_levels = fields.Char(help="As Amazon writes them, separated by commas.")
    prime = fields.Selection([("yes", "Only Prime"), ("no", "Not Prime")])
    business = fields.Selection([("yes", "Only business"), ("no", "Not business")])
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        check_company=True,
        help="Empty: the delivery is left without one, so that a person decides.",
    )
    package_type_id = fields.Many2one("stock.package.type", string="Parcel Type")

    @api.constrains("weight_min", "weight_max", "quantity_min", "quantity_max")
    def _check_ranges(self):
        for rule in self:
            for least, most in (
                (rule.weight_min, rule.weight_max),
                (rule.quantity_min, rule.quantity_max),
            ):
                if least < 0 or most < 0 or (most and most < least):
                    raise ValidationError(
                        self.env._("Rule %s: a range ends before it begins.", rule.name)
                    )

    def _find(self, order, picking):
        """The first of these rules that fits an order, or an empty recordset."""
        return next(
            (rule for rule in self if rule._fits(order, picking)), self.browse()
        )

    def _fits(self, order, picking):
        self.ensure_one()
        return self.company_id == order.company_id and all(
            getattr(self, f"_fits_{condition}")(order, picking)
            for condition in (
                "places",
                "zip",
                "weight",
                "quantity",
                "products",
                "service",
                "flags",
            )
        )

    def _fits_places(self, order, picking):
        country = picking.partner_id.country_id
        countries = self.country_ids | self.country_group_ids.country_ids
        return (
            (not self.shop_ids or order.shop_id in self.shop_ids)
            and (not self.market_ids or order.market_id in self.market_ids)
            and (
                not (self.country_ids or self.country_group_ids) or country in countries
            )
        )

    def _fits_zip(self, order, picking):
        prefixes = tuple(_split(self.zip_prefixes))
        postal_code = (picking.partner_id.zip or "").replace(" ", "").upper()
        return not prefixes or postal_code.startswith(prefixes)

    def _fits_weight(self, order, picking):
        return self._in_range(picking.weight, self.weight_min, self.weight_max)

    def _fits_quantity(self, order, picking):
        pieces = sum(order.item_ids.mapped("quantity_to_ship"))
        return self._in_range(pieces, self.quantity_min, self.quantity_max)

    @staticmethod
    def _in_range(value, least, most):
        return value >= least and (not most or value <= most)

    def _fits_products(self, order, picking):
        skus = set(_split(self.skus))
        tags = self.product_tag_ids
        return (not skus or bool(skus & {_fold(i.sku) for i in order.item_ids})) and (
            not tags or bool(tags & order.item_ids.product_id.all_product_tag_ids)
        )

    def _fits_service(self, order, picking):
        levels = set(_split(self.service_levels))
        return not levels or _fold(order.service_level or "") in levels

    def _fits_flags(self, order, picking):
        return all(
            not wanted or (wanted == "yes") == flag
            for wanted, flag in (
                (self.prime, order.is_prime),
                (self.business, order.is_business),
            )
        )


def _fold(text):
    return "".join(text.split()).upper()


def _split(text):
    return [_fold(part) for part in (text or "").split(",") if part.strip()]

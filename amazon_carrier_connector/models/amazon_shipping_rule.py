from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.models import BaseModel

from ..amazon.shipping_rules import Conditions, split_list

FLAGS = {False: None, "yes": True, "no": False}


class RuleMatch(NamedTuple):
    """The rule that fits an order, and ``Conditions.explain``; empty for none."""

    rule: BaseModel
    reasons: list[tuple[str, object]]


class AmazonShippingRule(models.Model):
    """Conditions that choose how an order is shipped; the first that fits decides.

    An empty condition fits every order.
    """

    _name = "amazon.shipping.rule"
    _description = "Amazon Shipping Rule"
    _inherit = ["delivery.label.options"]
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
        help="Empty: that of the shop, else that of the company.",
    )
    delivery_type = fields.Selection(related="carrier_id.delivery_type")
    myparcel_carrier = fields.Selection(related="carrier_id.myparcel_carrier")
    package_type_id = fields.Many2one("stock.package.type", string="Parcel Type")
    hold = fields.Boolean(
        help="The delivery gets no label and cannot be validated until a person"
        " releases it."
    )

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

    @api.model
    def _get_label_option_attributes(self, known):
        return {"placeholder": self.env._("As the delivery method")}

    @api.model
    def _get_label_option_invisible(self, known):
        # Without a delivery method it may be any: the shop's or the company's.
        return f"delivery_type and ({super()._get_label_option_invisible(known)})"

    def _find_for_all(self, all_facts):
        """The first of these rules that fits each order.

        :param all_facts: ``amazon.shipping_rules.ShippingFacts`` per order, None for
            an order that follows no rules
        :return: one per order, in their order
        :rtype: list[RuleMatch]
        """
        conditions = [(rule, rule._get_conditions()) for rule in self]
        nothing = RuleMatch(self.browse(), [])
        return [
            next(
                (
                    RuleMatch(rule, wanted.explain(facts))
                    for rule, wanted in conditions
                    if facts and wanted.fits(facts)
                ),
                nothing,
            )
            for facts in all_facts
        ]

    def _get_conditions(self):
        """
        :rtype: amazon.shipping_rules.Conditions
        """
        self.ensure_one()
        has_countries = self.country_ids or self.country_group_ids
        countries = self.country_ids | self.country_group_ids.country_ids
        return Conditions(
            company_id=self.company_id.id,
            shop_ids=frozenset(self.shop_ids.ids),
            market_ids=frozenset(self.market_ids.ids),
            country_ids=frozenset(countries.ids) if has_countries else None,
            postal_prefixes=split_list(self.zip_prefixes or ""),
            weight_min=self.weight_min,
            weight_max=self.weight_max,
            quantity_min=self.quantity_min,
            quantity_max=self.quantity_max,
            skus=frozenset(split_list(self.skus or "")),
            tag_ids=frozenset(self.product_tag_ids.ids),
            service_levels=frozenset(split_list(self.service_levels or "")),
            is_prime=FLAGS[self.prime],
            is_business=FLAGS[self.business],
        )

from typing import NamedTuple

from odoo import models
from odoo.models import BaseModel


class Shipping(NamedTuple):
    """``level`` is whose delivery method it is: "rule", "shop", "company" or ""."""

    level: str
    carrier: BaseModel
    package_type: BaseModel


class AmazonShippingRule(models.Model):
    """What a rule, or none, makes of a delivery; ``self`` is empty for none."""

    _inherit = "amazon.shipping.rule"

    def _get_shipping(self, shop):
        """The delivery method of the rule, else of the shop, else of the company.

        The parcel type is the nearest one up to whose delivery method it is.

        :rtype: Shipping
        """
        company = shop.company_id
        package_type = self.env["stock.package.type"]
        for level, carrier, its_type in (
            ("rule", self.carrier_id, self.package_type_id),
            ("shop", shop.carrier_id, shop.package_type_id),
            ("company", company.amazon_carrier_id, company.amazon_package_type_id),
        ):
            package_type = package_type or its_type
            if carrier:
                return Shipping(level, carrier, package_type)
        return Shipping("", self.carrier_id, package_type.browse())

    def _prepare_choice(self, shop, picking, reasons):
        """
        :param reasons: why the rule fits
        :return: values of the delivery that can be written as JSON
        :rtype: dict
        """
        shipping = self._get_shipping(shop)
        # Warehouse staff may not read all of its conditions.
        accepted = shipping.carrier.sudo().available_carriers(
            picking.partner_id, picking
        )
        carrier_id = accepted.id
        package_type_id = bool(accepted) and shipping.package_type.id
        is_new = not self or picking.amazon_rule_id != self
        return {
            "carrier_id": carrier_id,
            "parcel_type_id": package_type_id,
            "amazon_rule_id": self.id,
            # What a person released stays so.
            "amazon_on_hold": self.hold and (is_new or picking.amazon_on_hold),
            "amazon_choice": {
                "rule": self.name,
                "reasons": reasons,
                "applies_rules": shop.apply_rules,
                "level": shipping.level,
                "refused_id": bool(not accepted) and shipping.carrier.id,
                "carrier_id": carrier_id,
                "package_type_id": package_type_id,
                "options": self._get_own_label_options(),
            },
        }

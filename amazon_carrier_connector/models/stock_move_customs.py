from odoo import fields, models

from ..carriers.customs import Content

HS_CODE, ORIGIN = "customs_hs_code", "customs_origin_id"


class StockMove(models.Model):
    """What customs are told of a product in a parcel."""

    _inherit = "stock.move"

    def _prepare_customs_content(self, quantity):
        """
        :param quantity: what of it is in the parcel, in the unit of the move
        :rtype: carriers.customs.Content
        """
        self.ensure_one()
        # Customs of other countries read English best; what has no translation comes
        # as it was typed.
        product = self.product_id.with_context(lang="en_US")
        price, unconverted = self._get_customs_price()
        return Content(
            product=product.display_name,
            description=self._get_customs_description(product),
            quantity=self.product_uom._compute_quantity(
                quantity, product.uom_id, round=False
            ),
            unit_price=price,
            unit_grams=self._get_unit_grams(),
            hs_code=product.hs_code or self._get_customs_default(HS_CODE) or "",
            origin=(product.country_of_origin or self._get_customs_default(ORIGIN)).code
            or "",
            unconverted=unconverted,
        )

    def _get_customs_description(self, product):
        placeholder = self.env.ref(
            "amazon_carrier_connector.product_placeholder", raise_if_not_found=False
        )
        if product == placeholder:
            return self.amazon_item_id.title or ""
        return product.name

    def _get_customs_default(self, name):
        """That of the nearest category that has one, else of the shop."""
        category = self.product_id.categ_id
        while category and not category[name]:
            category = category.parent_id
        return category[name] or self.picking_id.amazon_shop_id[name]

    def _get_unit_grams(self):
        kilograms = self.env["stock.picking"]._convert_to_kilograms(
            self.product_id.weight
        )
        return kilograms * 1000

    # === VALUE === #

    def _get_customs_price(self):
        """What one unit of the product is worth: what it was sold for, else its price.

        :return: the price in euros, and "", or 0 and the currency that has no rate
        :rtype: tuple[float, str]
        """
        company = self.company_id
        product = self.product_id.with_company(company)
        price, currency = self._get_sold_price(), self.amazon_item_id.currency_id
        if not price:
            price, currency = product.lst_price, product.currency_id
        euro = self.env.ref("base.EUR")
        if currency != euro and price:
            for known in currency | euro:
                if not _has_rate(known, company):
                    return 0.0, known.name
        today = fields.Date.context_today(self)
        return currency._convert(price, euro, company, today, round=False), ""

    def _get_sold_price(self):
        """The price at which Amazon sold one unit of the product; 0 when unknown.

        A kit was sold as one piece: its components share the price by their own.
        """
        item = self.amazon_item_id
        if not item.unit_price or not self._is_kit_component():
            return item.unit_price
        needs = item._get_kit_needs()
        if self.bom_line_id not in needs:
            # The bill of materials was changed: nobody knows the share.
            return 0.0
        prices = {line: line.product_id.lst_price for line in needs}
        whole = sum(need * prices[line] for line, need in needs.items())
        if not whole:
            return item.unit_price / sum(needs.values())
        return item.unit_price * self.product_id.lst_price / whole


def _has_rate(currency, company):
    """Whether amounts can be converted: core takes 1 where no rate was entered."""
    return currency == company.currency_id or any(
        not rate.company_id or rate.company_id == company.root_id
        for rate in currency.rate_ids
    )

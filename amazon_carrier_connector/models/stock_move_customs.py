from odoo import fields, models

from ..carriers.customs import Content

HS_CODE, ORIGIN = "customs_hs_code", "customs_origin_id"


class StockMove(models.Model):
    """What customs are told of a product in a parcel."""

    _inherit = "stock.move"

    def _prepare_customs_contents(self, quantity):
        """One for the product; one for each component of a kit, as they leave.

        :param quantity: what of it is in the parcel, in the unit of the move
        :rtype: list[carriers.customs.Content]
        """
        self.ensure_one()
        pieces = self.product_uom._compute_quantity(
            quantity, self.product_id.uom_id, round=False
        )
        needs = {} if self._is_kit_component() else self._get_customs_kit()
        if not needs:
            return [self._prepare_customs_content(self.product_id, pieces)]
        return [
            self._prepare_customs_content(line.product_id.sudo(False), pieces * need)
            for line, need in needs.items()
        ]

    def _prepare_customs_content(self, product, pieces):
        # Customs of other countries read English best; what has no translation comes
        # as it was typed.
        product = product.with_context(lang="en_US")
        price, unconverted = self._get_customs_price(product)
        return Content(
            product=product.display_name,
            description=self._get_customs_description(product),
            quantity=pieces,
            unit_price=price,
            unit_grams=1000
            * self.env["stock.picking"]._convert_to_kilograms(product.weight),
            hs_code=product.hs_code
            or self._get_customs_default(product, HS_CODE)
            or "",
            origin=(
                product.country_of_origin or self._get_customs_default(product, ORIGIN)
            ).code
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

    def _get_customs_default(self, product, name):
        """That of the nearest category that has one, else of the shop."""
        category = product.categ_id
        while category and not category[name]:
            category = category.parent_id
        return category[name] or self.picking_id.amazon_shop_id[name]

    # === VALUE === #

    def _get_customs_price(self, product):
        """What one unit of the product is worth: what it was sold for, else its price.

        :return: the price in euros, and "", or 0 and the currency that has no rate
        :rtype: tuple[float, str]
        """
        company = self.company_id
        product = product.with_company(company)
        currency = self.amazon_item_id.currency_id
        price = self._get_sold_price(product)
        if not price:
            price, currency = product.lst_price, product.currency_id
        euro = self.env.ref("base.EUR")
        if currency != euro and price:
            for known in currency | euro:
                if not has_rate(known, company):
                    return 0.0, known.name
        today = fields.Date.context_today(self)
        return currency._convert(price, euro, company, today, round=False), ""

    def _get_sold_price(self, product):
        """The price at which Amazon sold one unit of the product; 0 when unknown.

        A kit was sold as one piece: its components share the price by their own.
        """
        price = self.amazon_item_id.unit_price
        needs = self._get_customs_kit() if price else {}
        if not needs:
            return price
        if product.id not in [line.product_id.id for line in needs]:
            # The bill of materials was changed: nobody knows the share.
            return 0.0
        whole = sum(line.product_id.lst_price * need for line, need in needs.items())
        return price * (product.lst_price / whole if whole else 1 / sum(needs.values()))

    def _get_customs_kit(self):
        """What one kit needs, when the item is a kit: of components, or of a draft.

        :rtype: dict[mrp.bom.line, float]
        """
        could_be_kit = self._is_kit_component() or (
            "bom_line_id" in self._fields and self.state == "draft"
        )
        item = self.amazon_item_id
        return item._get_kit_needs() if item and could_be_kit else {}


def has_rate(currency, company):
    """Whether amounts can be converted: core takes 1 where no rate was entered."""
    return currency == company.currency_id or any(
        not rate.company_id or rate.company_id == company.root_id
        for rate in currency.rate_ids
    )

from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class AmazonShop(models.Model):
    """Which product a SKU of the shop stands for."""

    _inherit = "amazon.shop"

    listing_ids = fields.One2many("amazon.listing", "shop_id")
    sku_to_match_count = fields.Integer(
        string="SKUs to Match", compute="_compute_sku_to_match_count"
    )

    # === COMPUTE METHODS === #

    @api.depends("listing_ids.state")
    def _compute_sku_to_match_count(self):
        counts = dict(
            self.env["amazon.listing"]._read_group(
                [("shop_id", "in", self.ids), ("state", "=", "to_match")],
                ["shop_id"],
                ["__count"],
            )
        )
        for shop in self:
            shop.sku_to_match_count = counts.get(shop, 0)

    # === ACTION METHODS === #

    def action_view_skus_to_match(self):
        return self._open_records(
            "amazon_listing_to_match_action",
            [("shop_id", "=", self.id), ("state", "=", "to_match")],
        )

    # === FINDING PRODUCTS === #

    def _match_products(self, titles_by_sku):
        """The product of each SKU; what nobody knows is treated as the shop wants it.

        A SKU that is not known and not created gets a listing, for a person to choose
        its product.

        :param dict titles_by_sku: title of the item by SKU
        :return: product by SKU; SKUs that the shop's policy holds are absent
        :rtype: dict[str, product.product]
        """
        self.ensure_one()
        products = self._find_products(titles_by_sku)
        unknown = {
            sku: title for sku, title in titles_by_sku.items() if sku not in products
        }
        if not unknown:
            return products
        if self.unknown_sku_policy == "create":
            return products | self._create_products(unknown)
        self._remember_unknown(unknown)
        if self.unknown_sku_policy == "placeholder":
            products |= self._get_placeholders(unknown)
        return products

    def _find_products(self, skus):
        """Find the product of each SKU: listing, else internal reference, else barcode.

        Nothing is written.

        :return: product by SKU; unknown SKUs are absent
        :rtype: dict[str, product.product]
        """
        self.ensure_one()
        products = {
            listing.sku: listing.product_id
            for listing in self.env["amazon.listing"].search(
                Domain("shop_id", "=", self.id)
                & Domain("sku", "in", list(skus))
                & Domain("product_id", "any", self._get_shippable_domain())
            )
        }
        for field_name in ("default_code", "barcode"):
            missing = [sku for sku in skus if sku not in products]
            products.update(self._search_products(field_name, missing))
        return products

    def _search_products(self, field_name, values):
        if not values:
            return {}
        products = self.env["product.product"].search(
            Domain(field_name, "in", values) & self._get_shippable_domain()
        )
        # Reversed, so that the first in the model's order wins among equals.
        return {product[field_name]: product for product in reversed(products)}

    def _get_shippable_domain(self):
        """Products that can be in a delivery of the shop; a pairing may be outdated."""
        products = self.env["product.product"]
        return (
            Domain("active", "=", True)
            & Domain("type", "=", "consu")
            & Domain(products._check_company_domain(self.company_id))
        )

    def _get_placeholders(self, skus):
        """None when somebody has deleted the placeholder: the orders are held."""
        placeholder = self.env.ref(
            "amazon_carrier_connector.product_placeholder", raise_if_not_found=False
        )
        return dict.fromkeys(skus, placeholder) if placeholder else {}

    def _remember_unknown(self, titles_by_sku):
        """Make each of them a SKU to match; the caller holds the shop's lock."""
        listings = self.env["amazon.listing"]
        known = listings.search(
            [("shop_id", "=", self.id), ("sku", "in", list(titles_by_sku))]
        ).mapped("sku")
        listings.create(
            [
                {"shop_id": self.id, "sku": sku, "title": title}
                for sku, title in titles_by_sku.items()
                if sku not in known
            ]
        )

    def _create_products(self, titles_by_sku):
        """Create what is missing; warehouse staff may not write products themselves."""
        products = (
            self.env["product.product"]
            .sudo()
            .create(
                [
                    {
                        "name": title or sku,
                        "default_code": sku,
                        "type": "consu",
                        # Unknown; else it would be 1, and customs be told so.
                        "list_price": 0.0,
                        "company_id": self.company_id.id,
                    }
                    for sku, title in titles_by_sku.items()
                ]
            )
            .sudo(False)
        )
        return dict(zip(titles_by_sku, products, strict=True))

    # === CHOSEN PRODUCTS === #

    def _apply_products(self, products):
        """Give the open orders of the shop the products that were chosen.

        :param dict products: ``product.product`` by SKU
        :return: numbers of deliveries: ``updated``, ``created``, and ``left`` as they
            were because somebody has worked on them already
        :rtype: Counter
        :raises UserError: while an import, or somebody else, works with the shop
        """
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True):
            raise UserError(
                self.env._(
                    "Somebody else, or an import, is at work on the orders of shop %s."
                    " Try again in a moment.",
                    self.name,
                )
            )
        items = self.env["amazon.order.item"]
        wanted = items.search(items._get_open_domain(self, list(products))).filtered(
            lambda item: item.product_id != products[item.sku]
        )
        free = wanted._filter_product_changeable()
        updated = free._change_products(products)
        left = (wanted - free)._get_open_moves().picking_id
        held = free.filtered(lambda item: not item.move_ids).order_id
        created = held._create_held_deliveries()
        return Counter(
            updated=len(updated),
            created=len(created),
            left=len(left) + self._count_gone(products),
        )

    def _count_gone(self, products):
        """Deliveries, done or cancelled, that had another product for these SKUs."""
        pickings = self.env["stock.picking"]
        return pickings.search_count(
            Domain.OR(
                Domain(
                    "move_ids",
                    "any",
                    Domain("state", "in", ("done", "cancel"))
                    & Domain(
                        "amazon_item_id",
                        "any",
                        [
                            ("order_id.shop_id", "=", self.id),
                            ("sku", "=", sku),
                            ("product_id", "!=", product.id),
                        ],
                    ),
                )
                for sku, product in products.items()
            )
        )

from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class AmazonListing(models.Model):
    """A SKU of a shop, and the product it stands for as soon as a person says so.

    An import writes one for each SKU that it does not know. A product whose internal
    reference or barcode is the SKU needs none: a second place to say the same would be
    out of date with the first change of the product.
    """

    _name = "amazon.listing"
    _description = "Amazon Listing"
    _order = "sku, id"
    _rec_name = "sku"
    _check_company_auto = True

    shop_id = fields.Many2one(
        "amazon.shop", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    sku = fields.Char(string="SKU", required=True)
    title = fields.Char(readonly=True, help="As Amazon calls it.")
    product_id = fields.Many2one(
        "product.product",
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
        domain="[('type', '=', 'consu')]",
        help="Choosing it updates the open deliveries of the shop and is remembered.",
    )
    state = fields.Selection(
        selection=[("to_match", "To Match"), ("matched", "Matched")],
        string="Status",
        compute="_compute_state",
        search="_search_state",
        help="To match: without a product, or with one that cannot be shipped any"
        " more.",
    )
    open_order_count = fields.Integer(
        string="Open Orders", compute="_compute_open_counts"
    )
    open_quantity = fields.Integer(string="Open Pieces", compute="_compute_open_counts")

    _sku_uniq = models.UniqueIndex(
        "(shop_id, sku)", "This SKU is already paired with a product in this shop."
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        listings = super().create(vals_list)
        listings.filtered("product_id").action_update_deliveries()
        return listings

    def write(self, vals):
        res = super().write(vals)
        if not vals.keys().isdisjoint(("shop_id", "sku", "product_id")):
            self.filtered("product_id").action_update_deliveries()
        return res

    # === CONSTRAINTS === #

    @api.constrains("shop_id", "product_id")
    def _check_product(self):
        for listing in self.filtered("product_id"):
            # One of another company cannot be read by who chose it.
            product = listing.product_id.sudo()
            if not product.active:
                reason = self.env._("it is archived")
            elif product.type != "consu":
                reason = self.env._("only goods can be shipped")
            elif not product.filtered_domain(listing.shop_id._get_shippable_domain()):
                reason = self.env._(
                    "it belongs to another company than shop %s", listing.shop_id.name
                )
            else:
                continue
            raise ValidationError(
                self.env._(
                    "%(product)s cannot be chosen for SKU %(sku)s: %(reason)s. Choose"
                    " another product.",
                    product=product.display_name,
                    sku=listing.sku,
                    reason=reason,
                )
            )

    # === COMPUTE METHODS === #

    @api.depends("shop_id", "product_id.active", "product_id.type")
    def _compute_state(self):
        matched = self.filtered_domain(self._get_matched_domain())
        matched.state = "matched"
        (self - matched).state = "to_match"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        matched = self._get_matched_domain()
        by_state = {"matched": matched, "to_match": ~matched}
        return Domain.OR(by_state[state] for state in value if state in by_state)

    @api.model
    def _get_matched_domain(self):
        """A pairing may be outdated; what can be shipped depends on the shop."""
        return Domain.OR(
            Domain("shop_id", "=", shop.id)
            & Domain("product_id", "any", shop._get_shippable_domain())
            for shop in self.env["amazon.shop"]
            .with_context(active_test=False)
            .search([])
        )

    def _compute_open_counts(self):
        items = self.env["amazon.order.item"]
        self.open_order_count = self.open_quantity = 0
        for shop, listings in self.grouped("shop_id").items():
            by_sku = listings.grouped("sku")
            for sku, orders, pieces in items._read_group(
                items._get_open_domain(shop, list(by_sku)),
                ["sku"],
                ["order_id:count_distinct", "quantity_to_ship:sum"],
            ):
                by_sku[sku].open_order_count = orders
                by_sku[sku].open_quantity = pieces

    # === ACTION METHODS === #

    def action_update_deliveries(self):
        """Give the open orders of each shop the products, and say what came of it."""
        matched = self.filtered(lambda listing: listing.state == "matched")
        counts = sum(
            (
                shop._apply_products(
                    {listing.sku: listing.product_id for listing in listings}
                )
                for shop, listings in matched.grouped("shop_id").items()
            ),
            Counter(),
        )
        if counts:
            # A list that is edited in place takes no action as an answer.
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "info" if counts["left"] else "success",
                    "message": self._describe_update(counts),
                },
            )

    def _describe_update(self, counts):
        sentences = {
            "updated": self.env._("Deliveries updated: %s.", counts["updated"]),
            "created": self.env._("Deliveries created: %s.", counts["created"]),
            "left": self.env._(
                "Left as they are, because they are labelled, being packed, done or"
                " cancelled: %s.",
                counts["left"],
            ),
        }
        return " ".join(text for name, text in sentences.items() if counts[name])

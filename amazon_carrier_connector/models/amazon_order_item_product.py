from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import float_round

# So exact is the share of a kit that a component is.
KIT_DIGITS = 6


class AmazonOrderItem(models.Model):
    """The product of an item: its exchange, and the counting of kits."""

    _inherit = "amazon.order.item"

    # === CHANGE OF THE PRODUCT === #

    @api.model
    def _get_open_domain(self, shop, skus):
        """Items with these SKUs that have not left yet."""
        return (
            Domain("sku", "in", skus)
            & Domain("order_id.shop_id", "=", shop.id)
            & Domain("quantity_to_ship", ">", 0)
            & (
                Domain("move_ids", "=", False)
                | Domain("move_ids", "any", [("state", "not in", ("done", "cancel"))])
            )
        )

    def _get_open_moves(self):
        return self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))

    def _filter_product_changeable(self):
        """The items of which nobody has labelled, packed or moved anything."""
        fixed = self._get_open_moves().filtered(
            lambda move: not move._is_product_changeable()
        )
        return self - fixed.amazon_item_id

    def _change_products(self, products):
        """Exchange the product of items, and of what is to be delivered of them.

        :param dict products: ``product.product`` by SKU
        :return: the deliveries that changed
        """
        moves = self._get_open_moves()
        pickings = moves.picking_id
        confirmed = moves.filtered(lambda move: move.state != "draft").picking_id
        reserved = moves.filtered("quantity").picking_id
        by_rule = pickings._filter_chosen_by_rule()
        # Counts the kits that were, so it goes before their product.
        moves = moves._reset_to_items()
        moves_by_sku = moves.grouped(lambda move: move.amazon_item_id.sku)
        for sku, items in self.grouped("sku").items():
            product = products[sku]
            items._record({"product_id": product.id})
            moves_by_sku.get(sku, moves.browse()).write(
                {"product_id": product.id, "product_uom": product.uom_id.id}
            )
        # Confirming again explodes kits and does whatever else core does then.
        confirmed.action_confirm()
        reserved.move_ids._action_assign()
        self.order_id._choose_carriers_again(by_rule)
        return pickings

    # === PIECES OF AN ITEM === #

    def _get_shipped_quantity(self, picking, package):
        """Whole pieces of the item in a delivery, or in one package of it.

        A kit whose components leave apart has left with the last of them: with the
        later delivery, or the later package of one delivery.

        :param package: ``stock.package``; empty for all that is in the delivery
        :rtype: int
        """
        self.ensure_one()
        # One by one: a filtered recordset would not read for all deliveries at once.
        quantities = {
            move: move._get_leaving_quantity(package)
            for move in picking.move_ids
            if move.amazon_item_id == self and move.state != "cancel"
        }
        if not any(move._is_kit_component() for move in quantities):
            return self._count_pieces(quantities)
        moves = self.move_ids.browse().concat(*quantities)
        leaving = moves | self.move_ids.filtered(
            lambda move: move.state != "cancel"
            and move.picking_id.picking_type_id == picking.picking_type_id
            and move.picking_id.id < picking.id
        )
        before = {move: move._get_leaving_quantity() for move in leaving - moves}
        if package:
            packages = moves.move_line_ids.result_package_id.filtered(
                lambda other: other.id < package.id
            )
            if packages:
                before |= {move: move._get_leaving_quantity(packages) for move in moves}
        after = {
            move: before.get(move, 0) + quantities.get(move, 0) for move in leaving
        }
        return self._count_pieces(after) - self._count_pieces(before)

    def _count_pieces(self, quantities):
        """Whole pieces of the item that quantities of its moves make.

        :param dict quantities: quantity by ``stock.move``, in the unit of the move
        :rtype: int
        """
        self.ensure_one()
        plain, components = 0.0, defaultdict(float)
        for move, quantity in quantities.items():
            product = move.product_id
            quantity = move.product_uom._compute_quantity(
                quantity, product.uom_id, round=False
            )
            if move._is_kit_component():
                components[move.bom_line_id] += quantity
            else:
                plain += quantity
        return round(plain) + (self._count_kits(components) if components else 0)

    def _count_kits(self, components):
        """Whole kits that components make; as core counts them for sales orders.

        Core's own method takes the quantities from the moves, and cannot count one
        package of a delivery.

        :param dict components: quantity by ``mrp.bom.line``, in its product's unit
        """
        needs = self._get_kit_needs()
        shares = [
            float_round(components[line] / need, precision_digits=KIT_DIGITS)
            for line, need in needs.items()
            # A line that came into the bill of materials afterwards is in no delivery.
            if need and line in self.move_ids.bom_line_id
        ]
        return int(min(shares, default=0))

    def _get_kit_needs(self):
        """
        :return: what one kit needs by ``mrp.bom.line``, in its product's unit
        :rtype: dict[mrp.bom.line, float]
        """
        # Warehouse staff may not read bills of materials.
        product = self.product_id.sudo()
        used = self.move_ids.sudo().bom_line_id.bom_id.filtered(
            lambda bom: bom.type == "phantom"
            and product in (bom.product_id or bom.product_tmpl_id.product_variant_ids)
        )
        # No move comes from it itself when all it has are kits.
        bom = (
            used[:1]
            or product.env["mrp.bom"]._bom_find(
                product, company_id=self.company_id.id, bom_type="phantom"
            )[product]
        )
        if not bom:
            return {}
        # As many as were ordered, because core rounds the whole quantity.
        kits = self.quantity_ordered or 1
        times = product.uom_id._compute_quantity(kits, bom.product_uom_id, round=False)
        needs = defaultdict(float)
        for line, values in bom.explode(product, times / bom.product_qty)[1]:
            needs[line] += (
                line.product_uom_id._compute_quantity(
                    values["qty"], line.product_id.uom_id, round=False
                )
                / kits
            )
        return needs

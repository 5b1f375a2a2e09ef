from odoo import api, fields, models

from .delivery_parcel import LIVING_STATES


class StockMove(models.Model):
    _name = "stock.move"
    _inherit = ["stock.move", "amazon.guarded.fields"]

    _written_by_programs = frozenset(("amazon_item_id", "amazon_merged_from_id"))

    amazon_item_id = fields.Many2one(
        "amazon.order.item",
        string="Amazon Order Item",
        index="btree_not_null",
        ondelete="restrict",
        help="Kept on chained moves and backorders: what Amazon is told is counted"
        " from here.",
    )

    amazon_merged_from_id = fields.Many2one(
        "stock.picking",
        string="Merged From",
        index="btree_not_null",
        copy=False,
        help="The delivery of its own order, as long as it shares that of others.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """People split and copy the moves of an item, and give no other move one."""
        kept = [_get_kept_item(vals) for vals in vals_list]
        moves = super().create(
            [
                _leave_out_item(vals) if item is not None else vals
                for vals, item in zip(vals_list, kept, strict=True)
            ]
        )
        # Nobody writes it by hand.
        for move, item in zip(moves.sudo(), kept, strict=True):
            if item:
                move.amazon_item_id = item
        return moves

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "amazon_item_id" not in (default or {}):
            for vals, move in zip(vals_list, self, strict=True):
                # Core leaves out what it has copied already.
                if vals:
                    vals["amazon_item_id"] = move.amazon_item_id
        return vals_list

    # === BUSINESS METHODS === #

    def _change_delivery(self, picking):
        """Put open moves into another delivery, reserved as they were."""
        reserved = self.filtered("quantity")
        reserved._do_unreserve()
        self.picking_id = picking
        reserved._action_assign()

    def _get_leaving_quantity(self, packages=None):
        """How much of it is in the delivery's parcels, in its own unit of measure.

        :param packages: count what is in these packages only
        """
        self.ensure_one()
        if packages:
            return sum(
                line.product_uom_id._compute_quantity(
                    line.quantity, self.product_uom, round=False
                )
                for line in self.move_line_ids
                if line.result_package_id in packages
            )
        if self.state in ("done", "cancel"):
            return self.quantity
        policy = self.picking_id._get_stock_policy()
        if policy != "leave_out" or not any(
            self.picking_id.move_ids.mapped("quantity")
        ):
            # The shop ships what stock does not show, or nothing is reserved yet.
            return max(self.quantity, self.product_uom_qty)
        return self.quantity

    def _spread(self, wanted):
        """Let these moves of one product hold a quantity together; last ones give way.

        :return: those that changed and are not drafts
        """
        changed = self.browse()
        rest = wanted
        for position, move in enumerate(self, start=1):
            is_last = position == len(self)
            quantity = rest if is_last else min(rest, move.product_uom_qty)
            rest -= quantity
            if not quantity:
                move._action_cancel()
            elif move.product_uom.compare(quantity, move.product_uom_qty):
                move.product_uom_qty = quantity
                changed |= move
        return changed.filtered(lambda move: move.state != "draft")

    @api.model
    def _prepare_merge_moves_distinct_fields(self):
        # Two items of one product stay two moves: Amazon confirms per item.
        return super()._prepare_merge_moves_distinct_fields() + ["amazon_item_id"]

    # === CHANGE OF THE PRODUCT === #

    def _is_product_changeable(self):
        """Whether nobody has labelled, packed or moved anything of it yet."""
        self.ensure_one()
        picking = self.picking_id
        chained = (self.move_orig_ids | self.move_dest_ids).filtered(
            lambda move: move.state != "cancel"
        )
        return not (
            self.picked
            or chained
            or self.move_line_ids.result_package_id
            or picking.carrier_tracking_ref
            or any(parcel.state in LIVING_STATES for parcel in picking.parcel_ids)
        )

    def _is_kit_component(self):
        # The addon works without Manufacturing and counts its kits where it is used.
        return "bom_line_id" in self._fields and bool(self.bom_line_id)

    def _reset_to_items(self):
        """Unreserved drafts, one for all components of a kit.

        In draft the product may change; reservations hold the old one.
        """
        self._do_unreserve()
        self.state = "draft"
        return self - self._join_kits()

    def _join_kits(self):
        """Put one move, of whole kits, in the place of the moves of their components.

        :return: the moves that are gone
        """
        gone = self.browse()
        components = self.filtered(lambda move: move._is_kit_component())
        for (item, __), moves in components.grouped(
            lambda move: (move.amazon_item_id, move.picking_id)
        ).items():
            kits = item._count_pieces({move: move.product_uom_qty for move in moves})
            moves[0].write(
                {
                    "product_uom_qty": kits,
                    "bom_line_id": False,
                    "description_picking_manual": item._get_move_description(),
                }
            )
            gone |= moves[1:]
        # Warehouse staff may not delete moves; core deletes the kit's likewise.
        gone.sudo().unlink()
        return gone


def _get_kept_item(vals):
    """The item of the move that is copied, or of none: no remote call brings a record.

    :return: None for a number, which programs may give
    """
    item = vals.get("amazon_item_id", False)
    return item if not item or isinstance(item, models.BaseModel) else None


def _leave_out_item(vals):
    return {name: value for name, value in vals.items() if name != "amazon_item_id"}

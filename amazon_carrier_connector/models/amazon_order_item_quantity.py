from odoo import fields, models

from .order_changes import QuantityChange


class AmazonOrderItem(models.Model):
    """How much of an item is to leave from here, and the deliveries that follow it.

    Amazon counts what was shipped by anybody, with a delay; deliveries are counted
    here. The two meet in ``quantity_shipped_elsewhere``: what Amazon calls shipped
    beyond what left here. Shipped and to ship together do not change when Amazon
    learns of a parcel, so that it does not matter when it does.
    """

    _inherit = "amazon.order.item"

    quantity_shipped_elsewhere = fields.Integer(
        readonly=True, help="Pieces that Amazon calls shipped and that left not here."
    )

    confirmation_line_ids = fields.One2many(
        "amazon.shipment.confirmation.line", "item_id"
    )

    # === COMPARING === #

    def _compare_quantity(self, source):
        """
        :param source: ``amazon.orders.OrderItem``; None when it is no longer listed
        :return: ``QuantityChange``, or None
        """
        self.ensure_one()
        elsewhere = self.quantity_shipped_elsewhere
        if source is None:
            if not self.quantity_to_ship:
                return None
            quantity = min(self.quantity_to_ship, self._count_ours())
        else:
            total = source.quantity_shipped + source.quantity_to_ship
            if source.quantity_shipped > elsewhere:
                ours = self._count_ours()
                elsewhere = max(elsewhere, source.quantity_shipped - ours)
            quantity = max(total - elsewhere, 0)
        if (quantity, elsewhere) == (
            self.quantity_to_ship,
            self.quantity_shipped_elsewhere,
        ):
            return None
        return QuantityChange(self, source, quantity, elsewhere)

    def _count_ours(self):
        """Pieces that left here, are labelled, or that Amazon was told of by us."""
        told = sum(
            line.quantity
            for line in self.confirmation_line_ids
            if line.confirmation_id.state in ("pushed", "confirmed", "handed_over")
            # Of a label that was cancelled since: Amazon counts it all the same.
            or line.confirmation_id._is_told()
        )
        return max(told, self._count_fixed())

    def _count_fixed(self):
        """Pieces in moves that an import leaves alone: done ones and labelled ones."""
        fixed = self._get_first_moves() - self._get_free_moves()
        return self._count_pieces(
            {
                move: move.quantity if move.state == "done" else move.product_uom_qty
                for move in fixed
            }
        )

    def _get_first_moves(self):
        """Its moves on the first step; the later steps move the same pieces on."""
        return self.move_ids.filtered(
            lambda move: move.state != "cancel" and not move.move_orig_ids
        )

    def _get_free_moves(self):
        """Those of them that an import may change."""
        return self._get_first_moves().filtered(
            lambda move: move.state != "done"
            and not move.picking_id._has_living_label()
        )

    # === FOLLOWING === #

    def _follow_quantity(self):
        """Let the open moves hold what is still to leave, never less than is picked.

        :return: the moves that changed and must be reserved again, and what keeps
            the others from following, or None
        :rtype: tuple[stock.move, str | None]
        """
        self.ensure_one()
        moves = self._get_free_moves()
        wanted = self.quantity_to_ship - self._count_fixed()
        least = sum(move.quantity for move in moves if move.picked)
        if wanted < least or moves.product_id - self.product_id:
            return moves.browse(), self._describe_not_following()
        if not moves and wanted:
            return moves.browse(), self._describe_not_following()
        return moves.sorted("picked", reverse=True)._spread(wanted), None

    def _describe_not_following(self):
        return self.env._(
            "%(sku)s: %(quantity)s pieces are to be shipped, but the delivery cannot"
            " follow by itself: it is picked, packed, cancelled or done. Change it, or"
            " make another one.",
            sku=self.sku,
            quantity=self.quantity_to_ship,
        )

"""Deliveries of several orders in one parcel: proposed, merged, taken apart again.

The moves of the orders come into one delivery; each knows the one it came from. Amazon
is told each order by itself, because its moves tell whose they are.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..amazon.recipients import postal_code_key


class StockPicking(models.Model):
    _inherit = "stock.picking"

    merged_move_ids = fields.One2many(
        "stock.move", "amazon_merged_from_id", string="Moves in Another Delivery"
    )
    merged_into_id = fields.Many2one(
        "stock.picking", string="Merged Into", compute="_compute_merged_into_id"
    )
    is_merged = fields.Boolean(
        compute="_compute_is_merged",
        help="It holds what came from other deliveries, and can be taken apart.",
    )

    # === COMPUTE METHODS === #

    @api.depends("merged_move_ids.picking_id")
    def _compute_merged_into_id(self):
        for picking in self:
            picking.merged_into_id = picking.merged_move_ids.picking_id[:1]

    @api.depends("move_ids.amazon_merged_from_id", "state", "parcel_ids.state")
    def _compute_is_merged(self):
        for picking in self:
            picking.is_merged = (
                bool(picking.move_ids.amazon_merged_from_id)
                and picking._is_splittable()
            )

    # === ACTION METHODS === #

    def action_merge(self):
        """Propose which of the selection, or of all that is open, share a parcel."""
        pickings = self or self.search(self._get_merge_domain())
        groups = pickings._propose_merges()
        if not groups:
            raise UserError(pickings._describe_no_merge())
        return self.env["delivery.merge"]._open(groups)

    def action_undo_merge(self):
        """Give each order its own delivery again."""
        for picking in self:
            picking._check_splittable()
            guests = picking.move_ids.filtered("amazon_merged_from_id")
            for order in guests.amazon_item_id.order_id:
                picking._take_out(order)

    # === PROPOSING === #

    @api.model
    def _get_merge_domain(self):
        return (
            Domain("company_id", "in", self.env.companies.ids)
            & Domain("amazon_shop_id", "!=", False)
            & Domain("state", "not in", ("done", "cancel"))
            & Domain("carrier_tracking_ref", "=", False)
        )

    def _propose_merges(self):
        """
        :return: deliveries that can become one parcel; the soonest of each comes first
        :rtype: list[stock.picking]
        """
        candidates = self.sorted(lambda p: (not p.date_deadline, p.date_deadline, p.id))
        # The rest is looked at of few only.
        by_code = candidates.grouped(lambda p: postal_code_key(p.partner_id.zip or ""))
        likely = self.browse().concat(*(g for g in by_code.values() if len(g) > 1))
        fit = likely.filtered(lambda picking: picking._may_be_merged())
        groups = fit.grouped(lambda picking: picking._get_merge_key()).values()
        return [group for group in map(_leave_out_repeated, groups) if len(group) > 1]

    def _may_be_merged(self):
        self.ensure_one()
        return (
            bool(self.amazon_order_ids)
            and not self.amazon_on_hold
            and self.picking_type_id.print_label
            and self._is_splittable()
            and all(order._may_be_merged() for order in self.amazon_order_ids)
        )

    def _is_splittable(self):
        """Whether nobody has labelled, packed or picked anything of it yet."""
        self.ensure_one()
        return (
            self.state not in ("done", "cancel")
            and not self._has_living_label()
            and not self.move_line_ids.result_package_id
            and not any(self.move_ids.mapped("picked"))
        )

    def _check_splittable(self):
        """
        :raises UserError: when something was done with it
        """
        if not self._is_splittable():
            raise UserError(
                self.env._(
                    "%s is labelled, packed, picked or done: its orders stay together."
                    " Cancel its label, or unpack it, first.",
                    self.name,
                )
            )

    def _get_merge_key(self):
        """Equal for deliveries that can be one parcel."""
        options = {name: value for name, (value, __) in self._inherit_options().items()}
        return (
            self.company_id,
            self.amazon_shop_id,
            self.amazon_market_id,
            self.picking_type_id,
            self.location_id,
            self.location_dest_id,
            self.carrier_id,
            self.parcel_type_id,
            self.parcel_shop_ref,
            frozenset(options.items()),
            # A draft would make a draft of what is confirmed.
            self.state == "draft",
            *self.amazon_order_ids[:1]._get_buyer_key(),
        )

    def _describe_no_merge(self):
        return self.env._(
            "None of these deliveries can share a parcel. Orders are merged that have"
            " the same shop and market, buyer, address, delivery method and parcel"
            " type, and of which nothing is labelled, packed or picked. Prime orders,"
            " orders on hold and those to be cancelled are never merged."
        )

    # === MERGING === #

    def _merge(self):
        """Put the moves of these deliveries into the first.

        :return: the first
        :raises UserError: when they do not fit together any more
        """
        if len(self.try_lock_for_update(allow_referencing=True)) < len(self):
            raise UserError(
                self.env._(
                    "Somebody is changing one of these deliveries: %s. Try again in a"
                    " moment.",
                    ", ".join(self.mapped("name")),
                )
            )
        if [set(group) for group in self._propose_merges()] != [set(self)]:
            raise UserError(self._describe_no_merge())
        target, others = self[0], self[1:]
        self._forget_parcels()
        moves = others.move_ids.filtered(lambda move: move.state != "cancel")
        names = ", ".join(others.mapped("name"))
        for picking in others:
            # Nobody writes it by hand.
            kept = moves.sudo().filtered(lambda move, p=picking: move.picking_id == p)
            kept.filtered(
                lambda move: not move.amazon_merged_from_id
            ).amazon_merged_from_id = picking
        moves._change_delivery(target)
        others.with_context(skip_sms=True).action_cancel()
        target._tell_orders()
        target._message_log(body=self.env._("Merged with %s.", names))
        others._message_log_batch(
            {p.id: self.env._("Merged into %s.", target.name) for p in others}
        )
        return target

    def _take_out(self, order):
        """Give one of its orders a delivery again, its own when it had one."""
        self.ensure_one()
        leaving = self._find_leaving(order)
        if not leaving:
            # People put its moves there by hand.
            return
        self._forget_parcels()
        for home, moves in leaving.items():
            moves._change_delivery(home)
            # As above.
            moves.sudo().filtered(
                lambda move, home=home: move.amazon_merged_from_id == home
            ).amazon_merged_from_id = False
            home.is_locked = self.is_locked
            home._tell_orders()
            home._message_log(body=self.env._("Taken out of %s.", self.name))
        self._tell_orders()
        self._message_log(
            body=self.env._("Order %s is in a delivery of its own.", order.name)
        )

    def _find_leaving(self, order):
        """
        :return: which moves leave, so that an order is alone, by the delivery they
            come into
        :rtype: dict[stock.picking, stock.move]
        """
        own = self.move_ids.filtered(lambda m: m.amazon_item_id.order_id == order)
        if homes := own.amazon_merged_from_id:
            return {home: own & home.merged_move_ids for home in homes}
        # It is at home: the others go on together in the home of one of them.
        others = self.move_ids - own
        home = others.amazon_merged_from_id[:1]
        return {home: others} if home else {}

    def _forget_parcels(self):
        """What was prepared for a label is for another content."""
        self.parcel_ids.filtered(
            lambda parcel: parcel.state in ("draft", "refused")
        ).action_give_up()

    def _tell_orders(self):
        """Name the orders, and forget a weight that was typed for others."""
        for picking in self:
            picking.origin = ", ".join(picking.amazon_order_ids.mapped("name"))
            picking.shipping_weight = picking.weight_bulk
            picking.typed_parcel_weight = 0


def _leave_out_repeated(pickings):
    """Without those of which an order is in one before."""
    kept = pickings.browse()
    for picking in pickings:
        if not picking.amazon_order_ids & kept.amazon_order_ids:
            kept |= picking
    return kept

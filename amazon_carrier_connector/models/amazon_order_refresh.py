from collections import defaultdict

from odoo import api, models

from ..amazon.own_shipping import is_confirmed_by_amazon
from .order_changes import OrderChanges, QuantityChange, naive_utc


class AmazonOrder(models.Model):
    """Takes over what Amazon says differently now.

    A delivery that is labelled or done stays as it is: people are told instead.
    """

    _inherit = "amazon.order"

    # === COMPARING === #

    def _get_changes(self, order):
        """
        :param order: ``amazon.orders.Order``
        :rtype: OrderChanges
        """
        self.ensure_one()
        if self.erased_at:
            # An old report does not bring back what was erased.
            return OrderChanges()
        return OrderChanges(
            values={
                name: value
                for name, value in self._prepare_refresh_values(order).items()
                if self[name] != value
            },
            has_address=self._is_address_changed(order.recipient),
            quantities=self._compare_items(order) if order.has_remainder else (),
            prices=tuple(self._find_prices(order)),
        )

    def _prepare_refresh_values(self, order):
        # A report without the columns says nothing: its silence changes nothing.
        return {
            "ship_by": naive_utc(order.ship_by) or self.ship_by,
            "deliver_by": naive_utc(order.deliver_by) or self.deliver_by,
            "cancel_requested": order.cancel_requested or self.cancel_requested,
            "cancel_reason": order.cancel_reason or self.cancel_reason,
            "is_confirmed_by_amazon": self.is_confirmed_by_amazon
            or is_confirmed_by_amazon(order),
            # It is listed: Amazon waits for a parcel of it.
            "closed_status": False,
        }

    def _compare_items(self, order):
        listed = {source.item_ref: source for source in order.items}
        changes = [
            item._compare_quantity(listed.pop(item.item_ref, None))
            for item in self.item_ids
        ]
        new = [
            QuantityChange(
                self.item_ids.browse(),
                source,
                source.quantity_to_ship,
                source.quantity_shipped,
            )
            for source in listed.values()
        ]
        return (*filter(None, changes), *new)

    def _find_prices(self, order):
        """The items whose price was not told before, and what to write on them."""
        sources = {source.item_ref: source for source in order.items}
        for item in self.item_ids:
            source = sources.get(item.item_ref)
            if source and not item.currency_id:
                values = item._prepare_price_values(source)
                if values:
                    yield item, values

    def _has_living_label(self):
        """Whether a delivery that has not left has its label, or is getting it."""
        return any(
            picking._has_living_label()
            for picking in self.picking_ids
            if picking.state not in ("done", "cancel")
        )

    # === TAKING OVER === #

    def _refresh_all(self, pairs):
        """Take over all that changed.

        :param pairs: known orders and ``amazon.orders.Order`` dataclasses
        :return: the orders that were changed, and pairs of dataclass and reason for
            what a person must do
        :rtype: tuple[amazon.order, list[tuple[Order, str]]]
        """
        changed, problems = self.browse(), []
        moves_by_date = defaultdict(self.env["stock.move"].browse)
        to_reserve = self.env["stock.move"]
        asked = self.browse()
        found = [(known, order, known._get_changes(order)) for known, order in pairs]
        by_rule = self._filter_content_by_rule(found)
        for known, order, changes in found:
            if not changes:
                continue
            for item, values in changes.prices:
                item._record(values)
                changed |= known
            if known._is_too_late():
                problem = known._describe_too_late(changes)
                problems += [(order, problem)] if problem else []
            else:
                moves, reasons = known._take_content(order, changes)
                problems += [(order, reason) for reason in reasons]
                to_reserve |= moves
                changed |= known
            if "closed_status" in changes.values and known.state == "cancelled":
                problems.append((order, known._describe_open_again()))
            if changes.values:
                known._record(changes.values)
                changed |= known
            if "ship_by" in changes.values:
                moves_by_date[known.ship_by] |= known.item_ids._get_free_moves()
            if "cancel_requested" in changes.values:
                asked |= known
        for moment, moves in moves_by_date.items():
            moves.write({"date": moment, "date_deadline": moment})
        to_reserve._action_assign()
        self._choose_carriers_again(by_rule)
        asked._leave_merged()
        asked._request_decision()
        return changed, problems

    def _is_too_late(self):
        """Whether its content stays as it is: it has left, or will with its label."""
        return self.state == "shipped" or self._has_living_label()

    def _filter_content_by_rule(self, found):
        """The open deliveries whose method and parcel type go by what will change.

        :param found: triples of known order, dataclass and changes
        """
        orders = self.browse().concat(
            *(
                known
                for known, __, changes in found
                if (changes.has_address or changes.quantities)
                and not known._is_too_late()
            )
        )
        # What a person chose stays.
        return orders.picking_ids.filtered(
            lambda picking: picking._follows_rules()
            and not picking.amazon_chosen_by_hand
        )

    def _prepare_too_late_problem(self, order):
        """
        :param order: ``amazon.orders.Order``
        :return: dict of ``order_ref`` and ``reason``; None when something of it can be
            taken over
        """
        changes = self._get_changes(order)
        if changes.values or changes.prices:
            return None
        return {"order_ref": self.name, "reason": self._describe_too_late(changes)}

    def _describe_too_late(self, changes):
        """What a person must know; None when nothing of it is for people."""
        changes = " ".join(changes.describe_content(self.env))
        if not changes:
            return None
        if self.state == "shipped":
            return self.env._(
                "It changed at Amazon after it was shipped: %s Nothing was changed"
                " here. Ask the buyer whether the parcel must come back.",
                changes,
            )
        return self.env._(
            "It changed at Amazon after its label was created: %s The delivery was left"
            " as it is. Hand it over, or cancel the label, import again and create"
            " another one.",
            changes,
        )

    def _take_content(self, order, changes):
        """Take over address and quantities.

        :return: the moves to reserve again, and sentences for people
        """
        if changes.has_address:
            self._leave_merged()
            self._take_address(order.recipient)
            self.recipient_phone = order.buyer_phone or self.recipient_phone
        to_reserve, problems = self.env["stock.move"], []
        for item in self._take_quantities(changes.quantities):
            moves, problem = item._follow_quantity()
            to_reserve |= moves
            if problem:
                problems.append(problem)
        return to_reserve, problems

    def _take_quantities(self, changes):
        """Write the quantities on the items, make the new ones and their moves.

        :return: the items whose deliveries must follow
        """
        items = self.item_ids.browse()
        for change in changes:
            values = {
                "quantity_to_ship": change.quantity,
                "quantity_shipped_elsewhere": change.elsewhere,
            }
            if change.source:
                values["quantity_ordered"] = change.source.quantity_ordered
            if change.item:
                change.item._record(values)
                items |= change.item
            else:
                items |= self._add_item(change.source)
        return items if self.picking_ids else items.browse()

    def _add_item(self, source):
        """Make an item that came into the order, and its move in an open delivery."""
        products = self.shop_id._match_products({source.sku: source.title})
        values = self._prepare_item_values(source, products.get(source.sku))
        item = self.item_ids._begin(dict(values, order_id=self.id))
        first = self.item_ids._get_free_moves()
        picking = first.picking_id[:1]
        if picking and item.product_id:
            reference = first.reference_ids[:1]
            # A draft move makes a draft of the whole delivery.
            is_draft = picking.state == "draft"
            # Nobody gives a move its item by hand.
            moves = self.env["stock.move"].sudo()
            move = moves.create(item._prepare_move_values(picking, reference))
            move = move.with_env(self.env)
            if not is_draft:
                move._action_confirm(merge=False)
        return item

    # === TELLING === #

    @api.model
    def _find_still_open(self, company, order_refs):
        """Orders of which Amazon has nothing left to ship, and that are open here.

        What we told Amazon ourselves is no news; the rest of such an order is.
        """
        return self.search(
            [("company_id", "=", company.id), ("name", "in", list(order_refs))]
        ).filtered(
            lambda order: order.state == "to_ship"
            and (not order.confirmation_ids or order._has_rest())
        )

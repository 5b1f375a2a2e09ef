from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from .shipping_messages import describe_choice


class StockPicking(models.Model):
    """How an Amazon delivery is shipped: what was chosen for it, and by whom."""

    _inherit = "stock.picking"

    amazon_rule_id = fields.Many2one(
        "amazon.shipping.rule",
        string="Shipping Rule",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        help="The rule that chose the delivery method.",
    )
    # As it was when it was chosen: a rule may change or go.
    amazon_choice = fields.Json(readonly=True)
    amazon_choice_text = fields.Text(
        string="Chosen by", compute="_compute_amazon_choice_text"
    )
    amazon_chosen_by_hand = fields.Boolean(
        string="Chosen by Hand", compute="_compute_amazon_chosen_by_hand"
    )
    amazon_on_hold = fields.Boolean(
        string="On Hold",
        readonly=True,
        copy=False,
        help="No label is created until a person releases the delivery.",
    )

    # === COMPUTE METHODS === #

    @api.depends("amazon_choice", "carrier_id", "parcel_type_id")
    def _compute_amazon_chosen_by_hand(self):
        for picking in self:
            choice = picking.amazon_choice or {}
            picking.amazon_chosen_by_hand = (
                picking.carrier_id.id,
                picking.parcel_type_id.id,
            ) != (choice.get("carrier_id", False), choice.get("package_type_id", False))

    @api.depends("amazon_choice", "amazon_chosen_by_hand")
    def _compute_amazon_choice_text(self):
        for picking in self:
            choice = picking.amazon_choice
            picking.amazon_choice_text = bool(choice) and describe_choice(
                picking, choice
            )

    # === ACTION METHODS === #

    def action_apply_rules(self):
        """Choose again by the rules of today.

        What has a label and what a person chose is left, and people are told so.
        """
        following = self.filtered(lambda picking: picking._follows_rules())
        by_hand = following.filtered("amazon_chosen_by_hand")
        changed = (following - by_hand)._choose_again()
        messages = [
            self.env._(
                "%(changed)s of %(count)s deliveries changed.",
                changed=len(changed),
                count=len(self),
            )
        ]
        if by_hand:
            messages.append(
                self.env._(
                    "Left, because a person chose the delivery method: %s.",
                    _join_names(by_hand),
                )
            )
        if others := self - following:
            messages.append(
                self.env._(
                    "Left, because they are labelled, closed or not of one Amazon"
                    " order: %s.",
                    _join_names(others),
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if len(messages) > 1 else "success",
                "sticky": len(messages) > 1,
                "message": " ".join(messages),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_follow_rules(self):
        """Give up what a person chose on these deliveries."""
        self.filtered(lambda picking: picking._follows_rules())._choose_again()

    def action_release_hold(self):
        """Let deliveries be labelled that a rule held."""
        held = self.filtered("amazon_on_hold")
        held.amazon_on_hold = False
        held._message_log_batch(
            {picking.id: self.env._("Released to be shipped.") for picking in held}
        )

    # === BUSINESS METHODS === #

    def _follows_rules(self):
        """Whether rules may still decide how it is shipped."""
        return (
            self.state not in ("done", "cancel")
            and len(self.amazon_order_ids) == 1
            and not self._has_living_label()
        )

    def _get_planned_pieces(self):
        """
        :return: how many pieces of each order item are to leave with it
        :rtype: dict[amazon.order.item, int]
        """
        self.ensure_one()
        quantities = defaultdict(dict)
        # One by one: a filtered recordset would not read for all deliveries at once.
        for move in self.move_ids:
            if move.amazon_item_id and move.state != "cancel":
                quantities[move.amazon_item_id][move] = move.product_uom_qty
        return {item: item._count_pieces(moves) for item, moves in quantities.items()}

    def _filter_chosen_by_rule(self):
        """Those of which neither a person nor a label has decided how they go."""
        return self.filtered(
            lambda picking: picking._follows_rules()
            and not picking.amazon_chosen_by_hand
        )

    def _choose_again(self):
        """
        :return: the deliveries that are shipped differently now
        """
        names = ("carrier_id", "parcel_type_id", "amazon_on_hold", "amazon_choice")
        before = {picking: [picking[name] for name in names] for picking in self}
        self.env["amazon.order"]._choose_carriers_again(self)
        return self.filtered(
            lambda picking: before[picking] != [picking[name] for name in names]
        )

    def _get_rule_label_options(self):
        """
        :return: the texts that the rule chose, by option name
        :rtype: dict[str, str]
        """
        self.ensure_one()
        return (self.amazon_choice or {}).get("options", {})

    def _describe_hold(self):
        self.ensure_one()
        return self.env._(
            "On hold. %s Release the delivery to ship it.", self.amazon_choice_text
        )

    def _pre_action_done_hook(self):
        for picking in self.filtered("amazon_on_hold"):
            raise UserError(
                self.env._(
                    "%(delivery)s: %(reason)s",
                    delivery=picking.name,
                    reason=picking._describe_hold(),
                )
            )
        return super()._pre_action_done_hook()


def _join_names(pickings):
    """The names of a few, and how many more there are."""
    names = pickings[:5].mapped("display_name")
    if more := len(pickings) - len(names):
        names.append(pickings.env._("%s more", more))
    return ", ".join(names)

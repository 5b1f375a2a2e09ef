"""Single orders are read again at once, because a person asks for them."""

import re

from odoo import models
from odoo.exceptions import UserError

from ..amazon.errors import AmazonError, NotFound
from .amazon_messages import describe_amazon_error
from .amazon_shop_feed import ORDER_PACE
from .report_messages import describe_problem

# A person waits for them.
MOST_FETCHED = 10
_BETWEEN = re.compile(r"[\s,;]+")


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    def _fetch_orders(self, order_refs):
        """Read orders by their ids and import them as they are at Amazon now.

        :return: the ``amazon.order.import``; empty when nothing has changed
        :raises UserError: when nothing can be read at the moment
        """
        self.ensure_one()
        imports = self.env["amazon.order.import"]
        imports.check_access("write")
        orders, closed, problems = [], {}, []
        with self._get_selling_partner() as gateway:
            for order_ref in order_refs:
                page, problem = self._fetch_order(gateway, order_ref)
                if problem:
                    problems.append({"order_ref": order_ref, "reason": problem})
                else:
                    orders += page.orders
                    closed |= page.closed
        known = self.env["amazon.order"]._find_by_refs(self.company_id, closed)
        problems += [
            {"order_ref": ref, "reason": self._describe_not_open(status)}
            for ref, status in closed.items()
            if ref not in known
        ]
        problems += self.env["amazon.order"]._close_all(self.company_id, closed)
        if not imports._has_news(self, orders, problems):
            return imports
        order_import = imports._create_from_api(self)
        if not order_import._take_page(orders, problems):
            raise UserError(
                self.env._(
                    "Another import of shop %s is running. Try again in a minute.",
                    self.name,
                )
            )
        order_import._message_log(body=order_import._describe_result())
        return order_import

    def _fetch_order(self, gateway, order_ref):
        """
        :return: its page, or a sentence that says why there is none
        :rtype: tuple[OrderPage, None] | tuple[None, str]
        """
        # Nobody writes the token bucket by hand.
        if self.feed_ids.sudo()._claim_call("order_full_at", ORDER_PACE):
            return None, self.env._(
                "Amazon allows no more calls at the moment. Fetch it again in a minute."
            )
        try:
            page = gateway.read_order(order_ref)
        except NotFound:
            return None, self.env._("Shop %s has no such order at Amazon.", self.name)
        except AmazonError as error:
            return None, describe_amazon_error(self.env, error)
        kept = [problem for problem in page.problems if not problem.order_kept]
        if kept:
            return None, describe_problem(self.env, kept[0])
        return page, None

    def _describe_not_open(self, status):
        return {
            "SHIPPED": self.env._("Amazon has it as shipped: nothing is left to ship."),
            "CANCELLED": self.env._("It was cancelled at Amazon."),
            "BY_AMAZON": self.env._("Amazon ships it itself."),
            "NOTHING_LEFT": self.env._("Nothing of it is left to ship."),
        }.get(
            status,
            self.env._("Amazon does not release it yet: its payment is pending."),
        )


class AmazonOrder(models.Model):
    _inherit = "amazon.order"

    def action_fetch_from_amazon(self):
        """Take over what Amazon says of this order now."""
        self.ensure_one()
        order_import = self.shop_id._fetch_orders([self.name])
        if order_import.problem_ids:
            return order_import.action_open()
        if order_import:
            message = self.env._("Order %s was changed as it is at Amazon.", self.name)
        else:
            message = self.env._("Order %s has not changed at Amazon.", self.name)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }


def split_order_refs(text):
    """The order ids in what a person pasted, each once.

    :rtype: list[str]
    """
    return [*dict.fromkeys(filter(None, _BETWEEN.split((text or "").upper())))]

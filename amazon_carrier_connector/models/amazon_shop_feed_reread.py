"""Orders of a shop that are asked about one by one, beside what its runs read.

Those that a report no longer lists, and those that came without an address. They wait
in a row, and each turn of the scheduled action asks about as many as Amazon allows:
whoever dies asks about some of them again, and nothing is doubled by it.
"""

import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..amazon.errors import AmazonError, NotFound, Rejected, Throttled
from .amazon_order_address import WITHHELD
from .amazon_shop_feed import NO_ERROR, ORDER_PACE

_logger = logging.getLogger(__name__)

# Of the calls that Amazon allows at once, so many are left to people who wait.
SPARE = 5
# Of the orders without an address, so many are asked about again in a run.
MOST_WITHHELD = 10
# Until the next turn, at least; and after a failure.
SHORTEST_PAUSE = timedelta(seconds=15)
FAILURE_PAUSE = timedelta(minutes=5)


class AmazonShopFeed(models.Model):
    _inherit = "amazon.shop.feed"

    reread_ids = fields.Json(help="The orders to ask about, by id, the next one first.")
    reread_at = fields.Datetime(help="Nothing is asked before.")
    reread_import_id = fields.Many2one(
        "amazon.order.import", ondelete="set null", help="What the answers bring."
    )
    withheld_asked_id = fields.Integer(
        help="Up to this order, those without an address had their turn."
    )

    # === WHO WAITS === #

    def _prepare_unlisted_rereads(self, listed):
        """Have Amazon asked what became of open orders that its report does not list:

        they are shipped or cancelled, mostly.

        :param set listed: the order ids of the report
        """
        found = self._find_open_orders()
        unlisted = found.filtered(lambda order: order.name not in listed)
        answered = {*(found - unlisted).ids}
        queue = [i for i in self.reread_ids or [] if i not in answered]
        return self._prepare_rereads([*queue, *unlisted.ids])

    def _prepare_withheld_rereads(self):
        """Have it asked about some orders that came without an address, in turns:

        they change at Amazon only when somebody changes them, and a role that the app
        got meanwhile is no such change.
        """
        withheld = self._get_withheld_domain()
        later = withheld & Domain("id", ">", self.withheld_asked_id)
        for domain in (later, withheld):
            orders = self.env["amazon.order"].search(
                domain, order="id", limit=MOST_WITHHELD
            )
            if orders:
                values = self._prepare_rereads([*(self.reread_ids or []), *orders.ids])
                return {**values, "withheld_asked_id": orders[-1:].id}
        return {}

    def _prepare_rereads(self, queue):
        """
        :param queue: ids of orders; each keeps its first place
        """
        return {"reread_ids": [*dict.fromkeys(queue)]}

    def _get_withheld_domain(self):
        return Domain("shop_id", "=", self.shop_id.id) & Domain(WITHHELD)

    def _prepare_withheld_error(self):
        """What is wrong as long as orders came without an address."""
        count = self.env["amazon.order"].search_count(self._get_withheld_domain())
        if not count:
            return NO_ERROR
        reason = self.env._(
            "Amazon gives no address with orders (%s of them wait for it): the app"
            " lacks the role Direct-to-Consumer Delivery (Restricted). Add it in Seller"
            " Central and authorise the app again.",
            count,
        )
        return {"error": reason, "error_kind": "role_missing"}

    # === ONE TURN === #

    def _get_reread_domain(self):
        now = fields.Datetime.now()
        return Domain("reread_ids", "!=", False) & (
            Domain("reread_at", "=", False) | Domain("reread_at", "<=", now)
        )

    def _reread_guarded(self):
        """Ask about the next orders; what fails is asked again, after the others."""
        try:
            self._lock_anew()
            if self.filtered_domain(self._get_reread_domain()):
                self._reread()
        except OperationalError:
            # Somebody else wrote one of the rows: the next turn goes on.
            self.env.cr.rollback()
        except Exception as error:
            self.env.cr.rollback()
            self._log_not_reread(error)
            queue, count = self.reread_ids or [], ORDER_PACE.burst
            self._end_turn([*queue[count:], *queue[:count]], FAILURE_PAUSE)

    def _log_not_reread(self, error):
        # What nobody expected is our fault. No traceback: the database quotes rows.
        is_expected = isinstance(error, (UserError, AmazonError))
        _logger.log(
            logging.INFO if is_expected else logging.ERROR,
            "Shop %s: orders not asked about: %s",
            self.shop_id.id,
            type(error).__name__,
        )

    def _reread(self):
        batch = self.reread_ids[: ORDER_PACE.burst]
        rest = self.reread_ids[ORDER_PACE.burst :]
        orders = self.env["amazon.order"].browse(batch).exists()
        withheld = orders.filtered_domain(WITHHELD)
        asked, failed, pause = self._ask_about(orders)
        queue = [*(orders - asked - failed).ids, *rest, *failed.ids]
        if withheld & asked - asked.filtered_domain(WITHHELD):
            # The app has the role now: the others have theirs as well.
            queue += self.env["amazon.order"].search(self._get_withheld_domain()).ids
        self._end_turn(queue, pause)

    def _ask_about(self, orders):
        """
        :return: the orders that were asked about, the one that could not be, and how
            long to wait with the next ones
        """
        asked = nobody = orders.browse()
        with self.shop_id._get_selling_partner() as gateway:
            for order in orders:
                wait = self._claim_call("order_full_at", ORDER_PACE, SPARE)
                if wait:
                    return asked, nobody, timedelta(seconds=wait)
                try:
                    if not self._reread_order(gateway, order):
                        break
                except AmazonError as error:
                    self._log_not_reread(error)
                    return asked, order, FAILURE_PAUSE
                asked |= order
        return asked, nobody, SHORTEST_PAUSE

    def _reread_order(self, gateway, order):
        """
        :return: False when the shop is locked: ask again
        """
        try:
            page = gateway.read_order(order.name)
        except (NotFound, Rejected):
            return True
        except Throttled as error:
            self._empty_bucket("order_full_at", ORDER_PACE, error.retry_after)
            raise
        return self._take_page(page, "reread_import_id")

    def _end_turn(self, queue, pause):
        values = {
            **self._prepare_rereads(queue),
            "reread_at": fields.Datetime.now() + pause,
        }
        if self.error_kind == "role_missing":
            values |= self._prepare_withheld_error()
        if not queue and self.reread_import_id:
            order_import = self.reread_import_id
            order_import._message_log(body=order_import._describe_result())
            values["reread_import_id"] = False
        self._save(values)

"""Orders that were read through Amazon's API, imported as those of a file."""

from odoo import api, models


class AmazonOrderImport(models.Model):
    _inherit = "amazon.order.import"

    @api.model
    def _import_from_api(self, shop, orders, problems):
        """Import orders, each chunk committed, those known already as well.

        :param shop: the ``amazon.shop``
        :param orders: ``amazon.orders.Order`` dataclasses, each id once
        :param problems: dicts of ``row``, ``order_ref`` and ``reason``, for people
        :return: the import; empty when there is nothing to tell
        """
        if not orders and not problems:
            return self.browse()
        order_import = self.create(
            {
                "shop_id": shop.id,
                "market_id": (shop.market_id or shop.market_ids)[:1].id,
                "source": "api",
                "state": "running",
            }
        )
        self.env["amazon.order.import.problem"].create(
            [dict(problem, import_id=order_import.id) for problem in problems]
        )
        lines = order_import._prepare_lines(orders)
        self.env["amazon.order.import.line"].create(lines)
        order_import._count(lines)
        return order_import

"""A shop's card on the overview: what is to be done, and the way to it."""

import json
from bisect import bisect_right
from collections import Counter
from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from .stock_picking_overview import SHIP_BY_DAYS


class AmazonShop(models.Model):
    _inherit = "amazon.shop"

    delivery_to_label_count = fields.Integer(
        string="To Label", compute="_compute_delivery_counts"
    )
    delivery_late_count = fields.Integer(
        string="Late", compute="_compute_delivery_counts"
    )
    delivery_due_today_count = fields.Integer(
        string="Due Today", compute="_compute_delivery_counts"
    )
    delivery_problem_count = fields.Integer(
        string="Problems", compute="_compute_delivery_counts"
    )
    delivery_labelled_count = fields.Integer(
        string="Labelled", compute="_compute_delivery_counts"
    )
    ship_by_graph = fields.Text(compute="_compute_ship_by_graph")
    last_import_at = fields.Datetime(
        string="Last Import", compute="_compute_last_import_at", compute_sudo=True
    )

    # === COMPUTE METHODS === #

    def _compute_delivery_counts(self):
        deliveries = self.env["stock.picking"]
        for name in deliveries._get_overview_domains():
            counts = deliveries._count_overview(name, "amazon_shop_id", self)
            for shop in self:
                shop[f"delivery_{name}_count"] = counts.get(shop, 0)

    def _compute_ship_by_graph(self):
        """Bars of what is open, by the day on which it must be shipped."""
        deliveries = self.env["stock.picking"]
        domain = deliveries._get_open_domain() & Domain(
            "amazon_shop_id", "in", self.ids
        )
        deadlines = dict(
            deliveries._read_group(
                domain, ["amazon_shop_id"], ["date_deadline:array_agg"]
            )
        )
        starts = [deliveries._get_day_start(day) for day in range(SHIP_BY_DAYS + 1)]
        for shop in self:
            counts = Counter(
                bisect_right(starts, deadline) - 1 if deadline else SHIP_BY_DAYS
                for deadline in deadlines.get(shop, ())
            )
            shop.ship_by_graph = bool(counts) and json.dumps(
                [{"key": self.env._("To Ship"), "values": self._prepare_bars(counts)}]
            )

    def _prepare_bars(self, counts):
        """
        :param counts: deliveries by days from today
        """
        return [
            {
                "day": day,
                "label": self._describe_day(day),
                "value": counts[day],
                "type": "past" if day < 0 else "future" if day else "present",
            }
            for day in range(-1, SHIP_BY_DAYS + 1)
        ]

    def _describe_day(self, day):
        names = {
            -1: self.env._("Before"),
            0: self.env._("Today"),
            SHIP_BY_DAYS: self.env._("Later"),
        }
        date = fields.Date.context_today(self) + timedelta(days=day)
        return names.get(day) or format_date(self.env, date, date_format="EEE d")

    def _compute_last_import_at(self):
        uploaded = dict(
            self.env["amazon.order.import"]._read_group(
                [("shop_id", "in", self.ids), ("state", "=", "done")],
                ["shop_id"],
                ["finished_at:max"],
            )
        )
        for shop in self:
            # One that brought nothing leaves no trace but this.
            moments = [uploaded.get(shop), shop.feed_ids.last_import_at]
            shop.last_import_at = max(filter(None, moments), default=False)

    # === ACTION METHODS === #

    def action_view_deliveries(self):
        return self._open_deliveries(Domain.TRUE)

    def action_view_deliveries_to_label(self):
        return self._open_overview("to_label")

    def action_view_late_deliveries(self):
        return self._open_overview("late")

    def action_view_deliveries_due_today(self):
        return self._open_overview("due_today")

    def action_view_problem_deliveries(self):
        return self._open_overview("problem")

    def action_view_labelled_deliveries(self):
        return self._open_overview("labelled")

    def action_view_ship_by(self, day):
        """Open the deliveries of a bar; ``day`` as in ``_prepare_bars``."""
        deliveries = self.env["stock.picking"]
        return self._open_deliveries(
            deliveries._get_open_domain() & deliveries._get_ship_by_domain(day)
        )

    def action_view_imports(self):
        return self._open_records(
            "amazon_order_import_action", [("shop_id", "=", self.id)]
        )

    def action_create_labels(self):
        """Make a run over all that is to be labelled, the most urgent first."""
        self.ensure_one()
        self.check_access("read")
        deliveries = self.env["stock.picking"]
        domain = deliveries._get_overview_domains()["to_label"] & Domain(
            "amazon_shop_id", "=", self.id
        )
        return deliveries.search(
            domain, order="date_deadline, id"
        ).action_create_labels()

    def _open_overview(self, name):
        return self._open_deliveries(
            self.env["stock.picking"]._get_overview_domains()[name]
        )

    def _open_deliveries(self, domain):
        self.ensure_one()
        return self._open_records(
            "amazon_delivery_action",
            list(Domain("amazon_shop_id", "=", self.id) & domain),
        )

"""Orders that were read through Amazon's API, imported as those of a file."""

from odoo import api, fields, models


class AmazonOrderImport(models.Model):
    _inherit = "amazon.order.import"

    @api.model
    def _prepare_api_import(self, shop):
        return {
            "shop_id": shop.id,
            "market_id": (shop.market_id or shop.market_ids)[:1].id,
            "source": "api",
            "state": "done",
        }

    @api.model
    def _create_from_api(self, shop):
        """An import that takes page by page; it is done whenever a page is."""
        return self._begin([self._prepare_api_import(shop)])

    @api.model
    def _has_news(self, shop, orders, problems):
        """Whether orders are new or changed here, or a problem is to be told."""
        if problems:
            return True
        draft = self.new(self._prepare_api_import(shop))
        known = self.env["amazon.order"]._find_known(shop.company_id, orders)
        late = []
        for order in orders:
            found = known.get(order.order_ref)
            status = draft._prepare_status(order, found)["status"]
            if status in ("known", "shipped_here"):
                continue
            # What a labelled parcel cannot follow is so in each report.
            is_late = status == "labelled_changed"
            problem = is_late and found._prepare_too_late_problem(order)
            if not problem:
                return True
            late.append(problem)
        return bool(self._find_untold(shop, late))

    @api.model
    def _find_untold(self, shop, problems):
        """Those of the problems that no import from Amazon has told of so far.

        :param problems: dicts of ``order_ref``, ``reason`` and more
        """
        if not problems:
            return problems
        told = self.env["amazon.order.import.problem"].search(
            [
                ("import_id.shop_id", "=", shop.id),
                ("import_id.source", "=", "api"),
                ("reason", "in", [problem["reason"] for problem in problems]),
            ]
        )
        keys = {problem._get_key() for problem in told}
        return [
            problem
            for problem in problems
            if (problem.get("order_ref") or "", problem["reason"]) not in keys
        ]

    def _take_page(self, orders, problems):
        """Import some more orders, committed; those known already as well.

        :param orders: ``amazon.orders.Order`` dataclasses, each id once
        :param problems: dicts of ``order_ref`` and ``reason``, for people
        :return: False when the shop is locked by somebody else: nothing is lost, take
            the page again
        """
        self.ensure_one()
        self.env["ir.cron"]._commit_progress()
        if not self._lock():
            return False
        self._list_page(orders, problems)
        self.env["ir.cron"]._commit_progress()
        if orders:
            self._import_part(orders, 0, len(orders), {})
        # As another process, or a rollback, left it.
        self.invalidate_recordset(["state", "done_count"])
        if self.done_count < len(orders):
            return False
        self._record(
            {
                "state": "done",
                "done_count": self.order_count,
                "finished_at": fields.Datetime.now(),
            }
        )
        self.env["ir.cron"]._commit_progress()
        return True

    def _list_page(self, orders, problems):
        """List what is in a page, as the check of a file does; once."""
        listed = set(self.line_ids.mapped("name"))
        lines = self._prepare_lines([o for o in orders if o.order_ref not in listed])
        self.line_ids._begin(lines)
        self._count(lines)
        told = {(problem.order_ref, problem.reason) for problem in self.problem_ids}
        self.problem_ids._begin(
            [
                dict(problem, import_id=self.id)
                for problem in problems
                if (problem["order_ref"], problem["reason"]) not in told
            ]
        )
        self._record({"done_count": 0})

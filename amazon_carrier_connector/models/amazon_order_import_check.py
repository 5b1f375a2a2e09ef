from odoo import models
from odoo.exceptions import UserError

from ..amazon.report_merge import merge_orders, newest_moment
from ..amazon.unshipped_report import ReportRefused, read_unshipped_report
from .report_messages import describe_problem, describe_refusal


class AmazonOrderImport(models.Model):
    """Reads the reports and says what importing them would do; creates nothing."""

    _inherit = "amazon.order.import"

    def _check(self):
        """Read the files, list their orders and problems.

        :raises UserError: when none of the files can be imported
        """
        self.ensure_one()
        reports, refusals = self._read_reports()
        if not reports:
            raise UserError(self._describe_refusals(refusals))
        orders, __ = merge_orders(reports)
        lines = self._create_lines(orders)
        self._create_problems(reports, refusals)
        statuses = lines.mapped("status")
        reported_at = newest_moment(reports.values())
        self.write(
            {
                "encoding": ", ".join({r.encoding: 0 for r in reports.values()}),
                "order_count": len(orders),
                "new_count": statuses.count("new"),
                "known_count": statuses.count("known"),
                "changed_count": statuses.count("changed")
                + statuses.count("labelled_changed"),
                "shipped_count": statuses.count("shipped_here"),
                "cancelled_count": sum(lines.mapped("cancel_requested")),
                "partly_shipped_count": sum(lines.mapped("is_partly_shipped")),
                "reported_at": reported_at and reported_at.replace(tzinfo=None),
            }
        )

    # === READING === #

    def _read_reports(self):
        """
        :return: the reports, and why the other files are none; both by file name
        :rtype: tuple[dict[str, UnshippedReport], dict[str, ReportRefused]]
        """
        reports, refusals = {}, {}
        for attachment in self.attachment_ids.sorted("id"):
            filename = attachment.name
            if filename in reports or filename in refusals:
                filename = f"{filename} ({attachment.id})"
            try:
                reports[filename] = read_unshipped_report(
                    attachment.raw or b"",
                    marketplace=self.market_id.code,
                    accept_new_orders=self.accept_new_orders,
                )
            except ReportRefused as refusal:
                refusals[filename] = refusal
        return reports, refusals

    def _describe_refusals(self, refusals):
        return "\n".join(
            describe_refusal(self.env, refusal, filename)
            for filename, refusal in refusals.items()
        ) or self.env._("There is no file to import. Upload the report again.")

    def _create_problems(self, reports, refusals):
        values = [
            {
                "filename": filename,
                "row": problem.row,
                "order_ref": problem.order_ref,
                "reason": describe_problem(self.env, problem),
            }
            for filename, report in reports.items()
            for problem in report.problems
        ]
        values += [
            {"filename": name, "reason": describe_refusal(self.env, refusal, name)}
            for name, refusal in refusals.items()
            if refusal.code != "header_only"
        ]
        return self.env["amazon.order.import.problem"].create(
            [dict(vals, import_id=self.id) for vals in values]
        )

    # === LINES === #

    def _create_lines(self, orders):
        known = self.env["amazon.order"]._find_known(self.company_id, orders)
        return self.env["amazon.order.import.line"].create(
            [
                self._prepare_line_values(order, market, known.get(order.order_ref))
                for order, market in zip(orders, self._get_markets(orders), strict=True)
            ]
        )

    def _prepare_line_values(self, order, market, known):
        """
        :param order: ``amazon.orders.Order``
        :param known: the ``amazon.order`` it is already, or None
        """
        return {
            "import_id": self.id,
            "name": order.order_ref,
            "order_id": known.id if known else False,
            "status": "known" if known else "new",
            "is_partly_shipped": any(item.quantity_shipped for item in order.items),
            "cancel_requested": order.cancel_requested,
            "ship_by": order.ship_by and order.ship_by.replace(tzinfo=None),
            "market_id": market.id,
        }

    def _get_markets(self, orders):
        """The market of each order: its sales channel when the report has that column.

        :return: one ``amazon.market`` per order, in their order
        """
        markets = {
            market.domain: market for market in self.env["amazon.market"].search([])
        }
        return [
            markets.get(order.sales_channel.lower(), self.market_id) for order in orders
        ]

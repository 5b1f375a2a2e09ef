from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..amazon.report_kind import NEW_ORDERS
from ..amazon.report_merge import merge_orders, newest_moment
from ..amazon.unshipped_report import ReportRefused, read_unshipped_report
from .amazon_order_import_preview import Preview
from .order_changes import naive_utc
from .report_messages import describe_problem, describe_refusal

# Amazon makes the report within minutes and most orders are due the next day: one of
# yesterday lacks a day's orders and cancel requests.
OLD = timedelta(days=1)


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
        reported_at = naive_utc(newest_moment(reports.values()))
        encodings = {report.encoding: 0 for report in reports.values()}
        self._record({"reported_at": reported_at, "encoding": ", ".join(encodings)})
        warning = "\n".join(self._find_warnings(reports, refusals))
        self._record({"warning": warning or False})
        self._create_problems(reports, refusals)
        values = self._prepare_lines(orders)
        self.line_ids._begin(values)
        self._count(values)

    def _count(self, lines):
        """Add how many of which the check found; the lines are deleted one day."""
        statuses = [vals["status"] for vals in lines]
        counts = {
            "order_count": len(lines),
            "new_count": statuses.count("new"),
            "known_count": statuses.count("known"),
            "changed_count": statuses.count("changed")
            + statuses.count("labelled_changed"),
            "shipped_count": statuses.count("shipped_here"),
            "cancelled_count": sum(vals["cancel_requested"] for vals in lines),
            "partly_shipped_count": sum(vals["is_partly_shipped"] for vals in lines),
        }
        self._record({name: self[name] + count for name, count in counts.items()})

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

    def _find_warnings(self, reports, refusals):
        """What a person should know before importing; it stops nothing."""
        for filename, report in reports.items():
            if report.kind == NEW_ORDERS:
                yield self.env._(
                    "%s is a New Orders report: it also lists orders that are shipped"
                    " or cancelled. They would be delivered again.",
                    filename,
                )
        for filename, refusal in refusals.items():
            if refusal.code == "header_only":
                yield self.env._("%s: there is nothing to ship.", filename)
        yield from self._find_age_warnings()

    def _find_age_warnings(self):
        moment = self.reported_at
        if not moment:
            return
        told = format_datetime(self.env, moment)
        last = self.search(
            [
                ("shop_id", "=", self.shop_id.id),
                ("state", "=", "done"),
                ("reported_at", "!=", False),
            ],
            order="reported_at desc",
            limit=1,
        )
        if last.reported_at and moment < last.reported_at:
            yield self.env._(
                "These orders were reported until %(moment)s; the last import of the"
                " shop was newer, of %(last)s. Orders may be shipped or cancelled"
                " meanwhile.",
                moment=told,
                last=format_datetime(self.env, last.reported_at),
            )
        elif moment < fields.Datetime.now() - OLD:
            yield self.env._(
                "The newest order was reported on %s, more than a day ago. If orders"
                " came in since then, request the report again.",
                told,
            )

    # === PROBLEMS === #

    def _create_problems(self, reports, refusals):
        return self.problem_ids._begin(
            [
                dict(vals, import_id=self.id)
                for vals in self._prepare_problems(reports, refusals)
            ]
        )

    def _prepare_problems(self, reports, refusals):
        """What is to be told of these files; of a shop's own report only what is new.

        :return: list of dicts
        """
        values = [
            {
                "filename": filename,
                "row": problem.row,
                "order_ref": problem.order_ref,
                "reason": describe_problem(self.env, problem),
                "is_left_out": not problem.order_kept,
            }
            for filename, report in reports.items()
            for problem in report.problems
        ]
        values += [
            {"filename": name, "reason": describe_refusal(self.env, refusal, name)}
            for name, refusal in refusals.items()
            if refusal.code != "header_only"
        ]
        values += self._prepare_nothing_left(reports)
        is_own = self.source == "api"
        return self._find_untold(self.shop_id, values) if is_own else values

    def _prepare_nothing_left(self, reports):
        """A whole delivery is cancelled by a person: Amazon only shows zeros."""
        filenames = {
            order_ref: filename
            for filename, report in reports.items()
            for order_ref in report.nothing_to_ship
        }
        still_open = self.env["amazon.order"]._find_still_open(
            self.company_id, filenames
        )
        return [
            {
                "filename": filenames[order.name],
                "order_ref": order.name,
                "reason": self.env._(
                    "Amazon has nothing left to ship of this order, but its delivery"
                    " is open: it was cancelled, or its shipment was confirmed there."
                    " Cancel the delivery, or validate it if it left from here."
                ),
            }
            for order in still_open
        ]

    # === LINES === #

    def _prepare_lines(self, orders):
        known = self.env["amazon.order"]._find_known(self.company_id, orders)
        markets = self._get_markets(orders)
        new = [
            (order, market)
            for order, market in zip(orders, markets, strict=True)
            if order.order_ref not in known
        ]
        previews = self._preview_deliveries(
            [order for order, __ in new], [market for __, market in new]
        )
        return [
            {
                **self._prepare_line_values(order),
                **self._prepare_status(order, known.get(order.order_ref)),
                **previews.get(order.order_ref, Preview())._asdict(),
                "market_id": market.id,
            }
            for order, market in zip(orders, markets, strict=True)
        ]

    def _prepare_line_values(self, order):
        """
        :param order: ``amazon.orders.Order``
        """
        return {
            "import_id": self.id,
            "name": order.order_ref,
            "is_partly_shipped": order.has_shipped_items
            or any(item.quantity_shipped for item in order.items),
            "cancel_requested": order.cancel_requested,
            "ship_by": naive_utc(order.ship_by),
        }

    def _prepare_status(self, order, known):
        """
        :param known: the ``amazon.order`` it is already, or None
        """
        if not known:
            return {"status": "new", "order_id": False, "changes": False}
        changes = known._get_changes(order)
        if known.state == "shipped":
            status = "shipped_here"
        elif not changes:
            status = "known"
        elif known._has_living_label() and changes.describe_content(self.env):
            status = "labelled_changed"
        else:
            status = "changed"
        return {
            "status": status,
            "order_id": known.id,
            "changes": "\n".join(changes.describe(known)) or False,
        }

    def _get_markets(self, orders):
        """Where each order was placed.

        Amazon's API says it by id, the sales channel when the report has that column,
        else the domain of the buyer's alias, else the person who uploads.

        :return: one ``amazon.market`` per order, in their order
        """
        markets = {}
        for market in self.env["amazon.market"].search([("domain", "!=", False)]):
            markets |= {market.domain: market, market.marketplace_ref: market}
        return [
            markets.get(order.marketplace_ref)
            or markets.get(order.sales_channel.lower())
            or markets.get(_get_alias_domain(order))
            or self.market_id
            for order in orders
        ]


def _get_alias_domain(order):
    """``amazon.nl`` of an alias at ``marketplace.amazon.nl``."""
    return order.buyer_email.lower().partition("@marketplace.")[2]

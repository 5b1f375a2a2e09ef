import logging

from psycopg2 import IntegrityError, OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..amazon.report_kind import UNSHIPPED
from ..amazon.report_merge import merge_orders
from .order_changes import naive_utc

_logger = logging.getLogger(__name__)

# Orders per committed chunk, and how many still run inside the user's request.
CHUNK_SIZE = 500


class AmazonOrderImport(models.Model):
    _name = "amazon.order.import"
    _description = "Amazon Order Import"
    _inherit = ["mail.thread", "mail.activity.mixin", "amazon.guarded.record"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    shop_id = fields.Many2one(
        "amazon.shop", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    market_id = fields.Many2one(
        "amazon.market",
        string="Market",
        required=True,
        help="Where the orders of the report were placed, unless the report says so.",
    )
    source = fields.Selection(
        selection=[("file", "Report File"), ("api", "Amazon API")],
        required=True,
        readonly=True,
        default="file",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Reports",
        readonly=True,
        groups="amazon_carrier_connector.group_amazon_user",
        help="They hold buyers' data: only Amazon users of the company can read them.",
    )
    accept_new_orders = fields.Boolean(
        string="New Orders Reports Accepted",
        readonly=True,
        help="Such a report also lists orders that are shipped or cancelled.",
    )
    encoding = fields.Char(readonly=True)
    state = fields.Selection(
        selection=[
            ("checked", "Checked"),
            ("queued", "Queued"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="checked",
        index=True,
    )
    error = fields.Char(readonly=True)
    order_count = fields.Integer(
        string="Orders Read", readonly=True, help="Complete orders in the report."
    )
    new_count = fields.Integer(string="New", readonly=True)
    known_count = fields.Integer(
        string="Already Known", readonly=True, help="And unchanged since."
    )
    changed_count = fields.Integer(string="Changed", readonly=True)
    shipped_count = fields.Integer(
        string="Already Shipped", readonly=True, help="Shipped from here."
    )
    cancelled_count = fields.Integer(string="Cancel Requested", readonly=True)
    partly_shipped_count = fields.Integer(string="Partly Shipped", readonly=True)
    reported_at = fields.Datetime(
        string="Reported", readonly=True, help="The newest date in the reports."
    )
    warning = fields.Text(readonly=True)
    line_ids = fields.One2many("amazon.order.import.line", "import_id")
    new_line_ids = fields.One2many(
        "amazon.order.import.line", "import_id", domain=[("status", "=", "new")]
    )
    changed_line_ids = fields.One2many(
        "amazon.order.import.line",
        "import_id",
        domain=[("status", "in", ("changed", "labelled_changed"))],
    )
    known_line_ids = fields.One2many(
        "amazon.order.import.line", "import_id", domain=[("status", "=", "known")]
    )
    shipped_line_ids = fields.One2many(
        "amazon.order.import.line",
        "import_id",
        domain=[("status", "=", "shipped_here")],
    )
    cancelled_line_ids = fields.One2many(
        "amazon.order.import.line",
        "import_id",
        domain=[("cancel_requested", "=", True)],
    )
    partly_shipped_line_ids = fields.One2many(
        "amazon.order.import.line",
        "import_id",
        domain=[("is_partly_shipped", "=", True)],
    )
    problem_ids = fields.One2many("amazon.order.import.problem", "import_id")
    problem_count = fields.Integer(string="Problems", compute="_compute_counts")
    order_ids = fields.One2many("amazon.order", "import_id", string="Orders Created")
    created_count = fields.Integer(string="Created", compute="_compute_counts")
    updated_count = fields.Integer(
        string="Updated", readonly=True, help="Known orders that this import changed."
    )
    done_count = fields.Integer(string="Orders Done", readonly=True)
    progress = fields.Integer(compute="_compute_progress", help="In percent.")
    finished_at = fields.Datetime(readonly=True)

    @api.depends("attachment_ids.name", "create_date")
    def _compute_name(self):
        for order_import in self:
            # Their names are shown to whoever may read the import itself.
            filenames = order_import.sudo().attachment_ids.sorted("id").mapped("name")
            order_import.name = ", ".join(filenames[:3]) or self.env._(
                "Import of %s", fields.Date.to_string(order_import.create_date)
            )

    @api.depends("state", "done_count", "order_count")
    def _compute_progress(self):
        for order_import in self:
            total = order_import.order_count
            order_import.progress = (
                100
                if order_import.state == "done"
                else total and min(100 * order_import.done_count // total, 100)
            )

    @api.depends("problem_ids", "order_ids")
    def _compute_counts(self):
        for order_import in self:
            order_import.problem_count = len(order_import.problem_ids)
            order_import.created_count = len(order_import.order_ids)

    # === ACTION METHODS === #

    def action_import(self):
        """Create the deliveries: at once when they are few, else in the background."""
        self.ensure_one()
        if self.state not in ("checked", "failed"):
            raise UserError(
                self.env._("%s has been imported already.", self.display_name)
            )
        self._record({"state": "queued", "error": False, "done_count": 0})
        is_large = self.new_count + self.changed_count > CHUNK_SIZE
        if is_large or not self._import_now():
            self.env.ref("amazon_carrier_connector.cron_import_orders")._trigger()

    def action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def action_view_deliveries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_delivery_action"
        )
        return dict(
            action, domain=[("amazon_order_ids", "in", self.order_ids.ids)], context={}
        )

    # === IMPORT === #

    def _import_now(self):
        """Import in the user's request.

        :return: False when another import of the shop runs: the background waits
        """
        # Ends the snapshot that the request began with: what another import has
        # committed meanwhile must be seen.
        self.env["ir.cron"]._commit_progress()
        return self._import_chunks()

    @api.model
    def _cron_import_orders(self):
        """Scheduled action: finish what is queued, or was left by a crash."""
        # What a feed takes page by page, the feed goes on with.
        unfinished = [
            ("state", "in", ("queued", "running")),
            "|",
            ("source", "=", "file"),
            ("attachment_ids", "!=", False),
        ]
        for order_import in self.search(unfinished, order="id"):
            # What is written for people is in the language of who is told.
            lang = order_import._get_responsible().lang
            order_import.with_context(lang=lang)._import_isolated()
            # A queued one waits for the lock of its shop: the next run finds it.
            if not self.env["ir.cron"]._commit_progress(1):
                # Not reported as remaining: the scheduler would go on ten times without
                # a break, and then not before the next minute.
                self.env.ref("amazon_carrier_connector.cron_import_orders")._trigger()
                self.env["ir.cron"]._commit_progress()
                break

    def _import_isolated(self):
        try:
            self._import_chunks()
        except Exception as error:
            self.env.cr.rollback()
            _logger.info("Import %s failed: %s", self.id, type(error).__name__)
            self._fail(
                self.env._("An unexpected error stopped the import. Start it again.")
            )

    def _fail(self, reason):
        self._record({"state": "failed", "error": reason})
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            note=plaintext2html(reason),
            user_id=self._get_responsible().id,
        )

    def _get_responsible(self):
        """Who uploaded the file; what was read from Amazon is the shop's."""
        self.ensure_one()
        if self.source == "api":
            return self.shop_id._get_responsible()
        return self.create_uid

    def _import_chunks(self):
        """Import chunk by chunk, each committed; what exists is skipped.

        :return: False when it is not finished: the shop is locked by somebody else,
            or the time of the scheduled action is over
        """
        self.ensure_one()
        reports, refusals = self._read_reports()
        if not reports:
            self._fail(self._describe_refusals(refusals))
            return True
        orders, filenames = merge_orders(reports)
        for start in range(self.done_count, len(orders), CHUNK_SIZE):
            stop = min(start + CHUNK_SIZE, len(orders))
            if not self._import_part(orders, start, stop, filenames):
                return False
        return self._finish(reports)

    def _finish(self, reports):
        if not self._lock():
            return False
        if self.state != "done":
            self._learn_what_is_shipped(reports.values())
            self._erase_documents()
            self._record({"state": "done", "finished_at": fields.Datetime.now()})
            self._message_log(body=self._describe_result())
            self.env["amazon.audit.event"]._log("imported", self)
        self.env["ir.cron"]._commit_progress()
        return True

    def _learn_what_is_shipped(self, reports):
        """Tell the outbox what Amazon still waits for, when the reports say all of it.

        A row that has lost its order id could be any order.
        """
        is_whole = all(
            report.kind == UNSHIPPED
            and report.reported_at
            and all(problem.order_ref for problem in report.problems)
            for report in reports
        )
        if is_whole:
            self.env["amazon.shipment.confirmation"]._confirm_unlisted(
                self.shop_id,
                {order.order_ref for report in reports for order in report.orders}
                | {p.order_ref for report in reports for p in report.problems},
                naive_utc(min(report.reported_at for report in reports)),
            )

    def _lock(self):
        """Lock the shop, and see what another process has done of this import."""
        if not self.shop_id.try_lock_for_update(allow_referencing=True):
            return False
        self.invalidate_recordset(["state", "done_count", "updated_count"])
        return True

    def _import_part(self, orders, start, stop, filenames):
        """Import and commit; what fails is halved, so that a bad order stops no others.

        :return: False when it is not finished, as in ``_import_chunks``
        """
        try:
            if not self._import_twice(orders, start, stop, filenames):
                return False
        except Exception as error:
            self.env.cr.rollback()
            if stop - start > 1:
                middle = (start + stop) // 2
                return self._import_part(
                    orders, start, middle, filenames
                ) and self._import_part(orders, middle, stop, filenames)
            if self.source == "api" and isinstance(error, OperationalError):
                # It passes, and the page is read again.
                raise
            self._leave_out(orders[start], error, filenames)
            self._record({"done_count": stop})
        return bool(self.env["ir.cron"]._commit_progress(stop - start))

    def _import_twice(self, orders, start, stop, filenames):
        """Import; once more in a new snapshot when the unique index objects, or
        somebody else has just written a delivery of it.

        :return: False when the shop is locked by somebody else
        """
        try:
            return self._import_chunk(orders, start, stop, filenames)
        except (IntegrityError, OperationalError):
            self.env.cr.rollback()
            return self._import_chunk(orders, start, stop, filenames)

    def _import_chunk(self, orders, start, stop, filenames):
        if not self._lock():
            return False
        chunk = orders[max(start, self.done_count) : stop]
        if not chunk:
            return True
        new, changed = self.env["amazon.order"]._import_orders(self, chunk, filenames)
        lines = self.env["amazon.order.import.line"].search(
            [("import_id", "=", self.id), ("name", "in", new.mapped("name"))]
        )
        orders_by_name = {order.name: order for order in new}
        for line in lines:
            line._record({"order_id": orders_by_name[line.name].id})
        self._record(
            {
                "state": "running",
                "done_count": stop,
                "updated_count": self.updated_count + len(changed),
            }
        )
        self.env.flush_all()
        return True

    # === PROBLEMS === #

    def _leave_out(self, order, error, filenames):
        """Name an order that could not be imported."""
        _logger.info(
            "Order %s could not be imported: %s", order.order_ref, type(error).__name__
        )
        if isinstance(error, UserError):
            reason = str(error)
        else:
            # Its text may hold the buyer's name or street.
            reason = self.env._("It could not be saved (%s).", type(error).__name__)
        reason = self.env._("The order is left out: %s", reason)
        self._report([(order, reason)], filenames, is_left_out=True)

    def _report(self, problems, filenames, is_left_out=False):
        """Name orders that need a person; once, however often the import is started.

        :param problems: pairs of ``amazon.orders.Order`` and reason
        :param dict filenames: the file by order id
        """
        told = {(problem.order_ref, problem.reason) for problem in self.problem_ids}
        values = [
            {
                "import_id": self.id,
                "filename": filenames.get(order.order_ref),
                "row": order.rows[0] if order.rows else 0,
                "order_ref": order.order_ref,
                "reason": reason,
                "is_left_out": is_left_out,
            }
            for order, reason in problems
            if (order.order_ref, reason) not in told
        ]
        if self.source == "api":
            values = self._find_untold(self.shop_id, values)
        self.problem_ids._begin(values)

    def _describe_result(self):
        return self.env._(
            "%(created)s orders imported, %(changed)s changed, %(known)s already"
            " known, %(problems)s problems.",
            created=self.created_count,
            changed=self.updated_count,
            known=self.known_count,
            problems=self.problem_count,
        )

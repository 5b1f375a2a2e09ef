import logging
from collections import deque
from itertools import chain

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# So many parcels are claimed together.
CHUNK_SIZE = 120
# More parcels than this are labelled in the background: a web request has 120 seconds.
FOREGROUND_LIMIT = 20


class DeliveryLabelRun(models.Model):
    """One "create labels" over many deliveries; it can be started again at any time."""

    _name = "delivery.label.run"
    _description = "Label Run"
    _inherit = ["mail.thread", "amazon.guarded.record"]
    _order = "id desc"
    _check_company_auto = True
    # Of the parcels their own model says what is written.
    _written_by_people = frozenset(
        (
            *("labels_per_sheet", "layout", "parcel_ids", "start_position"),
            "validate_after",
        )
    )

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one("res.company", required=True, index=True)
    state = fields.Selection(
        selection=[
            ("draft", "To Check"),
            ("queued", "Queued"),
            ("running", "Running"),
            ("done", "Done"),
            ("stopped", "Stopped"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        index=True,
    )
    parcel_ids = fields.One2many("delivery.parcel", "run_id", string="Parcels")
    problem_parcel_ids = fields.One2many(
        "delivery.parcel",
        "run_id",
        string="Problems",
        domain=[("error", "!=", False)],
        readonly=True,
    )
    picking_ids = fields.Many2many(
        "stock.picking", compute="_compute_picking_ids", string="Deliveries"
    )
    error = fields.Text(readonly=True)
    parcel_count = fields.Integer(compute="_compute_counts", string="Selected")
    labelled_count = fields.Integer(compute="_compute_counts", string="Labelled")
    problem_count = fields.Integer(compute="_compute_counts", string="With a Problem")
    ready_count = fields.Integer(compute="_compute_counts", string="Ready")
    progress = fields.Integer(compute="_compute_counts")
    has_test_labels = fields.Boolean(compute="_compute_has_test_labels")
    uncertain_count = fields.Integer(compute="_compute_uncertain_count")

    # === COMPUTE METHODS === #

    @api.depends("create_date")
    def _compute_name(self):
        for run in self:
            run.name = self.env._("Labels %s", run.id)

    @api.depends("parcel_ids.picking_id", "other_picking_ids")
    def _compute_picking_ids(self):
        for run in self:
            run.picking_ids = run.parcel_ids.picking_id | run.other_picking_ids

    @api.depends("parcel_ids.state", "parcel_ids.error")
    def _compute_counts(self):
        groups = self.env["delivery.parcel"]._read_group(
            [("run_id", "in", self.ids)],
            ["run_id"],
            ["__count", "state:array_agg", "error:count"],
        )
        counts = {
            run: (total, states.count("labelled"), problems)
            for run, total, states, problems in groups
        }
        for run in self:
            total, labelled, problems = counts.get(run, (0, 0, 0))
            ready = len(run._get_ready_parcels())
            run.parcel_count = total
            run.labelled_count = labelled
            run.problem_count = problems
            run.ready_count = ready
            run.progress = total and round(100 * (total - ready) / total)

    @api.depends("parcel_ids.state", "parcel_ids.picking_id.amazon_address_uncertain")
    def _compute_uncertain_count(self):
        for run in self:
            run.uncertain_count = len(run._find_uncertain_orders())

    @api.depends("parcel_ids.is_test")
    def _compute_has_test_labels(self):
        for run in self:
            run.has_test_labels = any(run.parcel_ids.mapped("is_test"))

    def _find_uncertain_orders(self):
        """Orders without a label whose split address nobody has looked at."""
        drafts = [("run_id", "in", self.ids), ("state", "=", "draft")]
        return self.env["amazon.order"].search(
            [
                ("address_state", "=", "uncertain"),
                ("item_ids.move_ids.picking_id.parcel_ids", "any", drafts),
            ]
        )

    def _get_ready_parcels(self, limit=None, besides=()):
        """Drafts that nothing keeps from being labelled, in the order of the list."""
        return self.env["delivery.parcel"].search(
            [
                ("run_id", "in", self.ids),
                ("state", "=", "draft"),
                ("error", "=", False),
                ("id", "not in", list(besides)),
            ],
            order="position, id",
            limit=limit,
        )

    # === ACTION METHODS === #

    def action_check(self):
        """Look again at what has no label yet, now that a person has mended it."""
        self.parcel_ids.action_check()

    def action_start(self):
        """Create the labels of all parcels without a problem: now, or in the
        background when they are many. Starting again resumes."""
        self.ensure_one()
        if self.state in ("queued", "running") and not self.resume_at:
            return
        self.action_check()
        # What kept a labelled delivery from being validated may have been mended.
        labelled = self.parcel_ids.filtered(lambda p: p.state == "labelled")
        labelled._record({"error": False})
        self._record(
            {
                "state": "draft",
                "error": False,
                "resume_at": False,
                "waiting_since": False,
            }
        )
        self._withdraw_task()
        if self.ready_count > FOREGROUND_LIMIT:
            self._queue()
        else:
            self._process()

    def _queue(self):
        self._record({"state": "queued"})
        self.env.ref("amazon_carrier_connector.cron_label_runs")._trigger()

    def _finish_settled(self):
        """Go on where a label came late: its delivery is to be validated and printed.

        What a person has stopped, or what stopped with others waiting, stays so.
        """
        for run in self:
            is_at_end = run.error and not run._get_ready_parcels(limit=1)
            if run.state == "done" or (run.state == "stopped" and is_at_end):
                run._record({"error": False})
                run._queue()

    def action_stop(self):
        """Leave the rest; labels that exist stay."""
        self.ensure_one()
        if self.state in ("queued", "running"):
            self._record({"state": "stopped", "resume_at": False})

    def action_check_addresses(self):
        return self._find_uncertain_orders()._get_address_action()

    def action_view_deliveries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "amazon_carrier_connector.amazon_delivery_action"
        )
        return dict(action, domain=[("id", "in", self.picking_ids.ids)], context={})

    # === THE RUN === #

    @api.model
    def _cron_process(self):
        """Scheduled action: go on with the runs, and settle what a crash has left."""
        runs = self.search(self._get_due_domain(), order="id")
        for run in runs:
            # What is stored for people to read is in the language of who made the run.
            run = run.with_company(run.company_id).with_context(
                lang=run.create_uid.lang
            )
            if not run._process_isolated():
                break
        else:
            self.env["delivery.parcel"]._settle_abandoned()
        # Not reported as remaining: where nothing was labelled this time, the scheduler
        # would complain about it.
        if self.search_count(self._get_due_domain(), limit=1):
            self.env.ref("amazon_carrier_connector.cron_label_runs")._trigger()
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _get_due_domain(self):
        """Runs in the background, but those that wait for their carrier."""
        waits = Domain("resume_at", ">", fields.Datetime.now())
        return Domain("state", "in", ("queued", "running")) & ~waits

    def _process_isolated(self):
        """As ``_process``; what breaks one run does not keep the others waiting."""
        try:
            return self._process()
        except OperationalError:
            # Somebody saved what it reads: the next time it goes on from here.
            self.env.cr.rollback()
        except Exception as error:
            self.env.cr.rollback()
            _logger.exception("Label run %s was stopped", self.id)
            self._stop(
                self.env._(
                    "An unexpected error: %s. See the log.", type(error).__name__
                )
            )
            self.env["ir.cron"]._commit_progress()
        return True

    def _process(self):
        """Label, validate, merge; committed step by step.

        :return: False when the time of the scheduled action is over
        """
        self.ensure_one()
        if self.state == "queued":
            self._record({"state": "running", "resume_at": False})
        self.env["ir.cron"]._commit_progress()
        try:
            finished = self._label_parcels()
        except UserError as error:
            # Others may have got their labels before.
            self._tell_deliveries(self.parcel_ids)
            if self.validate_after:
                self._validate_deliveries()
            self._halt(error)
            self._merge_labels()
            return True
        if finished and self.validate_after:
            finished = self._validate_deliveries()
        if finished:
            self._merge_labels()
            self._record({"state": "done", "waiting_since": False})
            self.env["ir.cron"]._commit_progress()
        elif self.state == "stopped":
            # A person stopped it: what exists can be printed.
            self._merge_labels()
        return finished

    def _label_parcels(self):
        """
        :return: False when the time of the scheduled action is over
        :raises UserError: when the carrier makes no labels for this account
        """
        errors = []
        try:
            self.parcel_ids._settle()
        except UserError as error:
            errors.append(error)
        self._tell_deliveries(self.parcel_ids)
        # Each is tried once: what somebody else holds just now stays a draft.
        tried, waiting, has_time = set(), deque(), True
        self._do_all(self._reserve_ahead(tried))
        try:
            while has_time and (due := self._get_next_parcels(tried)):
                parcels = next(iter(due._grouped_by_account()))
                tried.update(parcels.ids)
                spare = chain(self._work_off(waiting), self._reserve_ahead(tried))
                try:
                    self._label_chunk(parcels, spare)
                except UserError as error:
                    # One account that fails keeps no other waiting.
                    errors.append(error)
                    tried.update(self._find_same_account(parcels).ids)
                finally:
                    waiting.extend(self._get_follow_ups(parcels))
                has_time = self._go_on(len(parcels))
        except Exception:
            # What was labelled is followed up all the same.
            self.env.cr.rollback()
            self._do_all(self._work_off(waiting))
            raise
        self._do_all(self._work_off(waiting))
        self._tell_deliveries(self.parcel_ids.browse(tried))
        if not has_time:
            return False
        if errors:
            # Where a carrier only wants a rest, the run goes on by itself.
            raise min(errors, key=lambda e: not getattr(e, "retry_after", None))
        requested = self.parcel_ids.filtered(lambda p: p.state == "requested")
        if requested or self._get_ready_parcels(limit=1):
            raise UserError(
                self.env._(
                    "The carrier has not given all labels yet. Start again in a minute:"
                    " nothing is bought twice."
                )
            )
        return True

    def _find_same_account(self, parcels):
        """The parcels of this run that are asked for with the account of these."""
        accounts = self.parcel_ids._grouped_by_account()
        return next((group for group in accounts if parcels <= group), parcels)

    def _get_next_parcels(self, tried):
        """So many, and of no delivery only some, unless it has more than that."""
        parcels = self._get_ready_parcels(CHUNK_SIZE + 1, besides=tried)
        first, cut = parcels[:CHUNK_SIZE], parcels[CHUNK_SIZE:].picking_id
        return first.filtered(lambda parcel: parcel.picking_id != cut) or first

    def _label_chunk(self, parcels, spare):
        # A buyer may have asked to cancel since the run was checked.
        parcels._check()
        parcels = parcels.filtered(lambda parcel: not parcel.error)
        pickings = parcels.picking_id
        problems = self._do_each(pickings, lambda group: group._reserve_for_label())
        for parcel in parcels:
            if reason := problems.get(parcel.picking_id.id):
                parcel._record({"error": reason})
        claimed = parcels.filtered(lambda parcel: not parcel.error)._claim()
        if claimed:
            claimed._ask(spare)

    def _tell_deliveries(self, parcels):
        """Write the numbers on the deliveries.

        One that somebody is changing just now gets its number at the next start, or
        when it is validated.
        """
        labelled = parcels.filtered(lambda parcel: parcel.state == "labelled")
        self._do_each(
            labelled.picking_id,
            lambda pickings: pickings.parcel_ids._update_pickings(),
        )

    def _go_on(self, processed):
        """Commit; whether there is time left and nobody stopped the run."""
        seconds_left = self.env["ir.cron"]._commit_progress(processed)
        # Lets go of the environments, one a write, that automation rules leave: Odoo
        # looks through all there are for each new one, a tenth of a validation's time.
        self.env.transaction.reset()
        return bool(seconds_left) and self.state in ("draft", "running")

    def _do_each(self, pickings, work):
        """Do a work on all, and when that fails on each alone; committed.

        :return: the reason by the id of each delivery on which it failed
        :rtype: dict[int, str]
        """
        try:
            work(pickings)
            self.env["ir.cron"]._commit_progress()
            return {}
        except Exception:
            # Whatever it is, one of them causes it and it is told below.
            self.env.cr.rollback()
        problems = {}
        for picking in pickings:
            try:
                work(picking)
                self.env["ir.cron"]._commit_progress()
            except Exception as error:
                self.env.cr.rollback()
                problems[picking.id] = self._describe_failure(picking, error)
        return problems

    def _describe_failure(self, picking, error):
        if isinstance(error, UserError):
            return str(error)
        if isinstance(error, OperationalError):
            # Somebody saved the delivery meanwhile.
            return self.env._(
                "It was being changed by somebody else. Start the run again."
            )
        _logger.error("Delivery %s could not be processed", picking.id, exc_info=error)
        return self.env._("An unexpected error: %s. See the log.", type(error).__name__)

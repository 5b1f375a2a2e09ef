"""What became of parcels whose asker died, or whose carrier did not answer clearly."""

from datetime import timezone

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..carriers.errors import CarrierError
from ..carriers.labelling import ANNOUNCE, COLLECT, LookUp
from .base_automation import RULES_LATER
from .carrier_messages import as_user_error


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    needs_decision = fields.Boolean(compute="_compute_needs_decision")

    @api.depends("state", "tracking_number", "remote_ref", "carrier_id", "asked_at")
    def _compute_needs_decision(self):
        for parcel in self:
            # What was announced is found again, yet its label may never be readable.
            parcel.needs_decision = parcel.state == "unclear" and (
                bool(parcel.tracking_number or parcel.remote_ref)
                or not parcel.carrier_id._is_look_up_sure()
                or parcel._is_overdue()
            )

    def _settle(self):
        """Find out at the carrier what became of these parcels; commits.

        :raises UserError: when a carrier cannot be asked; the others were
        """
        # Those that were announced together are found together.
        runs = {parcel.run_id for parcel in self}
        waiting = (self | self.picking_id.parcel_ids).filtered(
            lambda parcel: parcel.run_id in runs
            and parcel.state in ("requested", "unclear")
            # Found already: what is missing, a person must say.
            and not parcel.tracking_number
        )
        errors = []
        for parcels in waiting._grouped_by_account():
            try:
                parcels._look_up()
            except UserError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _look_up(self):
        labelling = self._get_labelling()
        # As few at once as when they were first asked for: there may be many.
        for parcels in self._get_calls(labelling):
            for step in labelling.steps:
                if error := parcels._look_up_step(labelling, step):
                    raise as_user_error(self.env, error)

    def _look_up_step(self, labelling, step):
        """Lock, ask, store, commit.

        :return: the carrier's error, or None
        """
        parcels = self._take_over().filtered(lambda parcel: parcel._concerns(step))
        error = None
        if COLLECT in labelling.steps:
            try:
                parcels -= parcels._begin_changed_anew(labelling, step)
            except CarrierError as failure:
                # Nothing is known of these: they stay as they are.
                parcels, error = parcels.browse(), failure
        requests = parcels._prepare_requests() if step == ANNOUNCE else []
        if parcels:
            outcome = parcels._prepare_question(
                labelling, requests, parcels._prepare_look_up()
            )()
            # A rule that fails must not undo the record of a label.
            parcels.with_context(**{RULES_LATER: True})._store(outcome)
            if step == ANNOUNCE:
                parcels._expect_doubles()
            # The labels of what was found or made are asked for next.
            made = parcels.filtered(lambda parcel: parcel.state == "requested")
            made._record({"asked_at": fields.Datetime.now()})
            error = outcome.error
        self.env["ir.cron"]._commit_progress()
        parcels._run_rules()
        return error

    def _begin_changed_anew(self, labelling, step):
        """What was announced, perhaps, and changed since is announced as it is now.

        Unless it is bought: then its label is there, whatever changed.

        :return: those that are drafts again
        :raises CarrierError: when the carrier does not tell what is bought
        """
        changed = self._find_outdated()
        if changed and step == COLLECT:
            unbought = labelling.find_unbought(
                {parcel.reference: parcel.remote_ref for parcel in changed}
            )
            changed = changed.filtered(lambda parcel: parcel.reference in unbought)
        changed._begin_anew()
        changed._record({"state": "draft", "error": False})
        return changed

    def _take_over(self):
        """Lock what nobody asks for any more.

        :return: the parcels that their carrier may have made
        """
        parcels = self.try_lock_for_update().filtered(
            lambda parcel: parcel.state in ("requested", "unclear")
        )
        # Whoever died before asking has spent nothing.
        unasked = parcels.filtered(lambda p: p.state == "requested" and not p.asked_at)
        unasked._record({"state": "draft"})
        return parcels - unasked

    def _prepare_look_up(self):
        return LookUp(
            asked_at={
                parcel.reference: (parcel.asked_at or parcel.create_date).replace(
                    tzinfo=timezone.utc
                )
                for parcel in self
            },
            is_held=self._is_held_by_others,
        )

    def _is_held_by_others(self, tracking_number):
        # A carrier's numbers know no companies. The label for a parcel's way back bears
        # the order's reference as the parcel does.
        has_number = Domain("tracking_number", "=", tracking_number)
        others = has_number & Domain("id", "not in", self.ids)
        returns = self.env["delivery.parcel.return"].sudo()
        return bool(
            self.sudo().search_count(others, limit=1)
            or returns.search_count(has_number, limit=1)
        )

    def _store_found(self, found):
        """Bought, but there is no label: it must not leave before a person has one."""
        self._store_returns([found.return_label])
        self._record(
            {
                "state": "unclear",
                "tracking_number": found.tracking_number,
                "tracking_url": found.tracking_url,
                "error": self.env._(
                    "The carrier has this parcel as %s and does not give its label"
                    " again. Press Decide: upload the label or go on without it; or"
                    " cancel the parcel and make a new label.",
                    found.tracking_number,
                ),
            }
        )

    def _describe_unclear(self):
        if self.carrier_id._is_look_up_sure():
            return self.env._(
                "The carrier did not answer clearly. Odoo looks by itself whether it"
                " made the label, and asks for no other one before that is known."
            )
        return self.env._(
            "The carrier did not answer clearly, and it may have made the label. Look"
            " for %(reference)s in its portal, then press Decide on the parcel. Until"
            " then it is not asked again.",
            reference=self.reference,
        )

    # === WHAT A PERSON DECIDES === #

    def action_decide(self):
        """Ask the person who has looked in the carrier's portal."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Does the carrier have it?"),
            "res_model": "delivery.parcel.decision",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_parcel_id": self.id,
                "default_tracking_number": self.tracking_number,
            },
        }

    def _lock_undecided(self):
        """
        :raises UserError: when it is not open any more what became of the parcel
        """
        self.ensure_one()
        if not self.try_lock_for_update() or self.state != "unclear":
            raise UserError(
                self.env._("%s is not unclear any more: open it again.", self.reference)
            )

    def _decide_made(self, tracking_number, document):
        """The carrier has it: a person gives its number, and its label or goes without.

        :param document: the label and its format, or None
        """
        self._lock_undecided()
        label = None
        if document:
            data, label_format = document
            label = self._attach_labels([(data, tracking_number, label_format)])
        self._record(
            {
                "state": "labelled",
                "tracking_number": tracking_number,
                "tracking_url": self.tracking_url
                or self.carrier_id._get_parcel_link(self, tracking_number),
                "label_attachment_id": label and label.id,
                "without_label": not label,
                "labelled_at": fields.Datetime.now(),
                "error": False,
            }
        )
        self._update_pickings()

    def _decide_unmade(self):
        """The carrier does not have it: it may be asked again, under a new reference.

        Should the old one turn up after all, nobody takes it for the new one.

        :return: the parcel that takes its place
        """
        self._lock_undecided()
        self._give_up_concepts()
        self._record({"state": "cancelled", "error": False})
        return self._begin(self.copy_data({"run_id": self.run_id.id}))

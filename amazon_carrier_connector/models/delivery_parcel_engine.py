"""How labels are asked for: claimed, marked, asked, stored, and each step committed."""

from collections import defaultdict
from dataclasses import astuple
from functools import partial
from hashlib import sha256
from itertools import chain

from psycopg2 import IntegrityError

from odoo import fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)
from odoo.tools import SQL

from ..carriers.labelling import ANNOUNCE, COLLECT, Outcome
from ..carriers.labels import MIMETYPES
from ..carriers.parallel import Asking
from ..carriers.shipments import shipment_of
from .base_automation import RULES_LATER
from .carrier_messages import as_user_error

# What Odoo repeats a request for.
REPEATED = (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError)


class DeliveryParcel(models.Model):
    _inherit = "delivery.parcel"

    def _grouped_by_account(self):
        return self.grouped(lambda p: (p.carrier_id, p.company_id, p.is_test)).values()

    def _get_labelling(self):
        return self.carrier_id._get_labelling(self.company_id, self[:1].is_test)

    # === CLAIMING === #

    def _claim(self):
        """Turn drafts into *requested* and commit: from here on they are ours to ask.

        :return: the parcels that were claimed
        """
        # Nothing but parcels is written here: a claim that waited for a delivery while
        # its validator waits for the claim would be a deadlock nobody sees.
        drafts = self.try_lock_for_update(allow_referencing=True).filtered(
            lambda parcel: parcel.state == "draft"
        )
        labelled_elsewhere = drafts.filtered(lambda p: p._find_living_twins())
        labelled_elsewhere._give_up_claim()
        claimed = drafts - labelled_elsewhere
        claimed._forget_outdated_concepts()
        try:
            with self.env.cr.savepoint():
                claimed._write_claim()
        except IntegrityError:
            claimed = claimed.filtered(lambda parcel: parcel._claim_alone())
        self.env["ir.cron"]._commit_progress(len(claimed))
        return claimed

    def _claim_alone(self):
        try:
            with self.env.cr.savepoint():
                self._write_claim()
        except IntegrityError:
            self._give_up_claim()
            return False
        return True

    def _write_claim(self):
        self._record({"state": "requested", "asked_at": False, "error": False})

    def _forget_outdated_concepts(self):
        """What was announced before a person changed it is announced anew."""
        for parcels in self.filtered("remote_ref")._grouped_by_account():
            parcels._find_outdated()._begin_anew()

    def _find_outdated(self):
        """Those of one account of which the carrier was told something else."""
        digests = _digest(self._prepare_requests())
        return self.filtered(lambda p: p.announced_digest != digests[p.reference])

    def _prepare_requests(self):
        """
        :return: what the carrier is asked for these parcels of one account; those of
            one delivery together, in the same order at any time
        """
        requests = []
        for parcels in self.grouped("picking_id").values():
            own = [p.carrier_id._prepare_request(p) for p in parcels.sorted("id")]
            requests += self.carrier_id._join_requests(own)
        return requests

    def _give_up_claim(self):
        self._record({"error": self.env._("Somebody else is making a label for it.")})

    def _release(self):
        """Nothing was bought for these: they wait as drafts, with their concepts."""
        released = self.try_lock_for_update(allow_referencing=True).filtered(
            lambda parcel: parcel.state == "requested"
        )
        released._record({"state": "draft"})
        unannounced = released.filtered(lambda p: not p.remote_ref)
        unannounced._record({"announced_digest": False})
        self.env["ir.cron"]._commit_progress()

    # === ASKING === #

    def _ask(self, spare=()):
        """Get the labels of claimed parcels of one account; commits.

        The automation rules on them have not run yet: see `_run_rules`.

        :param spare: work that may be done meanwhile, see `Asking`; nothing in it may
            use this transaction
        :raises UserError: when the carrier cannot be asked further; what was claimed
            and certainly not bought is a draft again
        """
        try:
            labelling = self._get_labelling()
        except UserError:
            self._release()
            raise
        for step in labelling.steps:
            if error := self._run_step(labelling, step, spare):
                self._release()
                raise as_user_error(self.env, error)
        self._trigger_confirmation()

    def _run_step(self, labelling, step, spare):
        """Guard, ask for several at once, store each answer as it comes; commits.

        :return: the carrier's error when it was not asked for all, else None
        """
        parcels = self._guard().filtered(
            lambda parcel: parcel.state == "requested" and parcel._concerns(step)
        )
        asked = []
        asking = Asking(
            ask=lambda question: question[1](),
            store=lambda question, outcome: question[0]._store_apart(outcome),
            connections=labelling.connections,
            is_repeatable=COLLECT in labelling.steps,
        )
        try:
            return asking.run(parcels._get_questions(labelling, step, asked), spare)
        finally:
            # The guard ends here, and what was stored apart comes into sight.
            self.env["ir.cron"]._commit_progress()
            if unasked := parcels - self.browse().concat(*asked):
                unasked._release()

    def _guard(self):
        """Show, until the end of this transaction, that somebody asks for these.

        To take a parcel over one must lock the whole of its row. To store what comes
        back, in a cursor of its own, one need not.

        :return: those that nobody has taken over
        """
        if not self:
            return self
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM delivery_parcel WHERE id IN %s"
                " FOR KEY SHARE SKIP LOCKED",
                tuple(self.ids),
            )
        )
        guarded = {parcel_id for (parcel_id,) in rows}
        return self.filtered(lambda parcel: parcel.id in guarded)

    def _concerns(self, step):
        return bool(self.remote_ref) == (step == COLLECT)

    def _get_questions(self, labelling, step, asked):
        """Yield what is asked together, each marked as asked just before its turn.

        :param asked: a list, to which is added what was asked; nothing any more once
            a person has stopped the run
        """
        alone = self._get_asked_alone() if step == COLLECT else []
        rest = self - self.browse().concat(*alone)
        for parcels in chain(rest._get_calls(labelling), alone):
            requests = parcels._prepare_requests() if step == ANNOUNCE else []
            question = parcels._prepare_question(labelling, requests)
            if not parcels._mark_asked(_digest(requests)):
                return
            asked.append(parcels)
            yield parcels, question

    def _get_calls(self, labelling):
        """Yield the parcels that their carrier is asked for in one call."""
        by_delivery = self.grouped("picking_id") if labelling.is_by_delivery else {}
        for parcels in by_delivery.values() or [self]:
            yield from parcels._get_chunks(labelling.chunk_size)

    def _get_asked_alone(self):
        """
        :return: recordsets, each one shipment whose pages go with no other's
        :rtype: list
        """
        return [
            parcels
            for parcels in self.grouped("remote_ref").values()
            if len(parcels) > 1 or parcels.carrier_id._is_asked_alone(parcels)
        ]

    def _get_chunks(self, size):
        """So many at most; the parcels of one delivery together where they fit."""
        ids = []
        for parcels in self.grouped("picking_id").values():
            if ids and len(ids) + len(parcels) > size:
                yield self._get_chunk(ids)
                ids = []
            ids += parcels.ids
            while len(ids) > size:
                yield self._get_chunk(ids[:size])
                ids = ids[size:]
        if ids:
            yield self._get_chunk(ids)

    def _get_chunk(self, ids):
        # Alone, each of its parcels would be read apart.
        return self.browse(ids).with_prefetch(self._prefetch_ids)

    def _prepare_question(self, labelling, requests, look_up=None):
        """
        :param requests: what is announced; none where labels are collected
        :return: what asks the carrier, in any thread: it touches no record
        """
        if requests:
            return partial(labelling.announce, requests, look_up)
        return partial(labelling.collect, {p.reference: p.remote_ref for p in self})

    def _mark_asked(self, digests):
        """
        :param digests: fingerprints by reference, of what the carrier is told. They
            are kept before it is told: its answer may be lost
        :return: False when their run was stopped, or they are not this asker's any
            more: nothing is marked then
        """
        # A connection to the carrier waits for it: nothing else is read or written.
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    "UPDATE delivery_parcel AS parcel SET asked_at = %s,"
                    " announced_digest = COALESCE(told.digest, announced_digest)"
                    " FROM unnest(%s::int[], %s::varchar[]) AS told(id, digest)"
                    " WHERE parcel.id = told.id AND parcel.state = 'requested'"
                    " AND NOT EXISTS (SELECT FROM delivery_label_run AS run"
                    " WHERE run.id = run_id AND run.state = 'stopped')",
                    fields.Datetime.now(),
                    self.ids,
                    [digests.get(reference) for reference in self.mapped("reference")],
                )
            )
            if cr.rowcount == len(self):
                return True
            cr.rollback()
            return False

    # === STORING === #

    def _store_apart(self, outcome):
        """Store in a transaction of its own, while others are still being asked for.

        Only parcels, their return labels and attachments are written, so that nothing
        that anybody else saves meanwhile, and no automation rule, can undo the record
        of what was paid for. A label in hand is not given up because somebody saved
        the row in that very moment: it may come once only.
        """
        context = {**self.env.context, RULES_LATER: True}
        for tries_left in reversed(range(MAX_TRIES_ON_CONCURRENCY_FAILURE)):
            try:
                with self.env.registry.cursor() as cr:
                    env = self.env(cr=cr, context=context)
                    self.with_env(env).with_prefetch()._store(outcome)
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                if not tries_left:
                    raise

    def _run_rules(self):
        """Run the automation rules that waited while labels were stored; commits.

        A rule that meets somebody who saves the same just now is repeated from a
        fresh transaction, as Odoo repeats a request; in the end it is logged.
        """
        labelled = self.filtered(lambda parcel: parcel.state == "labelled")
        rules = self.env["base.automation"]
        for tries_left in reversed(range(MAX_TRIES_ON_CONCURRENCY_FAILURE)):
            try:
                rules._run_on_labelled(labelled, REPEATED if tries_left else ())
                break
            except REPEATED:
                self.env.cr.rollback()
        self.env["ir.cron"]._commit_progress()

    def _store(self, outcome: Outcome):
        labels = outcome.labels
        labelled = self.filtered(lambda parcel: parcel.reference in labels)
        labelled._store_labels([labels[parcel.reference] for parcel in labelled])
        for parcel in self - labelled:
            reference = parcel.reference
            if reference in outcome.created:
                parcel._store_concept(outcome.created[reference])
            elif reference in outcome.found:
                parcel._store_found(outcome.found[reference])
            elif reference in outcome.refused:
                parcel._store_refusal(outcome.refused[reference])
            elif reference in outcome.unclear:
                parcel._write_unclear()

    def _store_concept(self, remote_ref):
        self._record(
            {
                "remote_ref": remote_ref,
                "state": "requested",
                # Its label was not asked for yet: whoever dies now has spent nothing.
                "asked_at": False,
                "error": False,
            }
        )

    def _store_refusal(self, problems):
        # It is final for this parcel: what was announced for it is not needed any more.
        self.filtered("remote_ref")._give_up_concepts()
        self._record({"state": "refused", "announced_digest": False})
        self._set_problems({self: self._tell_problems(problems)})

    def _store_labels(self, labels):
        attachments = self._attach_labels(
            (label.document, label.tracking_number, label.label_format)
            for label in labels
        )
        self._store_returns([label.return_label for label in labels])
        for parcel, label, attachment in zip(self, labels, attachments, strict=True):
            parcel._record(
                {
                    "state": "labelled",
                    "remote_ref": label.remote_ref,
                    "announced_digest": False,
                    "tracking_number": label.tracking_number,
                    "tracking_url": label.tracking_url,
                    "price": (label.price_cents or 0) / 100,
                    "label_attachment_id": attachment.id,
                    "labelled_at": fields.Datetime.now(),
                    "error": False,
                }
            )

    def _attach_labels(self, labels):
        """
        :param labels: the document, the tracking number and the format of each parcel
        """
        # Labels are no documents that people may write.
        return (
            self.env["ir.attachment"]
            .sudo()
            .create(
                [
                    parcel._prepare_attachment(*label)
                    for parcel, label in zip(self, labels, strict=True)
                ]
            )
        )

    def _prepare_attachment(self, document, tracking_number, label_format):
        name = f"{self.carrier_id._get_delivery_label_prefix()}-{tracking_number}"
        return {
            "name": f"{name}.{label_format}",
            "raw": document,
            "mimetype": MIMETYPES[label_format],
            "res_model": self._name,
            "res_id": self.id,
            "company_id": self.company_id.id,
        }


def _digest(requests):
    """Fingerprints of requests, each of all that makes one shipment, by reference."""
    shipments = defaultdict(list)
    for request in requests:
        shipments[shipment_of(request)].append(astuple(request))
    return {
        request.reference: sha256(
            repr(shipments[shipment_of(request)]).encode()
        ).hexdigest()
        for request in requests
    }

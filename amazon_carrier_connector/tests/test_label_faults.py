"""Each fault of a carrier at each step of the engine: what it leaves behind.

Whatever happened, once the carrier works again, the run was started again and a person
has decided what only a person can, every delivery has exactly one label, bought once,
and none left without it. What was met is printed as a table.

A fault is the carrier's, before or after it has acted, or our own: an answer that could
not be stored, before or after our commit.
"""

import sys
from contextlib import suppress
from unittest.mock import patch

from odoo.tests import tagged

from .fault_table import FaultTable
from .gls_case import CREATE as GLS_CREATE
from .gls_case import SEARCH as GLS_SEARCH
from .gls_case import GlsCase
from .label_case import CREATE, FETCH, READ, SEARCH, LabelCase, read_pages

COUNT = 2
JSON = "application/json; charset=utf-8"
# Name -> kind and details of the fault, for each of its moments.
FAULTS = {
    "slow": ("latency", {"seconds": 0.05}),
    "throttled": ("throttled", {"retry_after": 1}),
    "throttled_without_a_word": ("throttled", {"body": False}),
    "page_503_before": ("unavailable", {"moment": "before"}),
    "page_503_after": ("unavailable", {"moment": "after"}),
    "error_500_after": ("unavailable", {"status": 500, "moment": "after"}),
    "no_answer_before": ("timeout", {"moment": "before", "seconds": 2}),
    "no_answer_after": ("timeout", {"moment": "after", "seconds": 2}),
    "cut_before": ("cut", {"moment": "before"}),
    "cut_after": ("cut", {"moment": "after"}),
    "cut_midway": ("cut_midway", {}),
    "truncated": ("truncated", {}),
    "html_after": ("content", {"body": "<html>ok</html>", "moment": "after"}),
    "empty_after": ("content", {"body": "", "moment": "after"}),
    "empty_json": (
        "content",
        {"body": "{}", "content_type": JSON, "moment": "after"},
    ),
    "no_content": ("content", {"status": 204, "moment": "after"}),
    "redirected": ("content", {"status": 302, "body": "", "moment": "before"}),
}
# How each carrier says no.
MYPARCEL_FAULTS = FAULTS | {
    "refused_unnamed": ("refused", {"status": 422, "body": (3705, "Not possible")}),
    "bad_request": ("refused", {"status": 400, "body": (3212, "Parameter missing")}),
    "not_found": ("refused", {"status": 404, "body": (3001, "Not found")}),
    "wrong_key": ("refused", {"status": 401, "body": (3000, "Access denied")}),
    "no_permission": ("refused", {"status": 403, "body": (3001, "No permission")}),
}
GLS_FAULTS = FAULTS | {
    "refused_unnamed": ("refused", {"status": 422, "body": "V999: not possible"}),
    "bad_request": ("refused", {"status": 400, "body": "V009: not valid"}),
    "not_found": ("refused", {"status": 404, "body": "V999: not found"}),
    "failed_dependency": ("refused", {"status": 424, "body": "V999: no depot"}),
    "wrong_key": ("refused", {"status": 401, "body": "A001: not correct"}),
    "no_permission": ("refused", {"status": 403, "body": "A002: not allowed"}),
}
# How long it lasts: one request, or as long as the first run takes.
LASTING = {"once": 1, "throughout": None}
# The first of these stops the run: it cannot last longer.
STOPPING = {
    "throttled",
    "throttled_without_a_word",
    "no_answer_before",
    "no_answer_after",
    "wrong_key",
    "no_permission",
}


class Mishap(Exception):
    """What should never happen, and does."""


class FaultMatrix:
    """What becomes of two deliveries; ``service`` is the carrier's stand-in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = FaultTable(cls.__name__)
        cls.addClassCleanup(cls._print_table)

    @classmethod
    def _print_table(cls):
        for line in cls.table.lines():
            # The root conftest shows such lines of tests that passed.
            sys.stdout.write(f"Figures: {line}\n")

    def _meet(self, operation, fault, times):
        kind, details = fault
        run = self.create_run(self.pickings, validate_after=True)
        self.service.faults.add(operation, kind, times=times, **details)
        with self.impatient():
            self.start(run)
            self._assert_nothing_left_without_a_label(self.pickings)
            self.service.faults.clear()
            self.start(run)
        self._assert_all_is_well(run)

    def _fail_to_store(self, step, is_committed):
        """The first answer of a step is not stored, or nobody hears that it is."""
        run = self.create_run(self.pickings, validate_after=True)
        parcels = self.registry["delivery.parcel"]
        run_step, store = parcels._run_step, parcels._store_apart
        failed = []

        def remember(self, labelling, current, spare):
            with patch.object(parcels, "_store_apart", fail_at(current)):
                return run_step(self, labelling, current, spare)

        def fail_at(current):
            def fail(self, outcome):
                if failed or current != step:
                    return store(self, outcome)
                failed.append(self)
                if is_committed:
                    store(self, outcome)
                raise Mishap

            return fail

        # Not by `assertRaises`, which would undo what was committed.
        with patch.object(parcels, "_run_step", remember), suppress(Mishap):
            self.start(run)
        self.assertTrue(failed)
        self._assert_nothing_left_without_a_label(self.pickings)
        self.start(run)
        self._assert_all_is_well(run)

    def _assert_all_is_well(self, run):
        pickings = self.pickings
        self._assert_nothing_left_without_a_label(pickings)
        self._assert_none_bought_twice()
        self._decide(run)
        if refused := run.parcel_ids.filtered(lambda p: p.state == "refused"):
            # A refusal is final for that parcel: a person labels again.
            self.assertTrue(all(refused.mapped("error")))
            self.label(refused.picking_id, validate_after=True)
        self._assert_each_has_one_label(pickings)

    def _count_harms(self):
        """Labels bought twice, labels lost, deliveries shipped without a label."""
        numbers = self._get_numbers_by_place()
        labelled = self.pickings.parcel_ids.filtered(lambda p: p.state == "labelled")
        shipped = self.pickings.filtered(lambda p: p.state == "done")
        return (
            sum(max(0, len(bought) - 1) for bought in numbers),
            len(set().union(*numbers) - set(labelled.mapped("tracking_number"))),
            len(shipped - labelled.picking_id),
        )

    def _get_numbers_by_place(self):
        """What was bought for each physical parcel, by whichever attempt."""
        bought = self.get_bought()
        attempts = self.pickings.parcel_ids.grouped(lambda parcel: parcel._get_place())
        return [
            [number for p in parcels for number in bought.get(p.reference, ())]
            for parcels in attempts.values()
        ]

    def _decide(self, run):
        """Do what is left to a person; nothing where the carrier knows all."""

    def _assert_nothing_left_without_a_label(self, pickings):
        for picking in pickings.filtered(lambda p: p.state == "done"):
            self.assertEqual(picking.label_state, "labelled")

    def _assert_none_bought_twice(self):
        for numbers in self._get_numbers_by_place():
            self.assertLessEqual(len(numbers), 1)

    def _assert_each_has_one_label(self, pickings):
        labelled = pickings.parcel_ids.filtered(lambda p: p.state == "labelled")
        self.assertEqual(len(labelled), COUNT)
        self.assertEqual(labelled.picking_id, pickings)
        self.assert_bought_once(labelled)
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        for picking in pickings:
            parcels = picking.parcel_ids.filtered(lambda p: p.state == "labelled")
            numbers = parcels.sorted("id").mapped("tracking_number")
            self.assertEqual(picking.carrier_tracking_ref, ",".join(numbers))
        for each in pickings.parcel_ids.run_id:
            numbers = each.parcel_ids.filtered(lambda p: p.state == "labelled").mapped(
                "tracking_number"
            )
            pages = read_pages(each.attachment_id) if numbers else []
            for number, text in zip(numbers, pages, strict=True):
                self.assertIn(number, text)
        outbox = self.find_confirmations(pickings)
        self.assertEqual(outbox.parcel_id, labelled)
        self.assertEqual(len(outbox), COUNT)


@tagged("post_install", "-at_install")
class TestMyparcelFaults(FaultMatrix, LabelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.standins.myparcel
        cls.pickings = cls.import_deliveries(COUNT)


@tagged("post_install", "-at_install")
class TestMyparcelFaultsOfPackages(FaultMatrix, LabelCase):
    """One delivery, whose two parcels are one shipment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.standins.myparcel
        cls.pickings = cls.import_deliveries(first=50, quantity_to_ship=COUNT)
        cls.pack(cls.pickings, *[1] * COUNT)


class GlsFaults(FaultMatrix, GlsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.standins.gls
        cls.pickings = cls.import_deliveries(COUNT)

    def _decide(self, run):
        """A person looks for each unclear parcel in the portal, and says what is so."""
        bought = self.get_bought()
        for parcel in run.parcel_ids.filtered(lambda p: p.state == "unclear"):
            self.assertTrue(parcel.needs_decision)
            self.assertIn("Decide", parcel.error)
            if numbers := bought.get(parcel.reference):
                (number,) = numbers
                self.assertIn(parcel.tracking_number, (False, number))
                label = self.print_again(number)
                self.decide(parcel, "made", label, tracking_number=number)
            else:
                self.assertFalse(parcel.tracking_number)
                self.decide(parcel, "unmade")
        self.start(run)


@tagged("post_install", "-at_install")
class TestGlsFaults(GlsFaults):
    """Track & Trace is switched on."""


@tagged("post_install", "-at_install")
class TestGlsFaultsWithoutTracking(GlsFaults):
    def setUp(self):
        super().setUp()
        self.gls.tracking_enabled = False


@tagged("post_install", "-at_install")
class TestGlsFaultsOfPackages(GlsFaults):
    """One delivery, whose two parcels are one shipment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pickings = cls.import_deliveries(first=50, quantity_to_ship=COUNT)
        cls.pack(cls.pickings, *[1] * COUNT)


def _define(case, step, operation, name, fault, lasting):
    def meet(self):
        self._meet(operation, fault, LASTING[lasting])
        self.table.add(name, step, self._count_harms())

    meet.__name__ = f"test_{name}_at_{step}_{lasting}_ends_with_one_label_each"
    setattr(case, meet.__name__, meet)


def _define_storing(case, step, name, is_committed):
    moment = "after" if is_committed else "before"

    def meet(self):
        self._fail_to_store(name, is_committed)
        self.table.add(f"failed_{moment}_our_commit", step, self._count_harms())

    meet.__name__ = f"test_failure_{moment}_the_commit_of_{step}_ends_with_one_label"
    setattr(case, meet.__name__, meet)


def _define_matrix(case, steps, faults, lastings=tuple(LASTING)):
    for step, operation in steps.items():
        for name, fault in faults.items():
            for lasting in lastings if name not in STOPPING else ("once",):
                _define(case, step, operation, name, fault, lasting)


_define_matrix(
    TestMyparcelFaults,
    {"create": CREATE, "label": FETCH, "read": READ},
    MYPARCEL_FAULTS,
)
_define_matrix(TestGlsFaults, {"create": GLS_CREATE}, GLS_FAULTS)
for _committed in (False, True):
    _define_storing(TestMyparcelFaults, "create", "announce", _committed)
    _define_storing(TestMyparcelFaults, "label", "collect", _committed)
    _define_storing(TestMyparcelFaultsOfPackages, "create", "announce", _committed)
    _define_storing(TestMyparcelFaultsOfPackages, "label", "collect", _committed)
    _define_storing(TestGlsFaults, "create", "announce", _committed)
    _define_storing(TestGlsFaultsOfPackages, "create", "announce", _committed)
_define_matrix(
    TestMyparcelFaultsOfPackages,
    {"create": CREATE, "label": FETCH, "read": READ},
    {
        name: MYPARCEL_FAULTS[name]
        for name in (
            *("cut_before", "cut_after", "no_answer_after", "page_503_after"),
            *("truncated", "refused_unnamed", "throttled"),
        )
    },
    ("once",),
)
_define_matrix(
    TestGlsFaultsOfPackages,
    {"create": GLS_CREATE},
    {
        name: GLS_FAULTS[name]
        for name in (
            *("cut_before", "cut_after", "no_answer_after", "page_503_after"),
            *("truncated", "failed_dependency", "refused_unnamed", "throttled"),
        )
    },
    ("once",),
)
_define_matrix(
    TestGlsFaultsWithoutTracking,
    {"create": GLS_CREATE},
    {
        name: GLS_FAULTS[name]
        for name in ("cut_before", "cut_after", "no_answer_after", "page_503_after")
    },
    ("once",),
)


@tagged("post_install", "-at_install")
class TestSettlingFaults(LabelCase):
    """Faults of the look-up that settles what MyParcel was asked before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pickings = cls.import_deliveries(COUNT)

    def _meet(self, fault, made):
        kind, details = MYPARCEL_FAULTS[fault]
        pickings = self.pickings
        run = self.create_run(pickings, validate_after=True)
        # The answer to the creation is lost: nobody knows what was made.
        self.myparcel.faults.add(CREATE, "cut", moment="after" if made else "before")
        self.start(run)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"unclear"})
        self.myparcel.faults.add(SEARCH, kind, times=None, **details)
        with self.impatient():
            self.start(run)
        if fault != "slow":
            self.assertEqual(set(run.parcel_ids.mapped("state")), {"unclear"})
            self.assertEqual(self.get_bought(), {})
        self.myparcel.faults.clear()
        self.start(run)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(len(run.parcel_ids), COUNT)
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        self.assertEqual(len(self.myparcel.shipments), COUNT)


def _define_settling(fault, made):
    def meet(self):
        self._meet(fault, made)

    what = "made" if made else "unmade"
    name = f"test_{fault}_at_search_for_{what}_parcels_buys_nothing_blindly"
    meet.__name__ = name
    setattr(TestSettlingFaults, name, meet)


for _fault in MYPARCEL_FAULTS:
    _define_settling(_fault, made=True)
for _fault in ("throttled", "cut_before", "page_503_before", "no_answer_before"):
    _define_settling(_fault, made=False)


@tagged("post_install", "-at_install")
class TestGlsSettlingFaults(GlsCase):
    """Whatever GLS's tracking answers, it is never a reason to buy again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pickings = cls.import_deliveries(COUNT)

    def _meet(self, fault, moment):
        kind, details = GLS_FAULTS[fault]
        run = self.lose(self.pickings, moment, validate_after=True)
        made = COUNT if moment == "after" else 0
        self.gls.faults.add(GLS_SEARCH, kind, times=None, **details)
        with self.impatient():
            self.start(run)
        self.gls.faults.clear()
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"unclear"})
        self.assertEqual(self.gls.count(GLS_CREATE), COUNT)
        self.start(run)
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"unclear"})
        self.assertEqual(self.gls.count(GLS_CREATE), COUNT)
        self.assertEqual(len(self.gls.units), made)
        found = run.parcel_ids.filtered("tracking_number")
        self.assertEqual(len(found), made)
        self.assertEqual(set(self.pickings.mapped("state")), {"assigned"})


def _define_gls_settling(fault, moment):
    def meet(self):
        self._meet(fault, moment)

    meet.__name__ = f"test_{fault}_at_search_lost_{moment}_buys_nothing"
    setattr(TestGlsSettlingFaults, meet.__name__, meet)


for _fault in GLS_FAULTS:
    _define_gls_settling(_fault, "after")
for _fault in ("throttled", "cut_before", "empty_json"):
    _define_gls_settling(_fault, "before")

"""Each fault of MyParcel at each step of the engine: what it leaves behind.

Whatever happened, once MyParcel works again and the run was started again, every
delivery has exactly one label, bought once, and none left without it.
"""

from odoo.tests import tagged

from .label_case import CREATE, FETCH, READ, SEARCH, LabelCase, read_pages

COUNT = 2
STEPS = {"create": CREATE, "label": FETCH, "read": READ}
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
    "refused_unnamed": ("refused", {"status": 422, "body": (3705, "Not possible")}),
    "bad_request": ("refused", {"status": 400, "body": (3212, "Parameter missing")}),
    "not_found": ("refused", {"status": 404, "body": (3001, "Not found")}),
    "wrong_key": ("refused", {"status": 401, "body": (3000, "Access denied")}),
    "no_permission": ("refused", {"status": 403, "body": (3001, "No permission")}),
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


@tagged("post_install", "-at_install")
class TestLabelFaults(LabelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pickings = cls.import_deliveries(COUNT)

    def _meet(self, step, fault, times):
        kind, details = FAULTS[fault]
        pickings = self.pickings
        run = self.create_run(pickings, validate_after=True)
        self.myparcel.faults.add(STEPS[step], kind, times=times, **details)
        with self.impatient():
            self.start(run)
            self._assert_nothing_left_without_a_label(pickings)
            self.myparcel.faults.clear()
            self.start(run)
        if refused := run.parcel_ids.filtered(lambda p: p.state == "refused"):
            # A refusal is final for that parcel: a person labels again.
            self.assertTrue(all(refused.mapped("error")))
            self.label(refused.picking_id, validate_after=True)
        self._assert_each_has_one_label(pickings, run)

    def _assert_nothing_left_without_a_label(self, pickings):
        for picking in pickings.filtered(lambda p: p.state == "done"):
            self.assertEqual(picking.label_state, "labelled")

    def _assert_each_has_one_label(self, pickings, run):
        labelled = pickings.parcel_ids.filtered(lambda p: p.state == "labelled")
        self.assertEqual(len(labelled), COUNT)
        self.assertEqual(labelled.picking_id, pickings)
        self.assert_bought_once(labelled)
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        for picking in pickings:
            parcel = picking.parcel_ids.filtered(lambda p: p.state == "labelled")
            self.assertEqual(picking.carrier_tracking_ref, parcel.tracking_number)
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


def _define(step, fault, lasting):
    def meet(self):
        self._meet(step, fault, LASTING[lasting])

    name = f"test_{fault}_at_{step}_{lasting}_ends_with_one_label_each"
    meet.__name__ = name
    setattr(TestLabelFaults, name, meet)


for _step in STEPS:
    for _fault in FAULTS:
        for _lasting in LASTING if _fault not in STOPPING else ("once",):
            _define(_step, _fault, _lasting)


@tagged("post_install", "-at_install")
class TestSettlingFaults(LabelCase):
    """Faults of the look-up that settles what an earlier attempt has left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pickings = cls.import_deliveries(COUNT)

    def _meet(self, fault, made):
        kind, details = FAULTS[fault]
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


for _fault in FAULTS:
    _define_settling(_fault, made=True)
for _fault in ("throttled", "cut_before", "page_503_before", "no_answer_before"):
    _define_settling(_fault, made=False)

"""Every way in which Amazon answers a push, and what becomes of the confirmation.

``CASES`` is the documentation. The traps and errors have the ids of ``TRAPS`` and
``ERRORS``; each must have a case, or a test of its own that names it.
"""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from odoo import fields
from odoo.tests import tagged

from ..amazon.selling_partner import SellingPartner
from ..models import amazon_shop
from .common import order_ref
from .label_case import CONFIRM
from .push_case import PushCase

# What python-amazon-sp-api 2.1.35 does when it is left alone.
TRAPS = {
    "T1": "an error without Amazon's list of errors raises nothing",
    "T2": "it gives up after 5 s, and its failures are httpx's or json's",
    "T3": "without marketplaceIds it sends four spellings of that parameter",
    "T4": "an authorisation code is exchanged without its redirect_uri",
    "T5": "a token is kept by refresh token: a changed secret goes unnoticed",
    "T6": "its DEBUG lines hold tokens and buyers' data",
    "T7": "its user agent is fixed",
}
# What Amazon's confirmShipment has been seen to answer.
ERRORS = {
    "E1": "packageReferenceId of an invalid type",
    "E2": "packageReferenceId must be a positive numeric value",
    "E3": "PackageToUpdateNotFound: already confirmed, by us or by somebody else",
    "E4": "NonexistentOrderItem: cancelled, or a wrong item id",
    "E5": "OrderItemId is invalid",
    "E6": "InvalidPackageVersion: too many edits",
    "E7": "403: role, withdrawn consent, wrong region",
    "E8": "429",
    "E9": "204 without visible effect",
}
PAGE = "<html><body>Service</body></html>"
LATER, NEVER = "later", "never"


@dataclass(frozen=True)
class Case:
    """One answer to the push of the first of two orders; the second is answered well.

    ``state`` and ``again`` (when it is sent again) are what becomes of the first,
    ``other`` the state of the second. ``calls`` are the confirmations sent for both,
    ``held`` whether Amazon holds the first parcel, ``told`` whether a person is told,
    ``words`` what its sentence says. ``service`` is who plays the fault, ``status`` the
    first order's at Amazon.
    """

    name: str
    ids: str
    fault: dict
    state: str = "to_push"
    words: tuple = ("again",)
    again: str = LATER
    calls: int = 2
    held: bool = False
    other: str = "pushed"
    told: bool = False
    service: str = "amazon"
    status: str = ""


def _content(status, body, **details):
    return {"kind": "content", "status": status, "body": body, **details}


def _json(status, body):
    return _content(status, body, content_type="application/json")


def _refusal(message, status=400, code="InvalidInput"):
    body = f'{{"errors": [{{"code": "{code}", "message": "{message}"}}]}}'
    return _json(status, body)


UNCLEAR = ("did not answer clearly", "sent again")
UNREACHABLE = ("cannot be reached", "again")


def _refused(name, ids, message, *words):
    return Case(
        name,
        ids,
        _refusal(message),
        state="failed",
        words=("refused", *(words or (message,))),
        again=NEVER,
        told=True,
    )


def _account(name, ids, fault, *words, **details):
    """What concerns the whole shop: the second order is not even asked for."""
    return Case(
        name,
        ids,
        fault,
        words=words,
        told=True,
        **{"calls": 1, "other": "to_push", **details},
    )


CASES = (
    # Answers that are none of Amazon's application.
    Case("a page with 503", "T1", {"kind": "unavailable"}, words=UNREACHABLE),
    Case("an empty 503", "T1", _content(503, ""), words=UNREACHABLE),
    Case("a page with 500", "T1", _content(500, PAGE), words=UNCLEAR),
    Case("a page with 504", "T1", _content(504, PAGE), words=UNCLEAR),
    Case("a page with 404", "T1", _content(404, PAGE), words=UNREACHABLE),
    Case(
        "a page with 500 after acting",
        "T1",
        {"kind": "unavailable", "status": 500, "moment": "after"},
        words=UNCLEAR,
        held=True,
    ),
    # What looks like success.
    Case("a page with 200", "T1", _content(200, PAGE), words=UNCLEAR),
    Case("an empty 200", "T1", _content(200, ""), words=UNCLEAR),
    Case(
        "a 200 that says what Amazon would have said",
        "T1",
        _json(200, '{"payload": {"status_code": 204}}'),
        words=UNCLEAR,
    ),
    Case("an empty 202", "T1", _content(202, ""), words=UNCLEAR),
    Case(
        "a 204 with a body",
        "T1",
        {"kind": "hook", "moment": "after", "hook": "fill"},
        words=UNCLEAR,
        held=True,
    ),
    Case("a redirection", "T1", _content(302, ""), words=UNCLEAR),
    # No answer, or half of one.
    Case("a cut before acting", "T2", {"kind": "cut"}, words=UNCLEAR),
    Case(
        "a cut after acting",
        "T2",
        {"kind": "cut", "moment": "after"},
        words=UNCLEAR,
        held=True,
    ),
    Case(
        "silence before acting", "T2", {"kind": "timeout", "seconds": 2}, words=UNCLEAR
    ),
    Case(
        "silence after acting",
        "T2",
        {"kind": "timeout", "seconds": 2, "moment": "after"},
        words=UNCLEAR,
        held=True,
    ),
    Case(
        "a refusal cut off halfway",
        "T1 T2",
        {"kind": "cut_midway"},
        state="failed",
        words=("refused", "400"),
        again=NEVER,
        told=True,
        status="CANCELLED",
    ),
    Case(
        "a truncated refusal",
        "T1 T2",
        {"kind": "truncated"},
        state="failed",
        words=("refused", "400"),
        again=NEVER,
        told=True,
        status="CANCELLED",
    ),
    # Amazon wants to be left alone.
    Case(
        "a 429 with Retry-After",
        "E8",
        {"kind": "throttled", "retry_after": 120},
        words=(),
        calls=1,
        other="to_push",
    ),
    Case(
        "a 429 in Amazon's shape",
        "E8",
        {"kind": "throttled"},
        words=(),
        calls=1,
        other="to_push",
    ),
    Case(
        "an empty 429",
        "T1 E8",
        {"kind": "throttled", "body": False},
        words=(),
        calls=1,
        other="to_push",
    ),
    # The account.
    _account(
        "a 403 without a list of errors",
        "T1 E7",
        _json(403, '{"message": "Forbidden"}'),
        "authorisation",
        "Connect the shop again",
    ),
    _account("a page with 403", "T1 E7", _content(403, PAGE), "authorisation"),
    _account(
        "a 403 about a role",
        "E7",
        _refusal("Access to requested resource is denied.", 403, "Unauthorized"),
        "role",
        "authorise the app again",
    ),
    _account(
        "a 403 about the token",
        "E7",
        _refusal("The access token you provided has expired.", 403, "Unauthorized"),
        "authorisation",
        "Connect the shop again",
    ),
    _account(
        "a 401", "E7", _content(401, PAGE), "authorisation", "Connect the shop again"
    ),
    # Login with Amazon, on the way there.
    _account(
        "a withdrawn consent",
        "E7",
        _json(400, '{"error": "invalid_grant"}'),
        "withdrawn",
        "invalid_grant",
        service="lwa",
        calls=0,
    ),
    Case(
        "a page of the token service",
        "T2",
        _content(200, PAGE),
        words=UNREACHABLE,
        calls=0,
        other="to_push",
        service="lwa",
    ),
    Case(
        "a token service that hangs",
        "T2",
        {"kind": "timeout", "seconds": 2},
        words=UNREACHABLE,
        calls=0,
        other="to_push",
        service="lwa",
    ),
    # Amazon says no.
    _refused(
        "a type that Amazon does not want",
        "E1",
        "fields with invalid type [packageDetail.packageReferenceId]",
    ),
    _refused(
        "a reference that is no number",
        "E2",
        "PackageReferenceId must be a positive numeric value",
    ),
    _refused(
        "an order that was confirmed on another way",
        "E3",
        "PackageToUpdateNotFound: order already fulfilled",
        "shipped already",
        "Seller Central",
    ),
    _refused(
        "an item that does not exist",
        "E4",
        "NonexistentOrderItem",
        "cancelled",
        "Seller Central",
    ),
    _refused("an item id that is none", "E5", "OrderItemId is invalid"),
    _refused("too many edits", "E6", "InvalidPackageVersion", "Seller Central"),
    Case(
        "a 400 without a list of errors",
        "T1",
        _content(400, PAGE),
        state="failed",
        words=("refused", "http_400"),
        again=NEVER,
        told=True,
    ),
    Case(
        "an order of somebody else",
        "",
        _refusal("The order was not found.", 404, "NotFound"),
        state="failed",
        words=("does not know this order", "region"),
        again=NEVER,
        told=True,
    ),
    # Success.
    Case(
        "a 204",
        "",
        {"kind": "latency", "seconds": 0},
        state="pushed",
        words=(),
        held=True,
    ),
)


class AnswerCase(PushCase):
    def setUp(self):
        super().setUp()
        hasty = partial(SellingPartner, timeout=(2, 0.4))
        self.patch(amazon_shop, "SellingPartner", hasty)
        self.now = fields.Datetime.now()

    def get_bodies(self):
        return [call.data for call in self.amazon.calls if call.operation == CONFIRM]


@tagged("post_install", "-at_install")
class TestPushAnswers(AnswerCase):
    """The table."""

    def check(self, case):
        pickings = self.import_labelled(2)
        self.amazon.orders[order_ref(1)].status = case.status
        self.play(case)
        self.push()
        row, other = self.find_confirmations(pickings)
        self.assertEqual((row.state, other.state), (case.state, case.other))
        for word in case.words:
            self.assertIn(word, row.error)
        self.assert_sent_again(row, case)
        self.assertEqual(self.amazon.count(CONFIRM), case.calls)
        held = self.amazon.orders[order_ref(1)].packages
        self.assertEqual(set(held), {str(row.id)} if case.held else set())
        self.assert_told(row, case)
        if case.again == LATER and case.state == "to_push":
            self.assert_arrives(row | other)

    def play(self, case):
        fault = dict(case.fault)
        if fault.get("hook") == "fill":
            fault["hook"] = _announce_a_body
        if case.service == "lwa":
            self.standins.lwa.faults.add("token", times=None, **fault)
        else:
            self.amazon.faults.add(CONFIRM, times=None, reference=order_ref(1), **fault)

    def assert_arrives(self, rows):
        """When Amazon answers well again, both are there, once."""
        self.amazon.orders[order_ref(1)].status = ""
        self.amazon.faults.clear()
        self.standins.lwa.faults.clear()
        self.let_time_pass(rows.picking_id)
        self.push()
        for row in rows:
            self.assertIn(row.state, ("pushed", "confirmed"))
            (package,) = self.amazon.orders[row.order_id.name].packages.values()
            self.assertEqual(package.reference, str(row.id))
            self.assertEqual(package.tracking_number, row.tracking_number)

    def assert_sent_again(self, row, case):
        due = row.filtered_domain(row._get_due_domain())
        self.assertFalse(due, "it would be sent again at once")
        waits = row.state == "to_push" and row.next_attempt_at > self.now
        self.assertEqual(waits, case.again == LATER and case.state == "to_push")
        if case.fault.get("retry_after"):
            waited = row.next_attempt_at - self.now
            self.assertGreaterEqual(waited.total_seconds(), case.fault["retry_after"])

    def assert_told(self, row, case):
        """One activity that names the order and says what its sentence says."""
        activities = self.shop.activity_ids
        self.assertEqual(len(activities), int(case.told))
        if case.told:
            text = f"{activities.summary} {activities.note}"
            for word in (row.order_id.name, *case.words):
                self.assertIn(word, text)

    def test_every_trap_and_every_error_has_a_case_or_a_test(self):
        shown = {name for case in CASES for name in case.ids.split()}
        own = {
            name
            for method in vars(TestPushTraps).values()
            for name in getattr(method, "ids", ())
        }
        self.assertEqual(set(TRAPS) | set(ERRORS), shown | own)


def _add_case(case):
    def test(self):
        self.check(case)

    name = f"test_{case.name.lower().replace(' ', '_').replace('-', '_')}"
    assert not hasattr(TestPushAnswers, name), name
    test.__doc__ = case.ids
    setattr(TestPushAnswers, name, test)


for _case in CASES:
    _add_case(_case)


def _announce_a_body(call):
    """The answer that was about to be given, with a body that a 204 cannot have."""
    from werkzeug.wrappers import Response

    return Response(status=204, headers={"Transfer-Encoding": "chunked"})


def shows(*ids):
    """Mark a test that shows these traps and errors."""

    def mark(method):
        method.ids = ids
        return method

    return mark


@tagged("post_install", "-at_install")
class TestPushTraps(AnswerCase):
    """The traps that are no answer."""

    @shows("T3")
    def test_reading_back_names_the_markets_under_one_name(self):
        picking = self.import_labelled()
        self.push()
        self.standins.clock.advance(600)
        self.let_time_pass(picking)
        self.run_cron("cron_read_back_confirmations")
        (call,) = [c for c in self.amazon.calls if c.operation == "searchOrders"]
        self.assertEqual(call.target.lower().count("marketplace"), 1)
        self.assertIn(f"marketplaceIds={self.market_nl.marketplace_ref}", call.target)
        self.assertEqual(self.find_confirmations(picking).state, "confirmed")

    @shows("T4")
    def test_a_push_exchanges_no_authorisation_code(self):
        self.import_labelled()
        bodies = []
        self.standins.lwa.faults.add(
            "token", "hook", hook=lambda call: bodies.append(dict(call.request.form))
        )
        self.push()
        self.assertEqual([body["grant_type"] for body in bodies], ["refresh_token"])

    @shows("T5")
    def test_a_changed_secret_is_noticed_at_the_next_push(self):
        self.import_labelled()
        self.push()
        second = self.import_labelled(first=2)
        self.company.sudo().amazon_client_secret = "wrong"
        self.push()
        row = self.find_confirmations(second)
        self.assertEqual(row.state, "to_push")
        self.assertIn("client secret", row.error)
        self.assertEqual(self.amazon.count(CONFIRM), 1)
        self.assertEqual(len(self.shop.activity_ids), 1)

    @shows("T6")
    def test_no_level_of_logging_shows_a_token_or_a_buyer(self):
        picking = self.import_labelled(2)
        self.amazon.faults.add(CONFIRM, "unavailable")
        names = ("", "sp_api", "sp_api.base.client", "sp_api.auth.access_token_client")
        loggers = [logging.getLogger(name) for name in names]
        for logger in loggers:
            self.addCleanup(logger.setLevel, logger.level)
            logger.setLevel(logging.DEBUG)
        with self.assertLogs(level="DEBUG") as logs:
            self.push()
        text = "\n".join(logs.output)
        self.assertIn("shipmentConfirmation", text)
        for secret in (
            "Atza|",
            "Atzr|",
            self.company._reveal_secret("amazon_client_secret"),
            picking[:1].partner_id.name,
            picking[:1].partner_id.street,
        ):
            self.assertNotIn(secret, text)

    @shows("T7")
    def test_amazon_hears_who_asks(self):
        self.import_labelled()
        self.push()
        (call,) = self.amazon.calls
        self.assertRegex(
            call.headers["User-Agent"], r"^AmazonCarrierConnector/\S+ \(Language="
        )

    def read_back(self, picking):
        self.standins.clock.advance(2 * 3600)
        row = self.find_confirmations(picking)
        row.pushed_at -= timedelta(hours=2)
        self.let_time_pass(picking)
        self.run_cron("cron_read_back_confirmations")
        return row

    @shows("E9")
    def test_a_204_without_effect_is_sent_once_more(self):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "content", status=204)
        self.push()
        self.assertEqual(self.find_confirmations(picking).state, "pushed")
        self.assertEqual(self.read_back(picking).state, "to_push")
        self.push()
        self.assertEqual(self.read_back(picking).state, "confirmed")
        self.assertEqual(self.amazon.count(CONFIRM), 2)

    @shows("E9")
    def test_a_second_204_without_effect_is_told_to_a_person(self):
        picking = self.import_labelled()
        self.amazon.faults.add(CONFIRM, "content", status=204, times=None)
        for __ in range(3):
            self.push()
            row = self.read_back(picking)
        self.assertEqual(row.state, "failed")
        self.assertIn("Seller Central", row.error)
        self.assertEqual(self.amazon.count(CONFIRM), 2)
        self.assertIn(row.order_id.name, self.shop.activity_ids.note)

    @shows("E3")
    def test_an_order_confirmed_elsewhere_with_our_number_is_confirmed(self):
        picking = self.import_labelled()
        self.push()
        row = self.find_confirmations(picking)
        order = self.amazon.orders[order_ref(1)]
        order.packages["900"] = replace(
            order.packages.pop(str(row.id)), reference="900"
        )
        row.state = "failed"
        row.action_retry()
        self.push()
        self.assertEqual(row.state, "confirmed")
        self.assertEqual(list(order.packages), ["900"])
        self.assertFalse(self.shop.activity_ids)

    @shows("E1", "E2", "E5")
    def test_what_is_sent_has_amazons_types(self):
        picking = self.import_labelled()
        self.push()
        (body,) = self.get_bodies()
        package = body["packageDetail"]
        reference = package["packageReferenceId"]
        self.assertEqual(reference, str(self.find_confirmations(picking).id))
        (item,) = package["orderItems"]
        self.assertRegex(item["orderItemId"], r"^\d{14}$")
        self.assertIs(type(item["quantity"]), int)

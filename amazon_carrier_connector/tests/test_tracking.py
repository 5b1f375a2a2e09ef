"""Where parcels are: by schedule, and because MyParcel called."""

import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import html2plaintext

from ..models import delivery_carrier_failure, myparcel_hook
from .gls_case import GlsCase
from .label_case import LabelCase

READ, DETAILS = "GET /shipments/{ids}", "tt/details"
IN_TRANSIT, DELIVERED, CREDITED = 3, 7, 13


@tagged("post_install", "-at_install")
class TestTracking(GlsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postnl = cls.env.ref(
            "amazon_carrier_connector.delivery_carrier_myparcel_postnl"
        )

    def ship(self, count=1, first=1, carrier=None):
        """Parcels that were labelled by MyParcel, or by another carrier."""
        self.shop.carrier_id = carrier or self.postnl
        return self.label(self.import_deliveries(count, first)).parcel_ids

    def move(self, parcel, status):
        """MyParcel gives a parcel another status; its shipment."""
        shipment = self.myparcel.shipments[int(parcel.remote_ref)]
        shipment.status = status
        return shipment

    def track(self):
        self.run_cron("cron_track_parcels")

    def make_due(self, parcels, **past):
        parcels.tracking_due_at = fields.Datetime.now() - timedelta(minutes=1)
        if past:
            parcels.labelled_at = fields.Datetime.now() - timedelta(**past)

    def count_asked(self):
        return self.myparcel.count(READ) + self.gls.count(DETAILS)

    # === BY SCHEDULE === #

    def test_parcels_of_myparcel_get_their_state_and_deliveries_show_it(self):
        parcels = self.ship(4)
        before = parcels.picking_id.message_ids
        for parcel, status in zip(
            parcels, (DELIVERED, IN_TRANSIT, CREDITED, 2), strict=True
        ):
            self.move(parcel, status)
        asked = self.count_asked()
        self.track()
        self.assertEqual(self.count_asked(), asked + 1)
        states = ["delivered", "in_transit", "problem", "registered"]
        self.assertEqual(parcels.mapped("tracking_state"), states)
        self.assertEqual(parcels.picking_id.mapped("tracking_state"), states)
        self.assertTrue(all(parcels.mapped("tracking_state_at")))
        # Only what a person wants to know is told on the delivery.
        delivered, __, problem, __ = parcels
        told = parcels.picking_id.message_ids - before
        self.assertEqual(len(told), 2)
        notes = {note.res_id: note.body for note in told}
        self.assertIn(delivered.tracking_number, notes[delivered.picking_id.id])
        self.assertIn("a problem", notes[problem.picking_id.id])
        # Nobody's turn comes again at once.
        self.track()
        self.assertEqual(self.count_asked(), asked + 1)

    def test_a_parcel_is_asked_for_until_it_has_arrived_or_is_too_old(self):
        parcels = self.ship(3)
        arrived, moving, lost = parcels
        self.move(arrived, DELIVERED)
        self.move(moving, IN_TRANSIT)
        self.move(lost, IN_TRANSIT)
        self.track()
        changed = moving.tracking_state_at
        self.make_due(arrived | moving)
        self.make_due(lost, days=46)
        asked = len(self.myparcel.calls)
        self.track()
        (call,) = self.myparcel.calls[asked:]
        self.assertIn(f"/shipments/{moving.remote_ref}?", call.target)
        self.assertEqual(moving.tracking_state_at, changed)
        self.assertGreater(moving.tracking_due_at, fields.Datetime.now())
        self.make_due(moving, days=5)
        self.track()
        wait = moving.tracking_due_at - fields.Datetime.now()
        self.assertGreater(wait, timedelta(hours=5))

    def test_a_word_that_nobody_knows_changes_nothing(self):
        parcel = self.ship()
        self.move(parcel, IN_TRANSIT)
        self.track()
        self.move(parcel, 77)
        self.make_due(parcel)
        self.track()
        self.assertEqual(parcel.tracking_state, "in_transit")

    def test_an_account_that_fails_keeps_no_other_waiting(self):
        ours, theirs = self.ship(), self.ship(first=2, carrier=self.carrier)
        self.gls.units[theirs.tracking_number].state = "Delivered"
        self.move(ours, DELIVERED)
        self.gls.tracking_enabled = False
        self.track()
        self.assertEqual(ours.tracking_state, "delivered")
        self.assertFalse(theirs.tracking_state)
        # What needs a person is not asked again every time.
        asked = self.count_asked()
        self.track()
        self.assertEqual(self.count_asked(), asked)
        self.gls.tracking_enabled = True
        self.make_due(theirs)
        self.track()
        self.assertEqual(theirs.tracking_state, "delivered")

    def find_tasks(self):
        return self.env["mail.activity"].search(
            [("summary", "=", "Parcels are not tracked"), ("res_model", "=", False)]
        )

    def test_an_account_that_needs_a_person_is_one_task_until_it_works(self):
        ours, theirs = self.ship(), self.ship(first=2, carrier=self.carrier)
        self.gls.tracking_enabled = False
        self.track()
        task = self.find_tasks()
        self.assertEqual(task.user_id, self.company._get_amazon_responsible())
        self.assertIn(self.carrier.name, task.note)
        self.assertIn("does not accept", task.note)
        self.assertNotIn(self.postnl.name, task.note)
        # Another one joins it, and the first is not told again.
        company = self.company.sudo()
        api_key, company.myparcel_api_key = company.myparcel_api_key, False
        self.make_due(ours | theirs)
        self.track()
        self.assertEqual(self.find_tasks(), task)
        self.assertIn("does not accept", task.note)
        self.assertIn("No MyParcel API key is set", task.note)
        # Done is done, while it is the same.
        task.action_done()
        self.make_due(ours | theirs)
        self.track()
        self.assertFalse(self.find_tasks())
        # What works again may fail again.
        company.myparcel_api_key = api_key
        self.gls.tracking_enabled = True
        for enabled, tasks in ((True, 0), (False, 1), (True, 0)):
            self.gls.tracking_enabled = enabled
            self.make_due(ours | theirs)
            self.track()
            self.assertEqual(len(self.find_tasks()), tasks)
        self.assertFalse(self.env["delivery.carrier.failure"].search([]))

    def test_an_outage_is_a_task_when_it_lasts(self):
        parcel = self.ship()
        self.myparcel.faults.add(READ, "unavailable", times=None)
        self.track()
        self.assertFalse(self.find_tasks())
        with patch.object(delivery_carrier_failure, "PATIENCE", timedelta(-1)):
            self.track()
        self.assertIn("no usable answer", self.find_tasks().note)
        # Nothing is left that could be asked for.
        self.make_due(parcel, days=46)
        self.track()
        self.assertFalse(self.find_tasks())
        self.assertFalse(self.env["delivery.carrier.failure"].search([]))

    def test_a_fault_of_ours_keeps_no_other_waiting_and_becomes_a_task(self):
        ours, theirs = self.ship(), self.ship(first=2, carrier=self.carrier)
        self.gls.units[theirs.tracking_number].state = "Delivered"
        client = type(self.env["delivery.carrier"])
        with (
            patch.object(client, "_myparcel_nl_get_tracking", side_effect=ValueError),
            patch.object(delivery_carrier_failure, "PATIENCE", timedelta(-1)),
            self.assertLogs("odoo.addons.amazon_carrier_connector", "ERROR"),
        ):
            self.track()
        self.assertEqual(theirs.tracking_state, "delivered")
        self.assertFalse(ours.tracking_state)
        self.assertIn("Odoo's log", html2plaintext(self.find_tasks().note))

    def test_a_carrier_that_is_busy_is_asked_at_the_next_time(self):
        parcel = self.ship()
        self.move(parcel, DELIVERED)
        self.myparcel.faults.add(READ, "throttled", retry_after=60)
        self.track()
        self.assertFalse(parcel.tracking_state or parcel.tracking_due_at)
        self.track()
        self.assertEqual(parcel.tracking_state, "delivered")

    def test_what_a_carrier_does_not_know_has_its_turn_later(self):
        parcels = self.ship(2)
        lost, known = parcels
        self.move(known, IN_TRANSIT)
        del self.myparcel.shipments[int(lost.remote_ref)]
        self.track()
        self.assertEqual(parcels.mapped("tracking_state"), [False, "in_transit"])
        self.assertTrue(lost.tracking_due_at)

    def test_a_delivery_has_arrived_when_all_of_its_parcels_have(self):
        parcel = self.ship()
        picking = parcel.picking_id
        other = parcel.copy(
            {
                "state": "labelled",
                "sequence": 2,
                "tracking_number": "3STWO",
                "labelled_at": parcel.labelled_at,
                "label_attachment_id": parcel.label_attachment_id.id,
            }
        )
        pickings = self.env["stock.picking"]
        for states, shown in (
            (("delivered", "in_transit"), "in_transit"),
            (("delivered", "delivered"), "delivered"),
            (("delivered", "problem"), "problem"),
            (("delivered", False), "delivered"),
            ((False, False), False),
        ):
            parcel.tracking_state, other.tracking_state = states
            self.assertEqual(picking.tracking_state, shown)
            ours = [("id", "=", picking.id)]
            found = pickings.search([*ours, ("tracking_state", "=", shown)])
            self.assertEqual(found, picking)
            self.assertFalse(pickings.search([*ours, ("tracking_state", "!=", shown)]))
            groups = pickings._read_group(ours, ["tracking_state"], ["__count"])
            self.assertEqual(groups, [(shown, 1)])
        other.state = "cancelled"
        parcel.tracking_state, other.tracking_state = "delivered", "problem"
        self.assertEqual(picking.tracking_state, "delivered")


@tagged("post_install", "-at_install")
class TestTrackingCalls(LabelCase, HttpCase):
    """MyParcel calls; Odoo's own HTTP server answers."""

    def ship(self, count=1):
        """Parcels in transit that MyParcel has as well, and their shipments there."""
        from tests.standins.myparcel import Shipment

        shipments = [
            Shipment(n, {"carrier": 1}, "2026-11-22 12:00:00", IN_TRANSIT, f"3SMY{n}")
            for n in range(1, count + 1)
        ]
        for shipment in shipments:
            shipment.request |= {
                "recipient": {"cc": "NL"},
                "options": {"package_type": 1},
            }
            self.myparcel.shipments[shipment.id] = shipment
        now = fields.Datetime.now()
        parcels = self.env["delivery.parcel"].create(
            [
                {
                    "picking_id": picking.id,
                    "company_id": self.company.id,
                    "carrier_id": self.carrier.id,
                    "weight_kg": 1,
                    "state": "labelled",
                    "remote_ref": str(shipment.id),
                    "tracking_number": shipment.barcode,
                    "without_label": True,
                    "labelled_at": now,
                    "tracking_state": "in_transit",
                    "tracking_due_at": now + timedelta(hours=1),
                }
                for picking, shipment in zip(
                    self.import_deliveries(count), shipments, strict=True
                )
            ]
        )
        return parcels, shipments

    def track(self):
        """As the scheduled action; these tests are in test mode already."""
        self.env.flush_all()
        with self.registry.cursor() as cr:
            self.env(cr=cr)["delivery.parcel"]._cron_track()
        self.env.invalidate_all()

    def subscribe(self):
        """MyParcel is told an address; the address."""
        self.company._subscribe_to_myparcel()
        (subscription,) = self.myparcel.subscriptions.values()
        return subscription["url"]

    def call(self, shipment):
        """MyParcel calls because of a shipment; the status of the answer."""
        (call,) = self.myparcel.hook_calls(shipment)
        return self.post(call.url, call.body, **call.headers)

    def post(self, url, body, **headers):
        headers = {"Content-Type": "application/json", **headers}
        return self.opener.post(url, data=body, headers=headers, timeout=10).status_code

    def count_waiting(self):
        return self.env["myparcel.hook"].search_count([])

    def test_a_call_is_kept_first_and_the_parcel_read_at_myparcel_later(self):
        parcels, (shipment, __) = self.ship(2)
        url = self.subscribe()
        self.assertEqual(url, url.lower())
        shipment.status = DELIVERED
        asked = len(self.myparcel.calls)
        triggers = self.env["ir.cron.trigger"].search_count([])
        self.assertEqual([self.call(shipment), self.call(shipment)], [202, 202])
        self.assertEqual(len(self.myparcel.calls), asked)
        self.assertEqual(self.count_waiting(), 2)
        # One that wakes the scheduled action is enough.
        self.assertEqual(self.env["ir.cron.trigger"].search_count([]), triggers + 1)
        self.track()
        (call,) = self.myparcel.calls[asked:]
        self.assertIn(f"/shipments/{parcels[0].remote_ref}?", call.target)
        self.assertEqual(parcels.mapped("tracking_state"), ["delivered", "in_transit"])
        self.assertEqual(self.count_waiting(), 0)

    def test_nothing_that_a_call_says_is_believed(self):
        parcel, (shipment,) = self.ship()
        url = self.subscribe()
        (call,) = self.myparcel.hook_calls(shipment)
        told = json.loads(call.body)
        told["data"]["hooks"][0]["status"] = DELIVERED
        self.assertEqual(self.post(url, json.dumps(told)), 202)
        self.track()
        self.assertEqual(parcel.tracking_state, "in_transit")

    def test_a_call_of_somebody_else_is_nobody_here(self):
        url = self.subscribe()
        place, __, token = url.rpartition("/")
        root = place.rpartition("/")[0]
        other = self.env["res.company"].create({"name": "Without MyParcel"})
        for wrong in (
            f"{place}/{'0' * len(token)}",
            f"{place}/{token[:-1]}",
            f"{place}/é",
            f"{place}/",
            place,
            f"{root}/{other.id}/{token}",
            f"{root}/{other.id}/False",
            f"{root}/0/{token}",
            f"{root}/{2**31}/{token}",
            f"{root}/{2**80}/{token}",
            f"{root}/-1/{token}",
        ):
            self.assertEqual(self.post(wrong, b"{}"), 404, wrong)
        self.assertEqual(self.opener.get(url, timeout=10).status_code, 405)
        self.assertEqual(self.count_waiting(), 0)

    def test_a_wrong_token_costs_a_few_look_ups(self):
        self.subscribe()
        hooks = self.env["myparcel.hook"].with_user(self.env.ref("base.public_user"))
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assertFalse(hooks._is_called_by_myparcel(self.company.id, "0" * 64))
        # The company, the delivery methods, and the hashes of both.
        self.assertLessEqual(self.env.cr.sql_log_count - before, 4)

    def test_a_call_that_makes_no_sense_does_no_harm(self):
        parcel, __ = self.ship()
        url = self.subscribe()
        asked = len(self.myparcel.calls)
        for body in (b"", b"\x00\xff", b"[" * 9000, b'{"data": {"hooks": [null]}}'):
            self.assertEqual(self.post(url, body), 202)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(self.post(url, b"token=0&company_id=0", **form), 202)
        unknown = {"data": {"hooks": [{"shipment_id": 999999}]}}
        self.assertEqual(self.post(url, json.dumps(unknown)), 202)
        self.assertEqual(self.post(url, b" " * 40_000), 413)
        self.track()
        self.assertEqual(self.count_waiting(), 0)
        self.assertEqual(len(self.myparcel.calls), asked)
        self.assertEqual(parcel.tracking_state, "in_transit")

    def test_a_flood_of_calls_is_turned_away(self):
        url = self.subscribe()
        with patch.object(myparcel_hook, "MAX_WAITING", 2):
            answers = [self.post(url, b"{}") for __ in range(4)]
        self.assertEqual(answers, [202, 202, 429, 429])

    def test_calls_that_are_left_wake_the_scheduled_action_again(self):
        url = self.subscribe()
        self.assertEqual([self.post(url, b"{}") for __ in range(3)], [202] * 3)
        triggers = self.env["ir.cron.trigger"].search_count([])
        for left, woken in ((1, 1), (0, 1)):
            with patch.object(myparcel_hook, "MAX_TAKEN", 2):
                self.track()
            self.assertEqual(self.count_waiting(), left)
            self.assertEqual(
                self.env["ir.cron.trigger"].search_count([]), triggers + woken
            )

    def test_after_its_end_nobody_is_heard(self):
        url = self.subscribe()
        self.company._unsubscribe_from_myparcel()
        self.assertEqual(self.myparcel.subscriptions, {})
        self.assertEqual(self.post(url, b"{}"), 404)
        self.assertFalse(self.company.myparcel_hook_ref)
        # MyParcel may have forgotten it.
        self.subscribe()
        self.myparcel.subscriptions.clear()
        self.company._unsubscribe_from_myparcel()
        self.assertFalse(self.company.myparcel_hook_ref)

    def test_another_key_ends_what_was_told_with_the_former_one(self):
        url = self.subscribe()
        self.company.myparcel_api_key_entry = "another"
        self.assertEqual(self.post(url, b"{}"), 404)

    def subscribe_with_two_keys(self):
        """A delivery method has a key of its own; the two addresses, its own last."""
        self.carrier.myparcel_api_key_entry = "own"
        self.myparcel.other_keys = {"own"}
        self.assertEqual(self.company._subscribe_to_myparcel(), [])
        by_key = {
            self.myparcel.subscribed_by[ref]: subscription["url"]
            for ref, subscription in self.myparcel.subscriptions.items()
        }
        return by_key[self.myparcel.api_key], by_key["own"]

    def test_myparcel_calls_for_each_key_in_use(self):
        parcel, (shipment,) = self.ship()
        __, own = self.subscribe_with_two_keys()
        (call,) = self.myparcel.hook_calls(shipment, "own")
        self.assertEqual(call.url, own)
        shipment.status = DELIVERED
        self.assertEqual(self.post(call.url, call.body, **call.headers), 202)
        self.track()
        self.assertEqual(parcel.tracking_state, "delivered")
        # One key of two methods is of one shop, which calls one address.
        other = self.carrier.copy()
        other.myparcel_api_key_entry = "own"
        told = self.company.with_user(self.admin).myparcel_silent
        self.assertEqual(told, other.display_name)
        self.company._subscribe_to_myparcel()
        self.assertEqual(len(self.myparcel.subscriptions), 2)
        self.assertEqual(self.post(own, b"{}"), 404)
        self.assertEqual(self.carrier.myparcel_hook_ref, other.myparcel_hook_ref)

    def test_a_key_that_goes_away_ends_its_calls(self):
        company, own = self.subscribe_with_two_keys()
        remove = self.carrier.with_context(secret="myparcel_api_key")
        remove.action_remove_secret()
        self.assertEqual(len(self.myparcel.subscriptions), 1)
        self.assertEqual(self.post(own, b"{}"), 404)
        self.assertEqual(self.post(company, b"{}"), 202)
        # It goes although MyParcel knows it no more.
        __, own = self.subscribe_with_two_keys()
        self.myparcel.other_keys = set()
        remove.action_remove_secret()
        self.assertFalse(self.carrier.sudo().myparcel_api_key)
        self.assertEqual(self.post(own, b"{}"), 404)

    def test_a_key_that_fails_keeps_no_other_from_reporting(self):
        self.carrier.myparcel_api_key_entry = "wrong"
        settings = self.env["res.config.settings"].with_user(self.admin).create({})
        told = settings.action_subscribe_to_myparcel()["params"]["message"]
        self.assertIn(self.carrier.name, told)
        self.assertTrue(settings.myparcel_reports)
        self.assertEqual(settings.myparcel_silent, self.carrier.name)

    def test_myparcel_is_not_told_an_address_that_it_does_not_call(self):
        parameters = self.env["ir.config_parameter"].sudo()
        for base in ("http://odoo.example.com", "https://Odoo.example.com"):
            parameters.set_param("web.base.url", base)
            with self.assertRaisesRegex(UserError, "https addresses in lower case"):
                self.company._subscribe_to_myparcel()
        self.assertEqual(self.myparcel.subscriptions, {})

    def test_the_administrator_switches_it_in_the_settings(self):
        settings = self.env["res.config.settings"].with_user(self.admin).create({})
        settings.action_subscribe_to_myparcel()
        self.assertTrue(settings.myparcel_reports)
        settings.action_unsubscribe_from_myparcel()
        self.assertFalse(self.company.myparcel_hook_ref)

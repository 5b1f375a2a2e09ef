"""Unclear parcels are settled by the schedule, or a person; none is bought twice."""

from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import base_automation, delivery_label_run, delivery_parcel_unsettled
from .label_case import CREATE, FETCH, SEARCH, LabelCase, read_pages


@tagged("post_install", "-at_install")
class TestParcelSettling(LabelCase):
    def check_unclear(self, parcels):
        with self.committing(self.amazon_user) as env:
            parcels.with_env(env).action_check_unclear()

    def pass_time(self, parcels, **ago):
        """As if the carrier had been asked, and looked up last, so long ago."""
        moment = fields.Datetime.now() - timedelta(**ago)
        parcels.write({"asked_at": moment, "look_up_at": moment})

    def lose(self, operation, moment="after", count=1, **values):
        """The answer to a request is lost; the run."""
        self.myparcel.faults.add(operation, "cut", moment=moment, times=None)
        run = self.label(self.import_deliveries(count, first=40), **values)
        self.myparcel.faults.clear()
        self.assertEqual(set(run.parcel_ids.mapped("state")), {"unclear"})
        return run

    def find_tasks(self):
        return self.env["mail.activity"].search(
            [("summary", "=", "It is not known whether labels were made")]
        )

    def test_what_is_unclear_is_settled_by_the_schedule_and_its_run_goes_on(self):
        run = self.lose(FETCH, count=2, validate_after=True)
        self.assertEqual(run.state, "done")
        asked = self.myparcel.counts()
        self.run_cron("cron_label_runs")
        self.assertEqual(self.myparcel.counts(), asked, "before its time")
        self.pass_time(run.parcel_ids, minutes=2)
        self.run_cron("cron_label_runs")
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(run.state, "queued")
        self.run_cron("cron_label_runs")
        self.assertEqual(run.state, "done")
        self.assertEqual(set(run.picking_ids.mapped("state")), {"done"})
        self.assertEqual(len(read_pages(run.attachment_id)), 2)

    def test_a_run_that_its_silent_carrier_stopped_goes_on_when_nothing_else_waits(
        self,
    ):
        self.myparcel.faults.add(FETCH, "timeout", moment="after", seconds=2)
        runs = [
            self.create_run(self.import_deliveries(count, first=40 + count))
            for count in (1, 2)
        ]
        whole, cut_short = runs
        with self.impatient(), patch.object(delivery_label_run, "CHUNK_SIZE", 1):
            self.start(whole)
            self.myparcel.faults.add(FETCH, "timeout", moment="after", seconds=2)
            self.start(cut_short)
        self.assertEqual([run.state for run in runs], ["stopped"] * 2)
        unclear = (whole | cut_short).parcel_ids.filtered(
            lambda parcel: parcel.state == "unclear"
        )
        self.assertEqual(len(unclear), 2)
        self.pass_time(unclear, minutes=2)
        self.run_cron("cron_label_runs")
        self.assertEqual(set(unclear.mapped("state")), {"labelled"})
        self.assertEqual([run.state for run in runs], ["queued", "stopped"])

    def test_a_run_that_a_person_stopped_is_left_alone_when_a_label_comes_late(self):
        run = self.lose(FETCH)
        run.write({"state": "stopped", "error": False})
        self.pass_time(run.parcel_ids, minutes=2)
        self.run_cron("cron_label_runs")
        self.assertEqual(run.parcel_ids.state, "labelled")
        self.assertEqual(run.state, "stopped")

    def test_look_ups_come_ever_more_rarely_and_have_an_end(self):
        run = self.lose(FETCH)
        self.myparcel.faults.add(FETCH, "cut", moment="before", times=None)
        parcel = run.parcel_ids
        waits = []
        for minutes in (0, 2, 4, 30, 300, 1441):
            self.pass_time(parcel, minutes=minutes)
            self.run_cron("cron_label_runs")
            self.assertEqual(parcel.state, "unclear")
            wait = parcel.look_up_at and parcel.look_up_at - fields.Datetime.now()
            waits.append(wait and round(wait.total_seconds() / 60))
        self.assertEqual(waits, [2, 2, 4, 30, 300, False])
        self.myparcel.faults.clear()
        asked = self.myparcel.counts()
        self.run_cron("cron_label_runs")
        self.assertEqual(self.myparcel.counts(), asked, "after its end")
        self.check_unclear(parcel)
        self.assert_bought_once(parcel)

    def test_an_account_that_cannot_be_asked_waits_longer_too(self):
        run = self.lose(CREATE)
        parcel, company = run.parcel_ids, self.company.sudo()
        company.myparcel_api_key = False
        self.pass_time(parcel, minutes=10)
        self.run_cron("cron_label_runs")
        self.assertGreater(parcel.look_up_at, fields.Datetime.now())
        self.assertEqual(parcel.state, "unclear")

    def test_what_myparcel_shows_late_is_bought_once_and_its_double_deleted(self):
        run = self.lose(CREATE)
        (late,) = self.myparcel.shipments.values()
        parcel = run.parcel_ids
        # Not visible yet: another concept is made, and that is bought.
        late.request["reference_identifier"] = "not visible"
        self.pass_time(parcel, minutes=2)
        self.run_cron("cron_label_runs")
        late.request["reference_identifier"] = parcel.reference
        self.assert_bought_once(parcel)
        self.assertEqual(len(self.myparcel.shipments), 2)
        self.run_cron("cron_delete_concepts")
        self.assertEqual(len(self.myparcel.shipments), 1)
        self.assert_bought_once(parcel)

    def test_while_a_double_may_be_needed_none_is_deleted(self):
        run = self.lose(CREATE)
        parcel = run.parcel_ids
        self.myparcel.faults.add(FETCH, "cut", moment="before", times=None)
        self.check_unclear(parcel)
        self.assertTrue(parcel.remote_ref)
        self.run_cron("cron_delete_concepts")
        self.assertEqual(len(self.myparcel.shipments), 1)
        self.myparcel.faults.clear()
        self.check_unclear(parcel)
        self.assert_bought_once(parcel)

    def test_what_cannot_be_settled_is_one_task_with_both_choices(self):
        run = self.lose(CREATE, "before", count=2)
        first, second = run.parcel_ids
        self.myparcel.faults.add(SEARCH, "unavailable", times=None)
        self.pass_time(first, minutes=29)
        self.run_cron("cron_label_runs")
        self.run_cron("cron_track_parcels")
        self.assertFalse(self.find_tasks())
        self.assertFalse(first.needs_decision)
        self.pass_time(first, minutes=31)
        self.env.invalidate_all()
        self.assertTrue(first.needs_decision)
        for __ in range(2):
            self.run_cron("cron_label_runs")
            self.run_cron("cron_track_parcels")
        task = self.find_tasks()
        self.assertEqual(task.user_id, self.company._get_amazon_responsible())
        self.assertIn(first.reference, task.note)
        self.assertNotIn(second.reference, task.note)
        # Done is done, until another one joins.
        task.action_done()
        self.run_cron("cron_label_runs")
        self.run_cron("cron_track_parcels")
        self.assertFalse(self.find_tasks())
        self.env["delivery.carrier.failure"].search([]).told_at -= timedelta(hours=1)
        self.pass_time(second, minutes=45)
        self.run_cron("cron_label_runs")
        self.run_cron("cron_track_parcels")
        self.assertIn(second.reference, self.find_tasks().note)
        with self.committing(self.stock_user) as env:
            for parcel in (first | second).with_env(env):
                parcel._decide_unmade()
        self.run_cron("cron_track_parcels")
        self.assertFalse(self.find_tasks())
        self.assertFalse(self.env["delivery.carrier.failure"].search([]))

    def test_what_a_person_calls_unmade_is_deleted_should_it_turn_up(self):
        run = self.lose(CREATE)
        with self.committing(self.stock_user) as env:
            run.parcel_ids.with_env(env)._decide_unmade()
        self.assertEqual(len(self.myparcel.shipments), 1)
        self.start(run)
        self.run_cron("cron_delete_concepts")
        self.assert_bought_once(
            run.parcel_ids.filtered(lambda parcel: parcel.state != "cancelled")
        )
        self.assertEqual(len(self.myparcel.shipments), 1)

    def test_a_rule_that_fails_undoes_no_label_that_came_late(self):
        run = self.lose(FETCH)
        model = self.env["ir.model"]._get("delivery.parcel")
        self.env["base.automation"].create(
            {
                "name": "Merchant's own",
                "model_id": model.id,
                "trigger": "on_create_or_write",
                "filter_domain": [("state", "=", "labelled")],
                "action_server_ids": [
                    Command.create(
                        {
                            "name": "Merchant's own",
                            "model_id": model.id,
                            "state": "code",
                            "code": "fail",
                        }
                    )
                ],
            }
        )
        with self.assertLogs(base_automation.__name__, "ERROR"):
            self.check_unclear(run.parcel_ids)
        self.assert_bought_once(run.parcel_ids)
        self.assertEqual(len(self.find_confirmations(run.picking_ids)), 1)

    def lose_two_accounts(self):
        """The parcels of a run with two delivery methods; both are overdue."""
        pickings = self.import_deliveries(2, first=60)
        pickings[0].carrier_id = self.carrier.copy()
        self.myparcel.faults.add(CREATE, "cut", moment="before", times=None)
        parcels = self.label(pickings).parcel_ids
        self.myparcel.faults.clear()
        self.assertEqual(set(parcels.mapped("state")), {"unclear"})
        self.pass_time(parcels, minutes=40)
        return parcels

    def test_a_method_that_makes_no_labels_any_more_keeps_no_other_unclear(self):
        gone, other = self.lose_two_accounts()
        gone.carrier_id.write({"delivery_type": "fixed", "fixed_price": 1})
        self.run_cron("cron_label_runs")
        self.run_cron("cron_track_parcels")
        self.assertEqual(other.state, "labelled")
        self.assertEqual(gone.state, "unclear")
        self.assertTrue(gone.needs_decision)
        self.assertIn("press Decide", gone.error)
        self.assertIn(gone.reference, self.find_tasks().note)
        with self.assertRaisesRegex(UserError, "makes no labels here any more"):
            self.check_unclear(gone)
        with self.committing(self.stock_user) as env:
            gone.with_env(env)._decide_unmade()
        self.assertEqual(gone.state, "cancelled")

    def test_a_method_with_parcels_is_archived_and_not_deleted(self):
        parcels = self.lose_two_accounts()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            parcels[0].carrier_id.unlink()

    def test_an_account_that_breaks_keeps_no_other_unclear(self):
        broken, other = self.lose_two_accounts()
        parcels = self.registry["delivery.parcel"]
        look_up = parcels._look_up

        def break_down(self):
            if self.carrier_id == broken.carrier_id:
                raise ZeroDivisionError
            return look_up(self)

        with (
            patch.object(parcels, "_look_up", break_down),
            self.assertLogs(delivery_parcel_unsettled.__name__, "ERROR"),
        ):
            self.run_cron("cron_label_runs")
        self.assertEqual(other.state, "labelled")
        self.assertEqual(broken.state, "unclear")
        self.assertGreater(broken.look_up_at, fields.Datetime.now())

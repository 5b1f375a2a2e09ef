"""Logins of GLS: whose they are, and what GLS says of them."""

import json

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .gls_case import CREATE, GlsCase

VALIDATE = "Authentication/ValidateLogin"


@tagged("post_install", "-at_install")
class TestGlsAccount(GlsCase):
    def find(self, carrier=None, is_test=False):
        return self.env["gls.account"]._find(
            carrier or self.carrier, self.company, is_test
        )

    def test_a_good_login_lists_its_customer_numbers_and_takes_the_only_one(self):
        account = self.account.with_user(self.amazon_manager)
        action = account.action_validate_login()
        self.assertIn(self.gls.customer_no, action["params"]["message"])
        self.assertEqual(account.customer_id.number, self.gls.customer_no)
        self.assertEqual(
            account.customer_id.display_name, f"{self.gls.customer_no} Voorbeeld"
        )
        self.assertTrue(account.validated_at)

    def tell_two_customers(self):
        self.gls.faults.add(
            VALIDATE,
            "content",
            body=json.dumps(
                {
                    "error": False,
                    "status": "200",
                    "customers": [
                        {
                            "apiCustomerNo": number,
                            "subjects": [{"subjectName": "", "custNos": [number]}],
                        }
                        for number in ("11111111", "22222222")
                    ],
                }
            ),
            content_type="application/json",
        )

    def test_of_several_customer_numbers_a_person_chooses_and_is_told_so(self):
        self.tell_two_customers()
        action = self.account.action_validate_login()
        numbers = self.account.customer_ids
        self.assertEqual(numbers.mapped("number"), ["11111111", "22222222"])
        self.assertFalse(self.account.customer_id)
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn("choose the one that ships", action["params"]["message"])
        self.account.customer_id = numbers[1]
        self.tell_two_customers()
        action = self.account.action_validate_login()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(self.account.customer_id, numbers[1])

    def test_without_the_chosen_customer_number_no_label_is_asked_for(self):
        self.tell_two_customers()
        self.account.action_validate_login()
        run = self.create_run(self.import_deliveries(2))
        self.assertEqual(set(run.parcel_ids.mapped("error_place")), {"carrier"})
        for parcel in run.parcel_ids:
            self.assertIn("choose the one that ships", parcel.error)
        self.start(run)
        self.assertEqual(self.gls.count(CREATE), 0)
        self.account.customer_id = self.account.customer_ids[0]
        run.action_check()
        self.assertFalse(any(run.parcel_ids.mapped("error")))

    def test_validating_again_forgets_numbers_that_are_gone_and_keeps_the_rest(self):
        self.account.action_validate_login()
        kept = self.account.customer_id
        self.env["gls.customer"].create(
            {"account_id": self.account.id, "number": "99999999"}
        )
        self.account.action_validate_login()
        self.assertEqual(self.account.customer_ids, kept)
        self.assertEqual(self.account.customer_id, kept)

    def test_an_answer_without_a_list_forgets_no_number(self):
        self.account.action_validate_login()
        kept = self.account.customer_id
        self.gls.faults.add(
            VALIDATE,
            "content",
            body=json.dumps({"error": False, "status": "200"}),
            content_type="application/json",
        )
        self.account.action_validate_login()
        self.assertEqual(self.account.customer_id, kept)

    def test_a_wrong_password_is_told_and_nothing_is_stored(self):
        self.account.password_entry = "wrong"
        with self.assertRaisesRegex(UserError, "does not accept"):
            self.account.action_validate_login()
        self.assertFalse(self.account.validated_at)

    def test_a_password_longer_than_gls_allows_is_refused_when_it_is_entered(self):
        with self.assertRaisesRegex(ValidationError, "at most 20"):
            self.account.password_entry = "x" * 21
        self.account.password_entry = "x" * 20
        self.assertEqual(self.account._reveal_secret("password"), "x" * 20)

    def test_the_test_login_is_validated_in_the_test_environment(self):
        self.test_account.action_validate_login()
        self.assertTrue(self.test_account.validated_at)
        (call,) = self.gls.calls
        self.assertIn("/test/", call.target)

    def test_a_delivery_methods_own_account_goes_before_the_companys(self):
        other = self.carrier.copy()
        own = self.create_account(carrier_id=other.id)
        self.assertEqual(self.find(other), own)
        self.assertEqual(self.find(), self.account)
        self.assertEqual(self.find(other, is_test=True), self.test_account)

    def test_without_an_account_it_is_said_where_to_enter_it(self):
        self.test_account.unlink()
        with self.assertRaisesRegex(UserError, "test environment.*GLS Accounts"):
            self.find(is_test=True)

    def test_an_account_of_another_company_is_nobodys(self):
        self._create_other_company()
        with self.assertRaisesRegex(UserError, "Other Seller"):
            self.env["gls.account"]._find(self.carrier, self.other_company, False)

    def test_two_accounts_for_the_same_thing_are_impossible(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.create_account()
            self.env.flush_all()

    def test_the_key_goes_with_every_request(self):
        self.gls.subscription_key = "gls-key"
        with self.assertRaisesRegex(UserError, "does not accept"):
            self.account.action_validate_login()
        self.account.subscription_key_entry = "gls-key"
        self.account.action_validate_login()
        self.assertTrue(self.account.validated_at)

    def test_the_page_of_keys_tells_which_login_made_the_last_label(self):
        own = self.create_account(carrier_id=self.create_carrier().id)
        self.label(self.import_deliveries())
        self.env.invalidate_all()
        keys = self.env["amazon.connector.key"].search(
            [("company_id", "=", self.company.id), ("kind", "=", "gls")]
        )
        used = dict(zip(keys.gls_account_id, keys.mapped("used_at"), strict=True))
        self.assertTrue(used[self.account])
        self.assertFalse(used[self.test_account] or used[own])
        self.assertIn(f"{self.test_account.username} (test)", keys.mapped("owner_name"))
        own.carrier_id = self.carrier
        keys.invalidate_model()
        used = dict(zip(keys.gls_account_id, keys.mapped("used_at"), strict=True))
        self.assertTrue(used[own])
        self.assertFalse(used[self.account])

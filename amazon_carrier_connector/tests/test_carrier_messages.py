from odoo.tests import TransactionCase, tagged

from ..carriers.errors import Problem
from ..models.carrier_messages import describe_problems


@tagged("post_install", "-at_install")
class TestCarrierMessages(TransactionCase):
    def _describe(self, field, code, **details):
        (sentence,) = describe_problems(
            self.env, [Problem("R-1", field, code, **details)]
        )
        return sentence

    def test_what_is_too_long_is_told_with_what_would_fit(self):
        sentence = self._describe(
            "recipient.street", "too_long", limit=40, proposal="Lange Straat"
        )
        self.assertEqual(
            sentence,
            "Street is longer than the 40 characters the carrier allows: shorten it."
            " For example: Lange Straat",
        )

    def test_what_is_too_long_without_a_proposal_gives_no_example(self):
        sentence = self._describe("password", "too_long", limit=20)
        self.assertIn("Password", sentence)
        self.assertNotIn("example", sentence)

    def test_a_field_of_the_pick_up_address_says_whose_it_is(self):
        sentence = self._describe("sender.postal_code", "required")
        self.assertIn("Pick-up address: Postal code", sentence)

    def test_what_the_carrier_says_is_passed_on_with_its_code(self):
        sentence = self._describe("recipient.city", "V009", message="not known")
        self.assertEqual(sentence, "City: the carrier says: not known (code V009)")

"""Amazon forbids it: Odoo neither texts nor mails the buyers."""

from unittest.mock import patch

from odoo import modules
from odoo.tests import tagged

from .common import AmazonCommon, report_row


@tagged("post_install", "-at_install")
class TestBuyerNotification(AmazonCommon):
    def setUp(self):
        super().setUp()
        self.import_rows(report_row(1))
        self.order = self.find_order(1)
        self.delivery = self.order.picking_ids
        self.delivery.carrier_id = False
        self.company.write(
            {
                "stock_move_email_validation": True,
                "stock_text_confirmation": True,
                "has_received_warning_stock_sms": True,
            }
        )
        template = self.env.ref("stock.mail_template_data_delivery_confirmation")
        self.company.stock_mail_confirmation_template_id = template

    def _make_reachable(self, contact):
        """What a person may do to the contact one day."""
        contact.write(
            {"active": True, "email": "buyer@example.com", "phone": "+31612345678"}
        )

    def _sent_to(self, contact):
        """Whatever was prepared for a contact, sent or not."""
        self.env.flush_all()
        notified = self.env["mail.notification"].search(
            [("res_partner_id", "=", contact.id)]
        )
        mails = self.env["mail.mail"].search([])
        return [
            *notified,
            *mails.filtered(
                lambda mail: contact in mail.recipient_ids
                or "buyer@example.com" in (mail.email_to or "")
            ),
            *self.env["sms.sms"].search([("partner_id", "=", contact.id)]),
        ]

    def _validate(self, delivery):
        # Core texts nobody while a test runs: here it must not know of one.
        with patch.object(modules.module, "current_test", None):
            return delivery.with_user(self.amazon_user).button_validate()

    def test_validating_neither_mails_nor_texts_the_buyer(self):
        self._validate(self.delivery)
        self.assertEqual(self.delivery.state, "done")
        self.assertEqual(self._sent_to(self.order.partner_id), [])

    def test_not_even_when_somebody_makes_the_contact_reachable(self):
        self._make_reachable(self.order.partner_id)
        self._validate(self.delivery)
        self.assertEqual(self.delivery.state, "done")
        self.assertEqual(self._sent_to(self.order.partner_id), [])

    def test_nor_a_contact_that_somebody_made_of_the_buyers_other_address(self):
        contact = self.env["res.partner"].create({"name": "The Buyer's Neighbour"})
        self._make_reachable(contact)
        self.delivery.partner_id = contact
        self._validate(self.delivery)
        self.assertEqual(self.delivery.state, "done")
        self.assertEqual(self._sent_to(contact), [])

    def test_no_question_about_text_messages_interrupts_the_validation(self):
        self.company.has_received_warning_stock_sms = False
        self.assertIs(self._validate(self.delivery), True)
        self.assertEqual(self.delivery.state, "done")

    def test_a_message_addressed_to_the_buyer_does_not_reach_them(self):
        self._make_reachable(self.order.partner_id)
        self.delivery.message_subscribe(self.order.partner_id.ids)
        self.delivery.message_post(
            body="On its way",
            partner_ids=self.order.partner_id.ids,
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(self._sent_to(self.order.partner_id), [])

    def test_colleagues_are_still_notified(self):
        colleague = self.stock_user.partner_id
        self.delivery.message_post(
            body="Please check",
            partner_ids=(colleague | self.order.partner_id).ids,
            subtype_xmlid="mail.mt_comment",
        )
        self.assertTrue(self._sent_to(colleague))

    def test_customers_of_other_deliveries_are_still_mailed(self):
        customer = self.env["res.partner"].create(
            {"name": "Customer", "email": "buyer@example.com"}
        )
        delivery = self.delivery.copy({"partner_id": customer.id})
        self._validate(delivery)
        self.assertEqual(delivery.state, "done")
        self.assertTrue(self._sent_to(customer))

    def test_importing_texts_and_mails_nobody(self):
        self.assertFalse(self.env["sms.sms"].search([]))
        self.assertEqual(self._sent_to(self.order.partner_id), [])
        self.assertFalse(self.order.partner_id.email or self.order.partner_id.phone)

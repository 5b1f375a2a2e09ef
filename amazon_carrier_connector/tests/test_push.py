"""From the label, or the typed number, to the parcel that Amazon holds."""

from odoo.tests import tagged

from .label_case import CONFIRM, LabelCase


@tagged("post_install", "-at_install")
class TestPush(LabelCase):
    def push(self):
        super().push()
        self.env.invalidate_all()

    def test_a_labelled_parcel_reaches_amazon(self):
        picking = self.import_deliveries()
        self.load_orders(picking)
        self.label(picking)
        (confirmation,) = self.find_confirmations(picking)
        self.assertEqual(confirmation.state, "to_push")
        self.push()
        self.assertEqual(confirmation.state, "pushed")
        self.assertEqual(self.amazon.count(CONFIRM, status=204), 1)

"""The end of a day with GLS: its list, printed and confirmed."""

from datetime import datetime, timedelta

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .gls_case import GlsCase

CONFIRM_MANY = "Label/ConfirmMultiple"
# In Amsterdam the evening of the 16th: there it is winter time.
EVENING = datetime(2026, 11, 16, 22, 30)


@tagged("post_install", "-at_install")
class TestGlsDay(GlsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stock_user.tz = "Europe/Amsterdam"

    def day_list(self, day="2026-11-17", **values):
        day_lists = self.env["delivery.day.list"].with_user(self.stock_user)
        return day_lists.create({"day": day, **values})

    def labelled(self, count, at, first=1):
        parcels = self.label(self.import_deliveries(count, first)).parcel_ids
        parcels.labelled_at = at
        return parcels

    def test_the_day_list_has_what_is_to_be_confirmed_and_confirms_it(self):
        self.carrier.gls_confirm = "day_list"
        late = self.labelled(1, EVENING)
        today = self.labelled(2, EVENING + timedelta(hours=12), first=2)
        later = self.labelled(1, EVENING + timedelta(hours=24.75), first=4)
        # Made before its method confirmed anything.
        self.labelled(1, EVENING - timedelta(days=15), first=5)
        day_list = self.day_list()
        self.assertEqual(day_list.parcel_ids, late + today)
        self.assertEqual((day_list.parcel_count, day_list.to_confirm_count), (3, 3))
        self.assertAlmostEqual(day_list.weight_kg, 1.2)
        with self.committing(self.stock_user) as env:
            day_list.with_env(env).action_confirm()
        self.assertEqual(self.gls.count(CONFIRM_MANY), 1)
        self.assertTrue(all((late + today).mapped("confirmed_at")))
        self.assertFalse(later.confirmed_at)
        # It stays on the list of the day on which it was confirmed.
        (late + today).confirmed_at = EVENING + timedelta(hours=14)
        day_list = self.day_list()
        self.assertEqual(day_list.parcel_ids, late + today)
        self.assertFalse(day_list.to_confirm_count)
        self.assertEqual(self.day_list("2026-11-18").parcel_ids, later)

    def test_where_nothing_is_confirmed_the_day_of_the_label_counts(self):
        self.labelled(1, EVENING)
        first = self.labelled(1, EVENING + timedelta(hours=0.5), first=2)
        last = self.labelled(1, EVENING + timedelta(hours=24.4), first=3)
        self.labelled(1, EVENING + timedelta(hours=24.5), first=4)
        self.assertEqual(self.day_list().parcel_ids, first + last)
        self.assertFalse(self.day_list(day="2026-11-19").parcel_ids)

    def test_a_cancelled_parcel_is_on_no_list(self):
        parcel = self.labelled(1, EVENING + timedelta(hours=12))
        self.assertEqual(self.day_list().parcel_ids, parcel)
        with self.committing() as env:
            parcel.with_env(env).action_cancel()
        self.assertFalse(self.day_list().parcel_ids)

    def test_what_gls_does_not_confirm_is_told_and_the_others_are(self):
        self.carrier.gls_confirm = "day_list"
        parcels = self.labelled(2, EVENING)
        self.gls.units[parcels[1].tracking_number].deleted = True
        with self.committing(self.stock_user) as env:
            day_list = self.day_list().with_env(env)
            with self.assertRaisesRegex(UserError, "was deleted"):
                day_list.action_confirm()
        self.assertEqual(
            [bool(parcel.confirmed_at) for parcel in parcels], [True, False]
        )

    def test_each_account_has_a_page_with_numbers_weights_and_totals(self):
        self.account.action_validate_login()
        other = self.carrier.copy()
        other.name = "GLS Freight"
        parcels = self.labelled(3, EVENING + timedelta(hours=12))
        parcels[2].carrier_id = other
        parcels[0].confirmed_at = EVENING + timedelta(hours=13)
        day_list = self.day_list()
        (section, __) = day_list._get_sections()
        self.assertEqual(section["customer_no"], self.gls.customer_no)
        pages = self.print(day_list)
        self.assertEqual(len(pages), 2)
        first = [row.text_content().split() for row in pages[0].findall(".//tbody/tr")]
        self.assertEqual(
            [row[1] for row in first], parcels[:2].mapped("tracking_number")
        )
        self.assertEqual([row[-1] for row in first], ["0.40", "0.40"])
        self.assertIn("NL", first[0])
        head = " ".join(pages[0].text_content().split())
        self.assertIn("Day List 11/17/2026", head)
        self.assertIn(f"Customer Number {self.gls.customer_no} Parcels 2", head)
        self.assertIn("Weight (kg) 0.80", head)
        self.assertIn("GLS Freight", pages[1].text_content())
        self.assertNotIn("Recipient", html.tostring(pages[0], encoding="unicode"))

    def test_the_list_of_one_delivery_method_has_only_its_parcels(self):
        parcels = self.labelled(1, EVENING + timedelta(hours=12))
        other = self.carrier.copy()
        self.assertEqual(self.day_list(carrier_id=self.carrier.id).parcel_ids, parcels)
        self.assertFalse(self.day_list(carrier_id=other.id).parcel_ids)

    def test_the_dialog_opens_with_today_and_is_its_users_own(self):
        day_list = self.env["delivery.day.list"].with_user(self.stock_user).create({})
        self.assertEqual(day_list.day, fields.Date.context_today(day_list))
        self.assertEqual(day_list.action_print()["report_type"], "qweb-pdf")
        with self.assertRaises(AccessError):
            day_list.with_user(self.amazon_user).read(["day"])

    def print(self, day_list):
        """The pages of the list as a printer gets them."""
        report = self.env["ir.actions.report"].with_user(self.stock_user)
        content, __ = report._render_qweb_html(
            "amazon_carrier_connector.report_day_list", day_list.ids
        )
        return html.fromstring(content).xpath("//div[@class='page']")

"""What is saved as a file: by whom, and that nothing in it is a formula."""

import base64
import csv
import html
import io
import json
from contextlib import contextmanager, nullcontext
from zipfile import ZipFile

from odoo.tests import HttpCase, new_test_user, tagged

from .common import report_row
from .test_security import SecurityCase

# Nothing else in a page is written so.
STREET = "Voorbeeldstraat 12 a"
PDF = b"%PDF-1.4 " + STREET.encode()
FORMULAS = {
    "recipient-name": '=HYPERLINK("https://shop.example","Open")',
    "ship-address-2": '{=WEBSERVICE("https://shop.example")}',
    "ship-city": "@SUM(1+1)",
    "product-name": "+1+1",
    "buyer-name": "-1+1",
}


class DownloadCase(SecurityCase, HttpCase):
    def setUp(self):
        super().setUp()
        for user in (self.amazon_user, self.stock_user, self.other_manager):
            user.group_ids |= self.env.ref("base.group_allow_export")
        # Test cursors do not open another one beside one that only reads; with a
        # replica it is tried in tests/system.
        self.set_registry_readonly_mode(False)
        self.addCleanup(self.set_registry_readonly_mode, True)

    def find_events(self):
        """The lines of the audit trail, oldest first."""
        self.env.invalidate_all()
        return self.env["amazon.audit.event"].search([], order="id")

    @contextmanager
    def enter_registry_test_mode(self):
        """Such a test is in it from its start; imports ask for it."""
        self.env.flush_all()
        yield
        self.env.invalidate_all()

    def open_as(self, user, path, **parameters):
        """
        :param user: of Odoo, or None for a visitor
        """
        name = user and user.login
        self.authenticate(name, name)
        return self.url_open(path, params=parameters, allow_redirects=False)

    def export(self, user, kind, records, *names, groupby=()):
        """Save a list as the web client does."""
        asked = {
            "model": records._name,
            "fields": [
                {"name": name, "label": name, "type": "char", "store": True}
                for name in names
            ],
            "ids": records.ids,
            "domain": [],
            "groupby": groupby,
            "import_compat": False,
        }
        return self.open_as(user, f"/web/export/{kind}", data=json.dumps(asked))


@tagged("post_install", "-at_install")
class TestExport(DownloadCase):
    """Buyers and sellers write what they like; spreadsheet programs compute it."""

    def setUp(self):
        super().setUp()
        cells = {name.replace("-", "_"): text for name, text in FORMULAS.items()}
        self.import_rows(report_row(1, **cells))
        self.order = self.find_order(1)
        self.order.item_ids.title = FORMULAS["product-name"]
        self.delivery = self.order.picking_ids
        self.delivery.note = FORMULAS["ship-address-2"]
        self.names = ("partner_id/name", "partner_id/city", "note")

    def _read_sheet(self, answer):
        """The sheet itself, and the texts that its cells show."""
        with ZipFile(io.BytesIO(answer.content)) as file:
            return (
                file.read("xl/worksheets/sheet1.xml").decode(),
                file.read("xl/sharedStrings.xml").decode(),
            )

    def test_no_cell_of_a_csv_file_is_a_formula(self):
        contact = self.order.partner_id
        contact.write({"comment": "\t=1", "function": "\r=1", "street2": "-1"})
        names = ("name", "city", "function", "street2", "phone")
        contact.phone = "+1"
        answer = self.export(self.amazon_user, "csv", contact, *names)
        __, cells = csv.reader(io.StringIO(answer.text, newline=""))
        self.assertEqual(cells[0], "'" + FORMULAS["recipient-name"])
        self.assertEqual(cells[1], "'" + FORMULAS["ship-city"])
        self.assertEqual(len(cells), len(names))
        for cell in cells:
            self.assertTrue(cell.startswith("'"), cell)

    def test_no_cell_of_an_excel_file_is_a_formula_or_a_link(self):
        self.order.partner_id.city = "https://shop.example"
        for groupby in ((), ("partner_id",)):
            with self.subTest(groupby=groupby):
                answer = self.export(
                    *(self.amazon_user, "xlsx", self.delivery),
                    *self.names,
                    groupby=groupby,
                )
                sheet, texts = self._read_sheet(answer)
                self.assertNotIn("<f", sheet)
                self.assertNotIn("hyperlink", sheet.lower())
                self.assertIn("=HYPERLINK(", texts)
                self.assertIn("https://shop.example", texts)

    def test_a_name_is_no_xml_of_an_excel_file(self):
        """The library writes a text that looks like its own rich text as it is."""
        name = "<r><t>Red</t></r></si><si><r></r>"
        self.order.partner_id.name = name
        answer = self.export(self.amazon_user, "xlsx", self.delivery, *self.names)
        __, texts = self._read_sheet(answer)
        self.assertIn(html.escape(name, quote=False), texts)

    def test_no_header_is_a_formula(self):
        asked = {
            "model": "stock.picking",
            "fields": [{"name": "name", "label": "=1+1", "type": "char"}],
            "ids": self.delivery.ids,
            "domain": [],
            "groupby": [],
            "import_compat": False,
        }
        for kind in ("csv", "xlsx"):
            with self.subTest(kind):
                answer = self.open_as(
                    self.amazon_user, f"/web/export/{kind}", data=json.dumps(asked)
                )
                if kind == "csv":
                    header, __ = csv.reader(io.StringIO(answer.text, newline=""))
                    self.assertEqual(header, ["'=1+1"])
                else:
                    sheet, texts = self._read_sheet(answer)
                    self.assertNotIn("<f", sheet)
                    self.assertIn("=1+1", texts)

    def save_pivot(self, user, titles, model="stock.picking"):
        """Save a table as the pivot view does: one row and column for each title."""
        value = {"is_bold": False, "value": 7}
        table = {
            "title": "Deliveries",
            "model": model,
            "measure_count": 1,
            "origin_count": 1,
            "col_group_headers": [
                [{"title": title, "width": 1, "height": 1} for title in titles]
            ],
            "measure_headers": [
                {"title": title, "is_bold": False, "width": 1} for title in titles
            ],
            "rows": [
                {"title": title, "indent": 0, "values": [value] * len(titles)}
                for title in titles
            ],
        }
        return self.open_as(user, "/web/pivot/export_xlsx", data=json.dumps(table))

    def test_no_title_of_a_pivot_is_a_formula_a_link_or_xml(self):
        titles = [
            *FORMULAS.values(),
            "https://shop.example",
            "mailto:somebody@shop.example",
            "external:c:/somewhere.xlsx",
            "file:///etc/passwd",
            "<r><t>Red</t></r></si><si><r></r>",
        ]
        answer = self.save_pivot(self.amazon_user, titles)
        self.assertEqual(answer.status_code, 200)
        sheet, texts = self._read_sheet(answer)
        self.assertNotIn("<f", sheet)
        self.assertNotIn("hyperlink", sheet.lower())
        self.assertIn("<v>7</v>", sheet)
        for title in titles:
            self.assertIn(html.escape(title, quote=False), texts)

    def test_a_pivot_is_in_the_audit_trail_where_it_can_name_buyers(self):
        told = ("stock.picking", "res.partner", "amazon.order.item")
        for model in (*told, "res.country", "unknown.model"):
            self.save_pivot(self.amazon_user, ["Total"], model)
        events = self.find_events().filtered(lambda event: event.event == "exported")
        self.assertEqual(events.mapped("res_model"), [*told])
        self.assertEqual(events.user_id, self.amazon_user)
        self.assertEqual(events.company_id, self.company)

    def test_a_pivot_is_in_the_trail_of_each_company_that_has_or_had_a_shop(self):
        """Such a request does not say which of them are looked at."""
        self.shop.active = False
        without = self.env["res.company"].create({"name": "No Shop"})
        self.amazon_user.company_ids |= self.other_company | without
        self.amazon_user.company_id = without
        self.save_pivot(self.amazon_user, ["Total"])
        events = self.find_events().filtered(lambda event: event.event == "exported")
        self.assertEqual(events.company_id, self.company | self.other_company)

    def test_an_empty_pivot_is_refused_as_core_does(self):
        answer = self.open_as(self.amazon_user, "/web/pivot/export_xlsx", data="{}")
        self.assertEqual(answer.status_code, 422)

    def test_numbers_and_dates_stay_what_they_are(self):
        names = ("quantity_ordered", "sku")
        answer = self.export(self.amazon_user, "xlsx", self.order.item_ids, *names)
        sheet, texts = self._read_sheet(answer)
        self.assertIn("<v>1</v>", sheet)
        self.assertIn("MUG-BLUE", texts)

    def test_buyers_data_leaves_with_amazon_users_only(self):
        hidden = ("name", "recipient_phone")
        told = self.export(self.amazon_user, "csv", self.order, *hidden)
        self.assertIn("31600000001", told.text)
        refused = (
            (self.stock_user, self.order, hidden),
            (self.other_manager, self.order, ("name",)),
            (self.other_manager, self.delivery, ("name",)),
            (self.other_manager, self.order.partner_id, ("city",)),
            (None, self.order, ("name",)),
        )
        for user, records, names in refused:
            for kind in ("csv", "xlsx"):
                with (
                    self.subTest(user=user and user.login, model=records._name),
                    self.assertLogs("odoo", "ERROR") if user else nullcontext(),
                ):
                    answer = self.export(user, kind, records, *names)
                    self.assertNotEqual(answer.status_code, 200)
                    self.assertNotIn("31600000001", answer.text)


@tagged("post_install", "-at_install")
class TestFilesById(DownloadCase):
    """Ids are numbers that anybody counts up."""

    def setUp(self):
        super().setUp()
        records = self._create_one_of_each()
        self.delivery = self.order.picking_ids
        parcel = self.delivery.parcel_ids[:1]
        run = records["delivery.label.run"]
        label, document = self.env["ir.attachment"].create(
            [
                {
                    "name": "label.pdf",
                    "raw": PDF,
                    "mimetype": "application/pdf",
                    "res_model": owner._name,
                    "res_id": owner.id,
                }
                for owner in (parcel, run)
            ]
        )
        parcel.label_attachment_id = label
        run.attachment_id = document
        done = records["amazon.order.import"]
        done.problem_ids.reason = STREET
        file = records["amazon.confirmation.file"]
        file.file = base64.b64encode(PDF)
        slip = "amazon_carrier_connector.report_packing_slip"
        self.of_sellers = {
            f"/web/content/{done.attachment_ids.id}",
            f"/web/content/amazon.order.import/{done.id}/problem_file",
        }
        self.of_the_warehouse = {
            f"/web/content/{label.id}?download=true",
            f"/web/content/{document.id}",
            f"/web/content/amazon.confirmation.file/{file.id}/file",
            f"/web/image/{label.id}",
            f"/report/html/{slip}/{self.delivery.id}",
            f"/report/html/stock.report_deliveryslip/{self.delivery.id}",
        }
        self.printed = {f"/report/pdf/{slip}/{self.delivery.id}"}

    def test_the_warehouse_gets_what_it_works_with(self):
        for user in (self.amazon_user, self.stock_user):
            for path in self.of_the_warehouse:
                with self.subTest(user=user.login, path=path):
                    answer = self.open_as(user, path)
                    self.assertIn(STREET.encode(), answer.content)

    def test_files_are_sent_as_what_they_are(self):
        """No browser takes a label for a page, whatever is in it."""
        for path in self.of_the_warehouse | self.of_sellers:
            if not path.startswith("/web/content"):
                continue
            with self.subTest(path):
                answer = self.open_as(self.amazon_user, path)
                self.assertEqual(answer.status_code, 200)
                self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
                self.assertIn(
                    "default-src 'none'", answer.headers["Content-Security-Policy"]
                )
                kind = answer.headers["Content-Type"].partition(";")[0]
                self.assertIn(kind, ("application/pdf", "text/csv", "text/plain"))

    def test_whoever_opens_a_file_or_page_is_in_the_audit_trail(self):
        done, parcel = self.order.import_id, self.delivery.parcel_ids[:1]
        run = parcel.run_id
        slip = "stock.report_deliveryslip"
        tries = (
            (f"/web/content/{parcel.label_attachment_id.id}", "printed", parcel),
            (f"/web/content/{run.attachment_id.id}?download=true", "printed", run),
            (f"/web/content/{done.attachment_ids.id}", "exported", done),
            (
                f"/web/content/amazon.order.import/{done.id}/problem_file",
                *("exported", done),
            ),
            (f"/report/html/{slip}/{self.delivery.id}", "printed", self.delivery),
            (f"/report/text/{slip}/{self.delivery.id}", "printed", self.delivery),
            (f"/report/pdf/{slip}/{self.delivery.id}", "printed", self.delivery),
        )
        for path, event, records in tries:
            with self.subTest(path):
                before = self.find_events()
                answer = self.open_as(self.amazon_user, path)
                self.assertEqual(answer.status_code, 200)
                told = self.find_events() - before
                self.assertEqual(told.mapped("event"), [event])
                self.assertEqual(told.res_model, records._name)
                self.assertEqual(told.res_ids, records.ids)
                self.assertEqual(told.user_id, self.amazon_user)
        with self.assertLogs("odoo.http", "WARNING"):
            before = self.find_events()
            for path, *__ in tries:
                self.open_as(self.employee, path)
        self.assertEqual(self.find_events(), before)

    def test_nobody_else_gets_a_file_by_its_id(self):
        outsiders = (
            *(self.other_manager, self.employee, None),
            new_test_user(self.env, "portal_reader", "base.group_portal"),
        )
        tries = [
            (user, path)
            for user in outsiders
            for path in self.of_sellers | self.of_the_warehouse | self.printed
        ]
        tries += [(self.stock_user, path) for path in self.of_sellers]
        # Odoo names whom it has refused what.
        with self.assertLogs("odoo.http", "WARNING"):
            for user, path in tries:
                with self.subTest(user=user and user.login, path=path):
                    answer = self.open_as(user, path)
                    self.assertLess(answer.status_code, 500)
                    self.assertNotIn(STREET.encode(), answer.content)
                    self.assertNotIn(b"%PDF", answer.content)

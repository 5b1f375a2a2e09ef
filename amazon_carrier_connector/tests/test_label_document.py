import base64
import io

from lxml import html
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import MANAGER, order_ref
from .label_case import LabelCase, read_pages


@tagged("post_install", "-at_install")
class TestLabelDocument(LabelCase):
    def setUp(self):
        super().setUp()
        # Whoever prints is one of them: preferences are a person's own.
        self.amazon_user.label_layout = "a6"

    def print_labels(self, records, user=None, **values):
        """Print a selection in the dialog; the dialog, and what it answers."""
        user = user or self.amazon_user
        action = records.with_user(user).action_print_labels()
        dialog = self.env[action["res_model"]].with_user(user).browse(action["res_id"])
        dialog.write(values)
        return dialog, dialog.action_print()

    def assert_shows(self, texts, pickings):
        """Each page shows the numbers of these deliveries, and they are in order."""
        joined = "\n".join(texts)
        places = [joined.index(p.carrier_tracking_ref) for p in pickings]
        self.assertEqual(places, sorted(places))
        for picking in pickings:
            self.assertEqual(joined.count(picking.carrier_tracking_ref), 1)

    def read_dialog(self, dialog):
        content = base64.b64decode(dialog.file)
        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]

    # === THE DOCUMENT OF A RUN === #

    def test_labels_are_laid_out_on_sheets_from_the_first_free_quarter_on(self):
        pickings = self.import_deliveries(3)[::-1]
        run = self.label(pickings, layout="a4", start_position="3")
        pages = read_pages(run.attachment_id)
        self.assertEqual(len(pages), 2)
        self.assert_shows(pages, pickings)
        self.assertIn(pickings[2].carrier_tracking_ref, pages[1])

    def test_a_sheet_holds_as_many_labels_as_paper_has(self):
        pickings = self.import_deliveries(3)
        run = self.label(pickings, layout="a4", labels_per_sheet="2")
        self.assertEqual(len(read_pages(run.attachment_id)), 2)
        run.labels_per_sheet = "1"
        run.with_user(self.amazon_user).action_download()
        pages = read_pages(run.attachment_id)
        self.assertEqual(len(pages), 3)
        self.assert_shows(pages, pickings)
        dialog, __ = self.print_labels(pickings, layout="a4", labels_per_sheet="3")
        self.assertEqual(len(self.read_dialog(dialog)), 1)

    def test_another_layout_is_printed_without_asking_the_carrier(self):
        pickings = self.import_deliveries(2)
        run = self.label(pickings)
        asked = self.myparcel.counts()
        first = run.attachment_id
        run.with_user(self.amazon_user).action_download()
        self.assertEqual(run.attachment_id, first)
        run.layout = "a4"
        run.with_user(self.amazon_user).action_download()
        self.assertFalse(first.exists())
        (page,) = read_pages(run.attachment_id)
        self.assert_shows([page], pickings)
        self.assertEqual(self.myparcel.counts(), asked)

    def test_cancelled_labels_are_not_printed_again(self):
        kept, cancelled = pickings = self.import_deliveries(2)
        run = self.label(pickings)
        cancelled.parcel_ids.action_give_up()
        run.action_download()
        self.assert_shows(read_pages(run.attachment_id), kept)
        kept.parcel_ids.action_give_up()
        with self.assertRaisesRegex(UserError, "no labels"):
            run.action_download()
        self.assertFalse(run.attachment_id)

    def test_a_label_that_cannot_be_read_is_named_and_the_others_are_printed(self):
        broken, good = pickings = self.import_deliveries(2)
        run = self.label(pickings)
        self.assertFalse(run.document_note)
        broken.parcel_ids.label_attachment_id.raw = b"%PDF-1.4\nrubbish\n%%EOF"
        run.layout = "a4"
        run.action_download()
        self.assert_shows(read_pages(run.attachment_id), good)
        self.assertIn(broken.parcel_ids.reference, run.document_note)
        self.assertNotIn(good.parcel_ids.reference, run.document_note)
        dialog, answer = self.print_labels(pickings)
        self.assertIn(broken.parcel_ids.reference, answer["params"]["message"])
        self.assertIn(str(dialog.id), answer["params"]["next"]["url"])
        with self.assertRaisesRegex(UserError, broken.parcel_ids.reference):
            self.print_labels(broken)

    def test_a_document_that_is_somebody_elses_is_no_label(self):
        picking = self.import_deliveries()
        run = self.label(picking)
        secret = self.env["ir.attachment"].create({"name": "secret", "raw": b"%PDF-"})
        picking.parcel_ids.label_attachment_id = secret
        self.assertFalse(picking.parcel_ids._get_labelled())
        with self.assertRaisesRegex(UserError, "no labels"):
            run.action_download()

    # === ANY SELECTION === #

    def test_a_selection_is_printed_again_in_its_order_over_all_runs(self):
        first, second, third = self.import_deliveries(3)
        for picking in (first, second, third):
            self.label(picking)
        asked = self.myparcel.counts()
        selection = third + first + second
        for records in (selection, selection.parcel_ids):
            dialog, __ = self.print_labels(records)
            self.assertEqual(dialog.label_count, 3)
            self.assert_shows(self.read_dialog(dialog), selection)
        dialog, __ = self.print_labels(selection, layout="a4")
        self.assertEqual(len(self.read_dialog(dialog)), 1)
        self.assertEqual(self.myparcel.counts(), asked)

    def test_deliveries_and_parcels_without_a_label_are_named(self):
        labelled, draft = pickings = self.import_deliveries(2)
        self.label(labelled)
        dialog, __ = self.print_labels(pickings)
        self.assertIn(draft.name, dialog.note)
        self.assertNotIn(labelled.name, dialog.note)
        self.assertFalse(self.print_labels(labelled)[0].note)
        parcels = labelled.parcel_ids
        parcels.action_give_up()
        with self.assertRaisesRegex(UserError, "no label"):
            self.print_labels(parcels)

    def test_one_that_is_cancelled_while_the_dialog_is_open_is_not_printed(self):
        kept, cancelled = pickings = self.import_deliveries(2)
        self.label(pickings)
        action = pickings.action_print_labels()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        cancelled.parcel_ids.action_give_up()
        dialog.action_print()
        self.assertEqual(len(self.read_dialog(dialog)), 1)

    def test_what_somebody_chose_is_remembered_for_them_alone(self):
        picking = self.import_deliveries()
        self.label(picking)
        chosen = {"layout": "a4", "start_position": "4", "opening": "open"}
        chosen["labels_per_sheet"] = "2"
        self.print_labels(picking, **chosen)
        again = self.env["delivery.label.print"].with_user(self.amazon_user).new()
        self.assertEqual({name: again[name] for name in chosen}, chosen)
        run = self.create_run(self.import_deliveries(first=2))
        self.assertEqual((run.layout, run.start_position), ("a4", "4"))
        self.assertEqual(run.labels_per_sheet, "2")
        other = self.env["delivery.label.print"].with_user(self.amazon_manager).new()
        self.assertEqual((other.layout, other.opening), ("a6", "save"))

    def test_a_pdf_is_opened_or_saved_as_the_user_likes_it(self):
        picking = self.import_deliveries()
        run = self.label(picking).with_user(self.amazon_user)
        parcel = run.parcel_ids
        for action in (run.action_download(), parcel.action_open_label()):
            self.assertIn("download=true", action["url"])
        self.amazon_user.label_opening = "open"
        for action in (run.action_download(), parcel.action_open_label()):
            self.assertNotIn("download", action["url"])
        __, action = self.print_labels(picking, opening="save")
        self.assertIn("download=true", action["url"])

    def test_warehouse_staff_set_their_own_preferences(self):
        staff = self.stock_user.with_user(self.stock_user)
        staff.write({"label_layout": "a4"})
        self.assertEqual(staff.read(["label_layout"])[0]["label_layout"], "a4")
        view = self.env.ref("base.view_users_form_simple_modif")
        with Form(staff, view) as form:
            form.label_opening = "open"
        self.assertEqual(staff.label_opening, "open")

    def test_the_document_is_a_pdf_for_whoever_made_it_and_no_one_else(self):
        picking = self.import_deliveries()
        self.label(picking)
        dialog, __ = self.print_labels(picking, user=self.stock_user)
        stored = self.env["ir.attachment"].search(
            [("res_model", "=", dialog._name), ("res_field", "=", "file")]
        )
        self.assertEqual(
            (stored.res_id, stored.mimetype), (dialog.id, "application/pdf")
        )
        self.assertFalse(stored.public)
        self.assertTrue(dialog.with_user(self.stock_user).read(["file"]))
        for user in (self.amazon_user, self.employee):
            with self.subTest(user.login), self.assertRaises(AccessError):
                dialog.with_user(user).read(["file"])

    def test_labels_of_another_company_are_not_printed(self):
        self._create_other_company()
        picking = self.import_deliveries()
        self.label(picking)
        dialogs = self.env["delivery.label.print"].with_user(self.other_manager)
        dialog = dialogs.create({"parcel_refs": picking.parcel_ids.ids})
        with self.assertRaises(AccessError):
            dialog.action_print()

    # === PACKING SLIPS AND PICK LIST === #

    def render(self, name, records, user=None):
        """The text of a report as people see it, with single spaces."""
        reports = self.env["ir.actions.report"].with_user(user or self.amazon_user)
        content, __ = reports._render_qweb_html(
            f"amazon_carrier_connector.{name}", records.ids
        )
        page = html.fromstring(content)
        return " ".join(page.xpath("//body")[0].text_content().split())

    def test_packing_slips_say_what_was_ordered_in_the_order_of_the_selection(self):
        second, first = pickings = self.import_orders_of_two()
        text = self.render("report_packing_slip", pickings)
        for picking in pickings:
            self.assertIn(picking.name, text)
        self.assertLess(text.index(second.origin), text.index(first.origin))
        self.assertIn("MUG-BLUE Blue mug 3", text)
        self.assertIn("UNKNOWN-1 A very rare thing 1", text)
        self.assertIn("Recipient Example", text)
        for private in ("31600000001", "a1b2c3d4"):
            self.assertNotIn(private, text)

    def import_orders_of_two(self):
        """The second order, with an unknown SKU, before the first one."""
        self.shop.unknown_sku_policy = "placeholder"
        first = self.import_deliveries(quantity_to_ship=3)
        second = self.import_deliveries(
            first=2, sku="UNKNOWN-1", product_name="A very rare thing"
        )
        return second + first

    def test_a_packing_slip_of_a_delivery_that_is_not_amazons_names_its_products(self):
        picking = self.import_deliveries()
        picking.move_ids.amazon_item_id = False
        self.assertEqual(
            picking._get_packing_slip_lines(),
            [{"sku": "MUG-BLUE", "title": "Blue mug", "quantity": 1}],
        )

    def test_a_packing_slip_shows_what_leaves_now(self):
        picking = self.import_deliveries(quantity_to_ship=3)
        picking.action_confirm()
        picking.action_assign()
        picking.move_ids.quantity = 2
        (line,) = picking._get_packing_slip_lines()
        self.assertEqual(line["quantity"], 2)

    def test_the_pick_list_adds_up_each_product_at_its_place(self):
        pickings = self.import_deliveries(2, quantity_to_ship=2)
        pickings |= self.import_deliveries(first=3, sku="BOWL")
        shelf = self.env["stock.location"].create(
            {"name": "Shelf 1", "location_id": self.warehouse.lot_stock_id.id}
        )
        self.env["stock.quant"]._update_available_quantity(self.mug, shelf, 3)
        self.env["stock.quant"]._update_available_quantity(
            self.mug, self.warehouse.lot_stock_id, -99
        )
        pickings.action_confirm()
        pickings.action_assign()
        listed = {
            location: [(row["sku"], row["quantity"], row["orders"]) for row in rows]
            for location, rows in pickings[::-1]._get_pick_list()
        }
        third, second, first = (order_ref(number) for number in (3, 2, 1))
        stock = self.warehouse.lot_stock_id
        self.assertEqual(list(listed), [stock, shelf])
        picked = sum(quantity for rows in listed.values() for __, quantity, __o in rows)
        self.assertEqual(picked, 5)
        self.assertIn(("BOWL", 1, [(1, third, 1)]), listed[stock])
        mugs = [row for rows in listed.values() for row in rows if row[0] != "BOWL"]
        orders = sorted((order[1], order[2]) for row in mugs for order in row[2])
        self.assertEqual(sum(quantity for __, quantity in orders), 4)
        self.assertEqual({name for name, __ in orders}, {first, second})

    def test_the_pick_list_puts_what_is_not_reserved_last(self):
        second, first = pickings = self.import_orders_of_two()
        self.mug.is_storable = True
        first.action_confirm()
        first.action_assign()
        first.move_ids.quantity = 1
        (stock, rows), (nowhere, missing) = first._get_pick_list()
        self.assertEqual(
            (stock, nowhere), (self.warehouse.lot_stock_id, stock.browse())
        )
        self.assertEqual((rows[0]["quantity"], missing[0]["quantity"]), (1, 2))
        text = self.render("report_pick_list", pickings)
        self.assertIn("Not reserved", text)
        self.assertIn(f"UNKNOWN-1 A very rare thing 1 1. {second.origin}", text)
        self.assertIn(f"MUG-BLUE Blue mug 1 2. {first.origin}", text)
        self.assertIn(f"MUG-BLUE Blue mug 2 2. {first.origin} × 2", text)

    def test_the_pick_list_of_many_deliveries_costs_few_queries(self):
        pickings = self.import_deliveries(12).with_prefetch()
        pickings.action_confirm()
        pickings.action_assign()

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._get_pick_list()
            for picking in some:
                picking._get_packing_slip_lines()
            return self.env.cr.sql_log_count - before

        count(pickings)
        self.assertLessEqual(count(pickings), count(pickings[:3].with_prefetch()) + 3)

    def test_a_run_prints_slips_and_list_in_the_order_of_its_labels(self):
        pickings = self.import_deliveries(3)[::-1]
        # The administrator is asked for the layout of documents first.
        run = self.label(pickings).with_user(self.amazon_user)
        for action in (run.action_print_packing_slips(), run.action_print_pick_list()):
            self.assertEqual(action["context"]["active_ids"], pickings.ids)
        pickings[1].parcel_ids.action_give_up()
        action = run.action_print_pick_list()
        self.assertEqual(
            action["context"]["active_ids"], (pickings[0] + pickings[2]).ids
        )

    def test_the_reports_are_of_those_who_work_with_amazon_orders(self):
        self._create_other_company()
        stranger = new_test_user(
            self.env, "stranger", MANAGER, company_id=self.other_company.id
        )
        picking = self.import_deliveries()
        for name in ("report_packing_slip", "report_pick_list"):
            with self.subTest(name), self.assertRaises(AccessError):
                self.render(name, picking, stranger)
        for name in ("packing_slip", "pick_list"):
            report = self.env.ref(f"amazon_carrier_connector.action_report_{name}")
            offered = self.env["ir.actions.actions"].with_user(self.stock_user)
            bound = offered.get_bindings("stock.picking")["report"]
            self.assertNotIn(report.id, [action["id"] for action in bound])

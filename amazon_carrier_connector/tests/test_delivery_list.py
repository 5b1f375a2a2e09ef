"""The screens of deliveries: what they show, how they are searched, and the costs."""

from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import report_row
from .label_case import LabelCase

ADDON = "amazon_carrier_connector"


@tagged("post_install", "-at_install")
class TestDeliveryList(LabelCase):
    def get_arch(self, view, view_type):
        view_id = self.env.ref(f"{ADDON}.stock_picking_view_{view}").id
        pickings = self.env["stock.picking"].with_user(self.amazon_user)
        views = pickings.get_views([(view_id, view_type)])["views"]
        return etree.fromstring(views[view_type]["arch"])

    def get_specification(self, arch):
        """Which fields the web client asks a view for, and how."""
        names = {node.get("name") for node in arch.iterfind(".//field")}
        known = self.env["stock.picking"]._fields
        return {
            name: {"fields": {"display_name": {}}} if known[name].relational else {}
            for name in names
        }

    def count_queries(self, view_type, pickings):
        arch = self.get_arch(f"{view_type}_amazon", view_type)
        specification = self.get_specification(arch)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        found = (
            self.env["stock.picking"]
            .with_user(self.amazon_user)
            .web_search_read([("id", "in", pickings.ids)], specification, limit=100)
        )
        self.assertEqual(len(found["records"]), len(pickings))
        return self.env.cr.sql_log_count - before

    def find_by_filter(self, name):
        arch = self.get_arch("search_amazon", "search")
        (node,) = arch.xpath(f"//filter[@name='{name}']")
        return self.env["stock.picking"].search(safe_eval(node.get("domain")))

    # === COSTS === #

    def test_a_full_page_costs_as_many_queries_as_ten_rows(self):
        pickings = self.import_orders(
            *(report_row(n, ship_postal_code=f"35{n:02d} AA") for n in range(10, 90))
        ).picking_ids
        self.label(pickings[:4])
        for view_type in ("list", "kanban"):
            # What is read once only, for whoever comes first.
            self.count_queries(view_type, pickings[:1])
            few = self.count_queries(view_type, pickings[:10])
            many = self.count_queries(view_type, pickings)
            self.assertLessEqual(many, few, view_type)

    # === WHAT IS SHOWN === #

    def test_a_delivery_shows_market_kind_and_all_its_skus(self):
        plain, special = self.import_orders(
            report_row(1),
            report_row(2, sku="PLATE", is_prime="true", is_business_order="true"),
            report_row(
                2, item=3, sku="BOWL", is_prime="true", is_business_order="true"
            ),
        ).picking_ids
        self.assertFalse(plain.amazon_kind)
        self.assertEqual(plain.amazon_sku, "MUG-BLUE")
        self.assertEqual(special.amazon_kind, "Prime, Business")
        self.assertEqual(special.amazon_sku, "BOWL, PLATE")
        self.assertEqual(special.amazon_market_code, "NL")
        for name in ("prime", "business"):
            self.assertEqual(
                self.find_by_filter(name) & (plain | special), special, name
            )

    def test_deliveries_of_the_same_content_are_picked_in_one_wave(self):
        pickings = self.import_orders(
            *(report_row(n, sku=("MUG-BLUE", "PLATE")[n % 2]) for n in range(1, 6))
        ).picking_ids
        arch = self.get_arch("search_amazon", "search")
        (node,) = arch.xpath("//filter[@name='group_by_sku']")
        group_by = safe_eval(node.get("context"))["group_by"]
        groups = self.env["stock.picking"]._read_group(
            [("id", "in", pickings.ids)], [group_by], ["__count"]
        )
        self.assertEqual(groups, [("MUG-BLUE", 2), ("PLATE", 3)])

    def test_an_empty_list_tells_of_amazon_and_cores_list_of_core(self):
        action = self.env.ref(f"{ADDON}.amazon_delivery_action")
        self.assertIn("Unshipped Orders report", action.read(["help"])[0]["help"])
        core = self.env.ref("stock.action_picking_tree_all")
        self.assertNotIn("Unshipped", str(core.read(["help"])[0]["help"]))

    # === THE WEIGHT === #

    def test_a_weight_typed_in_the_list_is_on_the_label(self):
        pickings = self.import_deliveries(2)
        self.assertEqual(pickings.mapped("parcel_weight"), [0.4, 0.4])
        pickings.with_user(self.amazon_user).write({"parcel_weight": 2.5})
        run = self.label(pickings)
        self.assertEqual(run.parcel_ids.mapped("weight_kg"), [2.5, 2.5])
        self.assertEqual(pickings.mapped("parcel_weight"), [2.5, 2.5])

    def test_a_typed_weight_stays_when_products_are_reserved(self):
        picking = self.import_deliveries()
        picking.parcel_weight = 2.5
        picking.action_confirm()
        picking.action_assign()
        self.assertEqual(picking.parcel_weight, 2.5)
        # Core's own field, typed later, counts.
        picking.shipping_weight = 3
        self.assertEqual(picking.parcel_weight, 3)
        picking.parcel_weight = 4
        self.assertEqual(picking.parcel_weight, 4)

    def test_a_weight_is_in_kilograms_where_products_are_in_pounds(self):
        picking = self.import_deliveries()
        self.env["ir.config_parameter"].set_param("product.weight_in_lbs", "1")
        picking.parcel_weight = 2
        self.assertAlmostEqual(picking.shipping_weight, 4.41, 2)
        picking.invalidate_recordset()
        self.assertAlmostEqual(picking.parcel_weight, 2, 2)

    # === PRINT ALL NEW === #

    def print_new(self, user=None):
        """The parcels of the dialog whose button is pressed; None without a dialog."""
        user = user or self.amazon_user
        pickings = self.env["stock.picking"].with_user(user)
        action = pickings.action_print_new_labels()
        if action["type"] == "ir.actions.client":
            return None
        dialogs = self.env[action["res_model"]].with_user(user)
        dialog = dialogs.browse(action["res_id"])
        dialog.action_print()
        return dialog.parcel_refs

    def test_what_was_never_printed_is_printed_in_two_clicks_and_once(self):
        pickings = self.import_deliveries(3)
        first = self.label(pickings[1:])
        second = self.label(pickings[:1])
        self.assertEqual(self.find_by_filter("to_print") & pickings, pickings)
        self.assertEqual(self.print_new(), (first.parcel_ids + second.parcel_ids).ids)
        self.assertFalse(self.find_by_filter("to_print") & pickings)
        self.assertIsNone(self.print_new())

    def test_a_label_that_was_downloaded_anywhere_is_not_new(self):
        pickings = self.import_deliveries(3)
        run = self.label(pickings[:1])
        run.with_user(self.amazon_user).action_download()
        parcels = self.label(pickings[1:]).parcel_ids
        parcels[0].with_user(self.amazon_user).action_open_label()
        self.assertEqual(self.print_new(), parcels[1].ids)

    def test_a_cancelled_label_and_another_companys_are_not_printed(self):
        pickings = self.import_deliveries(2)
        parcels = self.label(pickings).parcel_ids
        parcels[0].action_cancel()
        self._create_other_company()
        self.assertIsNone(self.print_new(self.other_manager))
        self.assertEqual(self.print_new(), parcels[1].ids)

    # === SEARCH === #

    def test_deliveries_are_found_by_what_people_have_in_hand(self):
        wanted, other = self.import_orders(
            report_row(1, recipient_name="Anna Vis", ship_postal_code="1012 AB"),
            report_row(2, sku="PLATE"),
        ).picking_ids
        self.label(wanted)
        arch = self.get_arch("search_amazon", "search")
        for name, text in (
            ("name", wanted.origin),
            ("name", wanted.name),
            ("name", wanted.carrier_tracking_ref),
            ("partner_id", "Anna"),
            ("partner_id", "1012"),
            ("amazon_sku", "mug-b"),
        ):
            (node,) = arch.xpath(f"/search/field[@name='{name}']")
            domain = node.get("filter_domain") or f"[('{name}', 'ilike', self)]"
            found = self.env["stock.picking"].search(safe_eval(domain, {"self": text}))
            self.assertEqual(found & (wanted | other), wanted, text)

"""What a Dutch warehouse reads: menus, buttons, statuses, errors, problems."""

import re
from collections import Counter

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.translate import code_translations

from ..carriers.errors import Problem
from ..models.carrier_messages import describe_problems
from .common import AmazonCommon, make_report, report_row

MODULE = "amazon_carrier_connector"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]")


@tagged("post_install", "-at_install")
class TestDutch(AmazonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("nl_NL")
        cls.env["ir.module.module"]._load_module_terms([MODULE], ["nl_NL"])
        cls.amazon_user.lang = "nl_NL"
        # What the web client sends along for this user.
        context = cls.amazon_user.with_user(cls.amazon_user).context_get()
        cls.env = cls.env(context=dict(cls.env.context, **context))
        cls.dutch = cls.env(user=cls.amazon_user)

    def _find_button(self, view, name):
        arch = self.dutch["stock.picking"].get_view(
            self.env.ref(f"{MODULE}.{view}").id, "list"
        )["arch"]
        return etree.fromstring(arch).find(f".//button[@name='{name}']")

    def test_menus_are_dutch(self):
        menus = self.env.ref(f"{MODULE}.menu_amazon_root").child_id
        names = set(menus.with_env(self.dutch).mapped("name"))
        self.assertLessEqual({"Leveringen", "Configuratie"}, names)

    def test_buttons_are_dutch(self):
        button = self._find_button(
            "stock_picking_view_list_amazon", "action_create_labels"
        )
        self.assertEqual(button.get("string"), "Labels maken")

    def test_fields_and_statuses_are_dutch(self):
        field = self.dutch["amazon.order"].fields_get(["ship_by", "state"])
        self.assertEqual(field["ship_by"]["string"], "Verzenddeadline")
        self.assertEqual(dict(field["state"]["selection"])["shipped"], "Verzonden")

    def test_a_refused_file_is_explained_in_dutch(self):
        with self.assertRaisesRegex(
            UserError,
            r"^unshipped\.txt kan niet worden geïmporteerd: dit is geen rapport",
        ):
            self.check_report(b"a letter")

    def test_a_bad_row_is_explained_in_dutch_with_its_column_and_value(self):
        checked = self.check_report(
            make_report(report_row(1), report_row(2, quantity_to_ship="two"))
        )
        self.assertEqual(
            checked.problem_ids.reason,
            "quantity-to-ship is niet leesbaar: two. De order wordt overgeslagen.",
        )

    def test_a_parcel_problem_is_explained_in_dutch_with_its_field_and_limit(self):
        problems = [
            Problem("1", "recipient.postal_code", "required"),
            Problem("1", "recipient.street", "too_long", limit=40),
        ]
        missing, too_long = describe_problems(self.dutch, problems)
        self.assertEqual(missing, "Postcode ontbreekt: vul dit in.")
        self.assertEqual(
            too_long,
            "Straat is langer dan de 40 tekens die de vervoerder toestaat: maak dit"
            " korter.",
        )

    def test_translated_sentences_keep_their_placeholders(self):
        sentences = code_translations.get_python_translations(MODULE, "nl_NL")
        self.assertTrue(sentences)
        for source, translated in sentences.items():
            with self.subTest(source):
                self.assertEqual(*map(_find_placeholders, (source, translated)))

    def test_translated_views_keep_their_structure(self):
        views = self.env["ir.model.data"].search(
            [("module", "=", MODULE), ("model", "=", "ir.ui.view")]
        )
        self.assertTrue(views)
        for view in self.env["ir.ui.view"].browse(views.mapped("res_id")):
            with self.subTest(view.name):
                self.assertEqual(
                    *(
                        _find_structure(view.with_context(lang=lang).arch_db)
                        for lang in ("en_US", "nl_NL")
                    )
                )


def _find_placeholders(sentence):
    return Counter(PLACEHOLDER.findall(sentence))


def _find_structure(arch):
    return [
        (element.tag, element.get("name")) for element in etree.fromstring(arch).iter()
    ]

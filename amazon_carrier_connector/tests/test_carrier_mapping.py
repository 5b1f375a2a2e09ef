"""How Amazon calls the carrier of a delivery."""

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import convert_file

from ..models.delivery_carrier_myparcel import MYPARCEL_CARRIERS
from .common import AmazonCommon

# What MyParcel's carriers are called at Amazon, to the letter (reference, 3.1).
MYPARCEL_CODES = {
    "PostNL": "PostNL",
    "bpost": "BPOST",
    "DPD": "DPD",
    "DHL For You": "DHL eCommerce",
    "DHL Parcel Connect": "DHL eCommerce",
    "DHL Europlus": "DHL eCommerce",
    "UPS Standard": "UPS",
    "UPS Express Saver": "UPS",
    "GLS": "GLS",
    "Trunkrs": "Other",
}
# What merchants call their delivery methods, and the code where the order was placed.
USUAL_NAMES = [
    ("PostNL pakket", "NL", "PostNL"),
    ("Post NL", "BE", "PostNL"),
    ("DHL", "NL", "DHL"),
    ("DHL Parcel Benelux", "NL", "DHL eCommerce"),
    ("DHL Express Worldwide", "FR", "DHL Express"),
    ("DHL Paket", "DE", "DHL-Paket"),
    ("Deutsche Post Brief", "DE", "Deutsche Post"),
    ("DPD Predict", "FR", "DPD"),
    ("DPD Local", "GB", "DPD Local"),
    ("GLS Netherlands", "NL", "GLS"),
    ("bpost", "BE", "BPOST"),
    ("B-Post", "BE", "BPOST"),
    ("Hermes", "DE", "Hermes Logistik Gruppe"),
    ("Hermes", "GB", "Hermes UK"),
    ("Evri", "GB", "Hermes UK"),
    ("Hermes", "FR", "Hermes"),
    ("UPS Standard", "DE", "UPS"),
    ("FedEx Economy", "NL", "FedEx"),
    ("TNT Express", "NL", "TNT"),
    ("TNT", "IT", "TNTIT"),
    ("Colissimo", "FR", "Colissimo"),
    ("La Poste - Lettre suivie", "FR", "La Poste"),
    ("Chronopost 13", "FR", "Chronopost"),
    ("Colis Privé", "FR", "Colis Prive"),
    ("Mondial Relay", "BE", "Mondial Relay"),
    ("Correos", "ES", "Correos"),
    ("Correos Express", "ES", "Correos Express"),
    ("SEUR 24", "ES", "Seur"),
    ("MRW", "ES", "MRW"),
    ("Nacex", "ES", "Nacex"),
    ("BRT", "IT", "BRT"),
    ("Bartolini", "IT", "BRT"),
    ("Poste Italiane", "IT", "Poste Italiane"),
    ("SDA Express Courier", "IT", "SDA"),
    ("Royal Mail Tracked 48", "GB", "Royal Mail"),
    ("Parcelforce 24", "GB", "Parcelforce"),
    ("Yodel", "GB", "Yodel"),
]


class CarrierCodeCase(AmazonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mappings = cls.env["amazon.carrier.mapping"]
        cls.codes = cls.env["amazon.carrier.code"]

    @classmethod
    def create_carrier(cls, name, **values):
        return cls.env["delivery.carrier"].create(
            {
                "name": name,
                "product_id": cls.carrier.product_id.id,
                "delivery_type": "fixed",
                **values,
            }
        )

    @classmethod
    def map_carrier(cls, carrier, code, market=None, **values):
        return cls.mappings.create(
            {
                "carrier_id": carrier.id,
                "carrier_code": code,
                "market_id": market.id if market else False,
                **values,
            }
        )

    def get_market(self, code):
        return self.env.ref(f"amazon_carrier_connector.market_{code.lower()}")


@tagged("post_install", "-at_install")
class TestCarrierMapping(CarrierCodeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_carrier = cls.create_carrier("Other carrier")

    def _find(self, carrier, market, user=None):
        mappings = self.mappings.with_user(user or self.env.user)
        return mappings._find_all(carrier, market)[carrier, market]

    def test_postnl_through_myparcel_is_known_from_the_start(self):
        found = self._find(self.carrier, self.market_nl)
        self.assertEqual(found.carrier_code, "PostNL")

    def test_a_code_without_a_market_counts_for_every_market(self):
        general = self.map_carrier(self.other_carrier, "DHL")
        for market in self.env["amazon.market"].search([]):
            self.assertEqual(self._find(self.other_carrier, market), general)

    def test_the_markets_own_code_goes_first(self):
        general = self.map_carrier(self.other_carrier, "DHL")
        german = self.map_carrier(self.other_carrier, "Deutsche Post", self.market_de)
        self.assertEqual(self._find(self.other_carrier, self.market_de), german)
        self.assertEqual(self._find(self.other_carrier, self.market_nl), general)

    def test_the_code_of_another_market_is_not_taken(self):
        self.map_carrier(self.other_carrier, "Deutsche Post", self.market_de)
        self.assertFalse(self._find(self.other_carrier, self.market_nl))

    def test_the_code_of_another_delivery_method_is_not_taken(self):
        self.assertFalse(self._find(self.other_carrier, self.market_nl))

    def test_a_delivery_without_a_delivery_method_has_no_code(self):
        self.map_carrier(self.other_carrier, "DHL")
        none = self.env["delivery.carrier"]
        self.assertFalse(self._find(none, self.market_nl))

    def test_warehouse_staff_find_the_code(self):
        found = self._find(self.carrier, self.market_nl, self.amazon_user)
        self.assertEqual(found.carrier_code, "PostNL")

    def test_the_code_goes_with_its_delivery_method(self):
        mapping = self.map_carrier(self.other_carrier, "DHL")
        self.other_carrier.unlink()
        self.assertFalse(mapping.exists())


@tagged("post_install", "-at_install")
class TestKnownCarriers(CarrierCodeCase):
    """MyParcel says itself who moves the parcel: nobody has to enter a code."""

    def _create_myparcel(self, number, **values):
        return self.create_carrier(
            "Our parcels",
            delivery_type="myparcel_nl",
            myparcel_carrier=number,
            **values,
        )

    def test_each_carrier_of_myparcel_has_its_code_when_its_method_is_created(self):
        for number, name in MYPARCEL_CARRIERS:
            mapping = self._create_myparcel(number).amazon_mapping_ids
            with self.subTest(name):
                self.assertEqual(mapping.carrier_code, MYPARCEL_CODES[name])
                self.assertFalse(mapping.market_id)

    def test_a_carrier_that_amazon_does_not_list_is_other_with_its_name(self):
        mapping = self._create_myparcel("16").amazon_mapping_ids
        self.assertEqual(mapping.carrier_name, "Trunkrs")
        self.assertIn("valid tracking rate", mapping.warning)

    def test_a_copy_has_its_own_code(self):
        copy = self.carrier.copy()
        self.assertEqual(copy.amazon_mapping_ids.carrier_code, "PostNL")
        self.assertNotEqual(copy.amazon_mapping_ids, self.carrier.amazon_mapping_ids)

    def test_another_carrier_gets_another_code_and_never_keeps_the_old_one(self):
        carrier = self._create_myparcel("1")
        self.map_carrier(carrier, "Post NL", self.market_de)
        carrier.myparcel_carrier = "4"
        self.assertEqual(carrier.amazon_mapping_ids.carrier_code, "DPD")
        self.assertFalse(carrier.amazon_mapping_ids.market_id)

    def test_a_code_that_a_person_corrected_is_kept(self):
        carrier = self._create_myparcel("1")
        carrier.amazon_mapping_ids.carrier_code = "Post NL"
        carrier.write({"name": "Another name", "myparcel_carrier": "1"})
        self.assertEqual(carrier.amazon_mapping_ids.carrier_code, "Post NL")

    def test_a_code_that_is_created_along_is_kept(self):
        carrier = self._create_myparcel(
            "1", amazon_mapping_ids=[(0, 0, {"carrier_code": "Post NL"})]
        )
        self.assertEqual(carrier.amazon_mapping_ids.carrier_code, "Post NL")

    def test_a_name_alone_makes_no_code(self):
        self.assertFalse(self.create_carrier("DHL").amazon_mapping_ids)

    def test_who_may_create_delivery_methods_need_not_know_of_amazon(self):
        manager = new_test_user(self.env, "stock_manager", "stock.group_stock_manager")
        carrier = self._create_myparcel("4").with_user(manager).copy()
        self.assertEqual(carrier.sudo().amazon_mapping_ids.carrier_code, "DPD")
        with self.assertRaises(AccessError):
            carrier.read(["amazon_mapping_ids"])


@tagged("post_install", "-at_install")
class TestProposal(CarrierCodeCase):
    def test_the_usual_carriers_are_recognised_by_their_names(self):
        for name, market, code in USUAL_NAMES:
            with self.subTest(name=name, market=market):
                found = self.codes._propose(name, self.get_market(market))
                self.assertEqual(found.code, code)

    def test_a_name_that_says_nothing_gets_no_proposal(self):
        for name in ("Standard", "Bike courier", "Free delivery", ""):
            self.assertFalse(self.codes._propose(name, self.market_nl))

    def test_the_code_of_another_market_is_not_proposed(self):
        self.assertFalse(self.codes._propose("Tuffnells", self.market_nl))

    def test_an_archived_carrier_is_not_proposed(self):
        self.codes._propose("Yodel", self.get_market("GB")).active = False
        self.assertFalse(self.codes._propose("Yodel", self.get_market("GB")))

    def test_a_new_code_of_a_delivery_method_is_proposed_on_the_form(self):
        carrier = self.create_carrier("Colissimo Domicile")
        action = carrier.with_user(self.amazon_manager).action_add_amazon_code()
        mappings = self.mappings.with_user(self.amazon_manager)
        form = Form(mappings.with_context(**action["context"]))
        self.assertEqual(form.carrier_code, "Colissimo")
        self.assertEqual(form.code_id.name, "Colissimo")
        self.assertEqual(form.save().carrier_id, carrier)

    def test_nothing_is_proposed_over_what_a_person_wrote(self):
        mapping = self.map_carrier(self.create_carrier("Colissimo"), "La Poste")
        mapping.market_id = self.market_de
        self.assertEqual(mapping.carrier_code, "La Poste")

    def test_choosing_a_carrier_fills_in_its_code(self):
        form = Form(self.mappings)
        form.carrier_id = self.create_carrier("Standard")
        form.code_id = self.codes.search([("code", "=", "BPOST")])
        self.assertEqual(form.carrier_code, "BPOST")
        self.assertEqual(form.save().carrier_code, "BPOST")

    def test_choosing_one_that_is_not_listed_fills_in_other_and_its_name(self):
        form = Form(self.mappings)
        form.carrier_id = self.create_carrier("Standard")
        form.code_id = self.codes.search([("name", "=", "Trunkrs")])
        self.assertEqual((form.carrier_code, form.carrier_name), ("Other", "Trunkrs"))
        form.code_id = self.codes.search([("code", "=", "GLS")])
        self.assertEqual((form.carrier_code, form.carrier_name), ("GLS", False))

    def test_a_code_that_is_typed_by_hand_stays(self):
        form = Form(self.mappings)
        form.carrier_id = self.create_carrier("Colissimo")
        form.carrier_code = "New Carrier"
        self.assertFalse(form.code_id)
        self.assertEqual(form.save().carrier_code, "New Carrier")


@tagged("post_install", "-at_install")
class TestWarning(CarrierCodeCase):
    def _warn(self, code, market=None, **values):
        carrier = self.create_carrier("Standard")
        return self.map_carrier(carrier, code, market, **values).warning or ""

    def test_a_known_code_has_no_warning(self):
        self.assertEqual(self._warn("GLS"), "")
        self.assertEqual(self._warn("Royal Mail", self.get_market("GB")), "")

    def test_other_warns_of_the_valid_tracking_rate(self):
        warning = self._warn("Other", carrier_name="Bike courier")
        self.assertIn("valid tracking rate", warning)

    def test_another_case_is_shown_as_amazon_writes_it(self):
        for code, right in (("postnl", "PostNL"), ("SEUR", "Seur"), ("bpost", "BPOST")):
            self.assertIn(right, self._warn(code))

    def test_an_unknown_code_asks_to_compare(self):
        self.assertIn("Seller Central", self._warn("Nobody's Parcels"))

    def test_a_code_that_another_market_has_asks_to_compare(self):
        self.assertIn("Amazon.de", self._warn("DHL-Paket", self.market_nl))
        self.assertNotIn("Amazon.de", self._warn("DHL-Paket", self.market_de))

    def test_an_uncertain_spelling_says_so(self):
        self.assertIn("Not confirmed", self._warn("BPOST"))


@tagged("post_install", "-at_install")
class TestShippedCodes(CarrierCodeCase):
    FILE = "data/amazon_carrier_code.xml"

    def _upgrade(self):
        convert_file(
            self.env,
            "amazon_carrier_connector",
            self.FILE,
            {},
            mode="update",
            noupdate=False,
        )

    def test_an_upgrade_keeps_what_people_corrected_and_archived(self):
        postnl = self.env.ref("amazon_carrier_connector.carrier_code_postnl")
        dx = self.env.ref("amazon_carrier_connector.carrier_code_dx")
        postnl.code, dx.active = "Post NL", False
        count = self.codes.with_context(active_test=False).search_count([])
        self._upgrade()
        self.assertEqual(postnl.code, "Post NL")
        self.assertFalse(dx.active)
        self.assertEqual(
            self.codes.with_context(active_test=False).search_count([]), count
        )

    def test_no_code_has_a_space_around_it_or_is_too_long(self):
        for carrier in self.codes.search([]):
            self.assertEqual(carrier.code, carrier.code.strip())
            self.assertLessEqual(len(carrier.code), 50)

    def test_no_two_carriers_of_a_market_have_one_name(self):
        for market in self.env["amazon.market"].search([]):
            names = self.codes.search(self.codes._get_market_domain(market)).mapped(
                "name"
            )
            self.assertEqual(len(names), len(set(names)), market.name)

    def test_the_carrier_is_shown_with_its_code_where_they_differ(self):
        bpost = self.codes.search([("code", "=", "BPOST")])
        self.assertEqual(bpost.display_name, "bpost (BPOST)")
        self.assertEqual(self.codes._propose("GLS", self.market_nl).display_name, "GLS")
        self.assertEqual(
            self.codes._propose("Trunkrs", self.market_nl).display_name, "Trunkrs"
        )

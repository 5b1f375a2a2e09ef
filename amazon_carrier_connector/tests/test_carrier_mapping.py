"""How Amazon calls the carrier of a delivery."""

from odoo.tests import tagged

from .common import AmazonCommon


@tagged("post_install", "-at_install")
class TestCarrierMapping(AmazonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mappings = cls.env["amazon.carrier.mapping"]
        cls.other_carrier = cls.carrier.copy({"name": "Other carrier"})

    def _map(self, carrier, code, market=None, **values):
        return self.mappings.create(
            {
                "carrier_id": carrier.id,
                "carrier_code": code,
                "market_id": market.id if market else False,
                **values,
            }
        )

    def _find(self, carrier, market, user=None):
        mappings = self.mappings.with_user(user or self.env.user)
        return mappings._find_all(carrier, market)[carrier, market]

    def test_postnl_through_myparcel_is_known_from_the_start(self):
        found = self._find(self.carrier, self.market_nl)
        self.assertEqual(found.carrier_code, "PostNL")

    def test_a_code_without_a_market_counts_for_every_market(self):
        general = self._map(self.other_carrier, "DHL")
        for market in self.env["amazon.market"].search([]):
            self.assertEqual(self._find(self.other_carrier, market), general)

    def test_the_markets_own_code_goes_first(self):
        general = self._map(self.other_carrier, "DHL")
        german = self._map(self.other_carrier, "Deutsche Post", self.market_de)
        self.assertEqual(self._find(self.other_carrier, self.market_de), german)
        self.assertEqual(self._find(self.other_carrier, self.market_nl), general)

    def test_the_code_of_another_market_is_not_taken(self):
        self._map(self.other_carrier, "Deutsche Post", self.market_de)
        self.assertFalse(self._find(self.other_carrier, self.market_nl))

    def test_the_code_of_another_delivery_method_is_not_taken(self):
        self.assertFalse(self._find(self.other_carrier, self.market_nl))

    def test_a_delivery_without_a_delivery_method_has_no_code(self):
        self._map(self.other_carrier, "DHL")
        none = self.env["delivery.carrier"]
        self.assertFalse(self._find(none, self.market_nl))

    def test_warehouse_staff_find_the_code(self):
        found = self._find(self.carrier, self.market_nl, self.amazon_user)
        self.assertEqual(found.carrier_code, "PostNL")

    def test_the_code_goes_with_its_delivery_method(self):
        mapping = self._map(self.other_carrier, "DHL")
        self.other_carrier.unlink()
        self.assertFalse(mapping.exists())

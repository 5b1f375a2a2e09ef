"""Whatever happens: in the end Amazon holds what left the warehouse, each parcel once.

More sequences, of other seeds: ``PUSH_MODEL_SEEDS=100-200 ./dev test`` and this file;
``PUSH_MODEL_ORDERS`` is the number of orders of each.
"""

import os
import sys
import traceback
from collections import Counter
from unittest.mock import patch

from odoo.tests import tagged

from ..amazon.selling_partner import SellingPartner
from .push_case import PushCase
from .push_delivery import ENGINE, TYPED, UNKNOWN
from .push_script import make_script, shrink
from .push_world import World, moving_clock

FIRST, LAST = map(int, os.environ.get("PUSH_MODEL_SEEDS", "1-20").split("-"))
ORDERS = int(os.environ.get("PUSH_MODEL_ORDERS", "100"))


class _Undo(Exception):
    """Ends a sequence that leaves nothing behind."""


@tagged("post_install", "-at_install")
class TestPushModel(PushCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.totals = Counter()
        location = cls.warehouse.lot_stock_id
        for product in cls.mug | cls.plate | cls.bowl:
            cls.env["stock.quant"]._update_available_quantity(product, location, 1e6)
        seller = cls.standins.lwa.sellers.sellers["A1STANDINSELLER"]
        cls.second_shop = cls._create_shop(
            cls.company,
            "A1OTHERMOMENT",
            push_moment="validation",
            refresh_token_entry=seller.refresh_token,
        )

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        counts = ", ".join(f"{name} {n}" for name, n in sorted(cls.totals.items()))
        figures = f"Figures: push model, seeds {FIRST} to {LAST}: {counts}"
        sys.stdout.write(f"{figures}\n")

    def setUp(self):
        super().setUp()
        bike = self.create_carrier(TYPED)
        self.env["amazon.carrier.mapping"].create(
            {"carrier_id": bike.id, "carrier_code": "Other", "carrier_name": "Bike"}
        )
        self.carriers = {
            ENGINE: self.carrier,
            TYPED: bike,
            UNKNOWN: self.create_carrier(UNKNOWN),
        }

    def check_sequence(self, seed):
        steps, numbers = make_script(seed, ORDERS), set(range(1, ORDERS + 1))
        found = self.play(seed, steps, numbers, self.totals)
        if not found:
            self.totals.update(sequences=1, orders=ORDERS)
            return
        suspects = {number for number, __ in found if number}
        steps, numbers = shrink(
            steps, numbers, suspects, lambda *part: bool(self.play(seed, *part))
        )
        lines = [
            f"seed {seed}:",
            *(f"  order {number}: {text}" for number, text in found),
            f"shortest sequence, orders {sorted(numbers)}:",
            *(f"  {step}" for step in steps),
            "which ends with:",
            *(f"  {text}" for __, text in self.play(seed, steps, numbers)),
        ]
        self.fail("\n".join(lines))

    def play(self, seed, steps, numbers, totals=None):
        """Play a sequence and undo it.

        :return: what is wrong in the end, by order
        """
        found = []
        try:
            with self.env.cr.savepoint(), moving_clock(self.standins.clock):
                found = self._play(seed, steps, numbers, totals)
                raise _Undo()
        except _Undo:
            self.standins.reset()
        return found

    def _play(self, seed, steps, numbers, totals):
        # Amazon's limit of edits has a test of its own.
        self.amazon.max_package_versions = 10_000
        shops = (self.shop, self.second_shop)
        world = World(self, seed, numbers, shops, self.carriers)

        def confirm(gateway, confirmation):
            return world.confirm_shipment(gateway, confirmation)

        with patch.object(SellingPartner, "confirm_shipment", confirm):
            try:
                world.play(steps)
                world.calm_down()
                found = world.find_differences()
            except Exception:
                return [(None, traceback.format_exc())]
        if totals is not None:
            totals.update(world.played)
        return found


def _add_seed(seed):
    def test(self):
        self.check_sequence(seed)

    setattr(TestPushModel, f"test_seed_{seed}", test)


for _seed in range(FIRST, LAST + 1):
    _add_seed(_seed)

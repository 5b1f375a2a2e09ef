"""What must be true of a warehouse in the end."""

from collections import Counter, defaultdict

from .common import order_ref
from .label_case import CONFIRM
from .push_delivery import ENGINE, UNKNOWN, number_of


class Verdict:
    """Compares the model with what Amazon holds and what people were told."""

    def find_differences(self):
        """
        :return: sentences with the order's number that they are about, or None
        """
        expected, held = self._get_expected(), self._get_held()
        found = list(self._compare(expected, held))
        found += self._find_untold(expected, held)
        self.played.update(f"parcel {row.state}" for row in self.outbox.search([]))
        asked = self.amazon.count(CONFIRM)
        for shop in self.shops:
            self._get_activities(shop).action_feedback()
        self._drain()
        if self.amazon.count(CONFIRM) != asked:
            found.append((None, "something is sent again and again"))
        if any(map(self._get_activities, self.shops)):
            found.append((None, "a person is told again of what has not changed"))
        found += [(None, str(violation)) for violation in self.case.standins.violations]
        return found

    def _compare(self, expected, held):
        for (number, tracking), times in Counter((n, t) for n, t, __ in held).items():
            if times > 1:
                yield number, f"Amazon holds {tracking} {times} times"
        stranded = {tracking for d in self.deliveries for tracking in d.given_up}
        for number, tracking, items in held:
            wanted = expected.get((number, tracking))
            if items == wanted or number in self.cancelled:
                continue
            if wanted or tracking not in stranded:
                yield number, f"Amazon holds {tracking} {items}, not {wanted}"
            elif not self._is_told(number, tracking):
                yield number, f"{tracking} did not leave: Amazon holds it, nobody knows"
        told = {(number, tracking) for number, tracking, __ in held}
        for number, tracking in set(expected) - told:
            wanted = expected[number, tracking]
            if not (self._is_hopeless(number) and self._is_told(number, tracking)):
                yield number, f"Amazon lacks {tracking} {wanted}"

    def _is_told(self, number, tracking):
        """Whether a person knows that this parcel needs one."""
        row = self.outbox.search(
            [
                ("order_id.name", "=", order_ref(number)),
                ("tracking_number", "=", tracking),
                ("state", "=", "failed"),
            ]
        )
        # Of a long list the activity names the first ones.
        return bool(row.error) and any(
            order_ref(number) in note or " more</li>" in note for note in self.notes
        )

    def _find_untold(self, expected, held):
        """States of the outbox that do not say what Amazon holds."""
        told = {(number, tracking) for number, tracking, __ in held}
        for row in self.outbox.search([]):
            number = int(row.order_id.name[-7:])
            place = (number, row.tracking_number)
            if row.state == "failed" and not self._is_told(*place):
                yield number, f"{row.tracking_number} has failed, and nobody knows"
            if place not in expected or number in self.cancelled:
                continue
            right = "confirmed" if place in told else "failed"
            if row.state != right:
                yield number, f"{row.tracking_number} is {row.state}, not {right}"

    def _is_hopeless(self, number):
        """Nobody can bring this order's parcels to Amazon."""
        if number in self.cancelled:
            return True
        unknown = self.carriers[UNKNOWN]
        return not self.env["amazon.carrier.mapping"].search_count(
            [("carrier_id", "=", unknown.id)]
        ) and any(
            delivery.carrier == UNKNOWN and number in delivery.orders
            for delivery in self.deliveries
        )

    def _get_expected(self):
        """Pieces by item of each order and tracking number that left."""
        expected = defaultdict(dict)
        for delivery in self.deliveries:
            at_label = delivery.carrier == ENGINE and delivery.shop == 0
            if not (delivery.done or at_label):
                continue
            for package, tracking in delivery.numbers.items():
                for item, quantity in delivery.boxes[package].items():
                    expected[number_of(item), tracking][item] = quantity
        return expected

    def _get_held(self):
        """Order, tracking number and pieces by item of each package at Amazon."""
        return [
            (int(ref[-7:]), package.tracking_number, package.items)
            for ref, order in self.amazon.orders.items()
            for package in order.packages.values()
        ]

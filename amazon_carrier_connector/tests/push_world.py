"""A warehouse in which everything happens, and what must be true of it in the end.

The model is what is written down here, step by step: which delivery holds what, under
which number, and whether it has left. It asks nothing of the outbox.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace
from unittest.mock import patch

from odoo import Command, fields

from ..amazon import login
from ..amazon.selling_partner import SellingPartner
from ..carriers.labelling import Label
from ..models import amazon_shop_feed
from .common import order_ref, report_row
from .label_case import CONFIRM
from .push_delivery import (
    ENGINE,
    LOOSE,
    TYPED,
    UNKNOWN,
    Delivery,
    give_up,
    has_typed_number,
    is_outdated,
    may_cancel,
    may_edit,
    may_merge,
    may_pack,
    total,
    wants_label,
    wants_number,
)
from .push_verdict import Verdict

SKUS = ("MUG-BLUE", "PLATE", "BOWL")
# How often each way of shipping is taken.
CARRIERS = (ENGINE,) * 6 + (TYPED,) * 3 + (UNKNOWN,)
HOUR = 3600
FAULTS = (
    ("unavailable", {}),
    ("unavailable", {"status": 500, "moment": "after"}),
    ("throttled", {"retry_after": 300}),
    ("throttled", {}),
    ("throttled", {"body": False}),
    ("cut", {}),
    ("cut", {"moment": "after"}),
    ("content", {"body": "<html>ok</html>"}),
    ("content", {"body": ""}),
    # Accepted, and without effect.
    ("content", {"status": 204}),
    ("refused", {"status": 400}),
    ("refused", {"status": 403}),
    ("hook", {"moment": "after"}),
)


class Crash(BaseException):
    """The process dies; nothing may catch it."""


class World(Verdict):
    """Plays steps on a case with two shops: the first pushes at the label, the second
    at the validation."""

    def __init__(self, case, seed, numbers, shops, carriers):
        self.case, self.shops, self.carriers = case, shops, carriers
        self.amazon, self.clock = case.amazon, case.standins.clock
        self.deliveries: list[Delivery] = []
        self.cancelled: set[int] = set()
        self.played = Counter()
        self.notes: list[str] = []
        self.crash_at = None
        self.serial = self.seen = 0
        # Order and tracking number to which Amazon has said 204.
        self.accepted: set[tuple[str, str]] = set()
        case.patch(login, "_cache", login._TokenCache())
        self._import(seed, numbers)

    @property
    def env(self):
        return self.case.env

    @property
    def outbox(self):
        return self.env["amazon.shipment.confirmation"]

    # === ORDERS === #

    def _import(self, seed, numbers):
        specs = defaultdict(list)
        for number in sorted(numbers):
            random = Random(f"{seed} {number}")
            shop = random.randrange(2)
            carrier = random.choice(CARRIERS)
            quantities = [random.randint(1, 4) for __ in range(random.randint(1, 2))]
            specs[shop, carrier].append((number, quantities))
        for (shop, carrier), orders in specs.items():
            self._import_orders(shop, carrier, orders)

    def _import_orders(self, shop, carrier, orders):
        rows = [
            report_row(
                number,
                item=number * 10 + position,
                sku=SKUS[(number + position) % len(SKUS)],
                quantity_to_ship=quantity,
            )
            for number, quantities in orders
            for position, quantity in enumerate(quantities)
        ]
        self.shops[shop].carrier_id = self.carriers[carrier]
        with patch.object(type(self.case), "shop", self.shops[shop]):
            pickings = self.case.import_orders(*rows).picking_ids
        self.case.load_orders(pickings)
        for picking in pickings:
            ordered = {
                move.amazon_item_id.item_ref: round(move.product_uom_qty)
                for move in picking.move_ids
            }
            self.deliveries.append(
                Delivery(picking.id, shop, carrier, ordered, {LOOSE: dict(ordered)})
            )

    # === PLAYING === #

    def play(self, steps):
        for step in steps:
            getattr(self, f"_step_{step.name}")(step)
            self.played[step.name] += 1
            self._check_always()
            if step.name in ("push", "crash", "read_back"):
                self._check_sent()

    def _check_always(self):
        for shop in self.shops:
            activities = self._get_activities(shop)
            assert len(activities) <= 1, f"{len(activities)} tasks about {shop.name}"
            self.notes += activities.mapped("note")

    def _check_sent(self):
        """What was given up is not sent; only Amazon's 204 counts as sent."""
        given_up = {number for d in self.deliveries for number in d.given_up}
        calls = [call for call in self.amazon.calls if call.operation == CONFIRM]
        for call in calls[self.seen :]:
            detail = call.data["packageDetail"]
            place = (call.arguments["order_id"], detail["trackingNumber"])
            assert place[1] not in given_up, f"{place} is sent, and was given up"
            self.accepted |= {place} if call.status == 204 else set()
            self.played[f"answer {call.status}"] += 1
        self.seen = len(calls)
        for row in self.outbox.search([("state", "in", ("pushed", "confirmed"))]):
            place = (row.order_id.name, row.tracking_number)
            held = self.amazon.orders[row.order_id.name].packages.values()
            shown = row.tracking_number in [package.tracking_number for package in held]
            assert shown or place in self.accepted, f"{place} counts as {row.state}"

    def _chosen(self, step, suits):
        """Open deliveries of the step's orders that suit, and what each chooses by."""
        numbers = set(step.numbers)
        return [
            (delivery, step.choices(min(delivery.orders)))
            for delivery in self.deliveries
            if delivery.orders & numbers and not delivery.dead and suits(delivery)
        ]

    def _browse(self, deliveries):
        return self.env["stock.picking"].browse(d.picking_id for d in deliveries)

    def _reserve(self, deliveries):
        fresh = [delivery for delivery in deliveries if not delivery.touched]
        pickings = self._browse(fresh)
        if pickings:
            pickings.action_confirm()
            pickings.action_assign()
        for delivery in fresh:
            delivery.touched = True

    def _new_number(self, prefix):
        self.serial += 1
        return f"{prefix}{self.serial:09d}"

    # === LABELS === #

    def _step_label(self, step):
        """The carrier's answers are stored, as the engine does it."""
        chosen = [d for d, __ in self._chosen(step, wants_label)]
        self._label(chosen)

    def _label(self, deliveries):
        # The others stay drafts, as after an import.
        self._reserve([d for d in deliveries if d.packed or min(d.orders) % 2])
        by_id = {delivery.picking_id: delivery for delivery in deliveries}
        pickings = self._browse(deliveries)
        parcels = pickings._create_parcels(self.env["delivery.label.run"])
        for parcel in parcels:
            number = self._new_number("3SMODEL")
            parcel._store_labels([Label(number, number, "https://x", 500, b"%PDF-1.4")])
            by_id[parcel.picking_id.id].numbers[parcel.package_id.id or LOOSE] = number
        parcels._update_pickings()
        self.env.flush_all()

    def _step_label_run(self, step):
        """The real engine at the carrier's stand-in."""
        chosen = [
            d for d, __ in self._chosen(step, lambda d: wants_label(d) and not d.edited)
        ]
        if chosen:
            self.case.label(self._browse(chosen))
            self._read_labels(chosen)

    def _read_labels(self, deliveries):
        for delivery in deliveries:
            delivery.touched = True
            for parcel in self._browse([delivery]).parcel_ids:
                if parcel.state == "labelled":
                    package = parcel.package_id.id or LOOSE
                    delivery.numbers[package] = parcel.tracking_number
            assert set(delivery.numbers) == set(delivery.boxes), "a parcel has no label"

    def _step_cancel_label(self, step):
        for delivery, __ in self._chosen(step, may_cancel):
            parcels = self._browse([delivery]).parcel_ids
            parcels.filtered(lambda parcel: parcel.state == "labelled").action_cancel()
            give_up(delivery)
            self.played["label given up"] += 1

    def _step_cancel_delivery(self, step):
        for delivery, __ in self._chosen(step, lambda d: not d.done):
            self._browse([delivery]).action_cancel()
            give_up(delivery)
            delivery.dead = True

    # === THE PACKING TABLE === #

    def _step_edit(self, step):
        for delivery, random in self._chosen(step, may_edit):
            self._reserve([delivery])
            left = {
                item: random.randint(0, quantity)
                for item, quantity in delivery.ordered.items()
            }
            if not any(left.values()):
                left[min(left)] = 1
            for move in self._browse([delivery]).move_ids:
                move.quantity = left[move.amazon_item_id.item_ref]
            delivery.boxes = {LOOSE: {i: q for i, q in left.items() if q}}
            delivery.edited = True

    def _step_pack(self, step):
        for delivery, random in self._chosen(step, may_pack):
            self._reserve([delivery])
            packages = self.env["stock.package"].create([{}, {}])
            boxes = {package.id: Counter() for package in packages}
            for item, quantity in sorted(delivery.ordered.items()):
                for __ in range(quantity):
                    boxes[random.choice(packages.ids)][item] += 1
            delivery.boxes = {
                package: dict(items) for package, items in boxes.items() if items
            }
            self._write_lines(delivery)

    def _write_lines(self, delivery):
        for move in self._browse([delivery]).move_ids:
            move.move_line_ids.unlink()
            move.move_line_ids = [
                Command.create(
                    {
                        "product_id": move.product_id.id,
                        "location_id": move.location_id.id,
                        "location_dest_id": move.location_dest_id.id,
                        "picking_id": delivery.picking_id,
                        "quantity": items[move.amazon_item_id.item_ref],
                        "result_package_id": package,
                    }
                )
                for package, items in delivery.boxes.items()
                if move.amazon_item_id.item_ref in items
            ]

    def _step_merge(self, step):
        """Orders of one buyer leave together."""
        groups = defaultdict(list)
        for delivery, __ in self._chosen(step, may_merge):
            groups[delivery.shop, delivery.carrier].append(delivery)
        for first, *others in groups.values():
            for other in others[:1]:
                moves = self._browse([other]).move_ids
                moves.picking_id = first.picking_id
                self._browse([other]).unlink()
                first.ordered.update(other.ordered)
                first.boxes[LOOSE].update(other.ordered)
                self.deliveries.remove(other)

    # === NUMBERS THAT PEOPLE TYPE === #

    def _step_type_number(self, step):
        for delivery, __ in self._chosen(step, wants_number):
            self._type(delivery)

    def _step_correct_number(self, step):
        for delivery, __ in self._chosen(step, has_typed_number):
            self._type(delivery)

    def _type(self, delivery):
        number = self._new_number("BIKE")
        # Of several numbers the first one stands for all.
        more = ", BIKE0" if self.serial % 3 == 0 else ""
        self._browse([delivery]).carrier_tracking_ref = number + more
        delivery.numbers = {LOOSE: number}

    # === LEAVING === #

    def _step_validate(self, step):
        chosen = [d for d, __ in self._chosen(step, lambda d: not d.done)]
        # The engine makes the labels of what has none, one by one.
        unlabelled = [d for d in chosen if wants_label(d)]
        chosen = [d for d in chosen if d not in unlabelled[1:]]
        self._validate(chosen)
        self._read_labels(unlabelled[:1])

    def _validate(self, chosen):
        if not chosen:
            return
        self.case.validate(self._browse(chosen), skip_backorder=True)
        for delivery in chosen:
            delivery.done = True
            assert self._browse([delivery]).state == "done", "it was not validated"
            self._keep_the_rest(delivery)

    def _keep_the_rest(self, delivery):
        rest = Counter(delivery.ordered)
        for items in delivery.boxes.values():
            rest.subtract(items)
        rest = {item: quantity for item, quantity in rest.items() if quantity}
        if rest:
            (backorder,) = self._browse([delivery]).backorder_ids
            delivery.ordered = total(delivery.boxes)
            self.deliveries.append(
                Delivery(
                    backorder.id,
                    delivery.shop,
                    delivery.carrier,
                    rest,
                    {LOOSE: dict(rest)},
                    touched=True,
                )
            )

    # === AMAZON === #

    def _step_push(self, step=None):
        with self.case.committing() as env:
            env["amazon.shipment.confirmation"]._cron_push()

    def _step_crash(self, step):
        """The worker dies between Amazon and its commit, or before it asked."""
        random = step.choices()
        self.crash_at = (random.randint(1, 5), random.choice(("before", "after")))
        try:
            self._step_push()
        except Crash:
            self.played["died"] += 1
        finally:
            self.crash_at = None

    def confirm_shipment(self, gateway, confirmation):
        """Stands before the gateway's own method, and dies when it is time."""
        if not self.crash_at:
            return CONFIRM_SHIPMENT(gateway, confirmation)
        nth, moment = self.crash_at
        self.crash_at = (nth - 1, moment)
        if (nth, moment) == (1, "before"):
            raise Crash()
        receipt = CONFIRM_SHIPMENT(gateway, confirmation)
        if nth == 1:
            raise Crash()
        return receipt

    def _step_read_back(self, step=None):
        with self.case.committing() as env:
            env["amazon.shipment.confirmation"]._cron_read_back()

    def _step_fault(self, step):
        random = step.choices()
        kind, details = random.choice(FAULTS)
        if kind == "hook":
            details = {**details, "hook": self._act_twice}
        self.amazon.faults.add(
            CONFIRM,
            kind,
            nth=random.randint(1, 3),
            times=random.randint(1, 3),
            **details,
        )

    def _act_twice(self, call):
        """Somebody on the way has delivered the request a second time."""
        if call.acted:
            self.amazon.confirm_shipment(call, **call.arguments)

    def _step_cancel_at_amazon(self, step):
        numbers = {number for d in self.deliveries for number in d.orders}
        for number in numbers.intersection(step.numbers):
            self.amazon.orders[order_ref(number)].status = "CANCELLED"
            self.cancelled.add(number)

    def _step_clock(self, step):
        self.clock.advance(step.choices().choice((30, 120, 600, HOUR, 3 * HOUR)))

    # === PEOPLE === #

    def _step_switch(self, step):
        shop = self.shops[step.value % 2]
        shop.push_tracking = not shop.push_tracking
        if shop.push_tracking:
            self._catch_up(shop)

    def _catch_up(self, shop):
        """What was typed while the shop was off is chosen in the list and pushed."""
        missed = [
            delivery
            for delivery in self.deliveries
            if self.shops[delivery.shop] == shop and delivery.done
        ]
        self._browse(missed).action_push_tracking()

    def _step_map_carrier(self, step):
        carrier = self.carriers[UNKNOWN]
        mapping = self.env["amazon.carrier.mapping"]
        if not mapping.search([("carrier_id", "=", carrier.id)]):
            mapping.create({"carrier_id": carrier.id, "carrier_code": "DPD"})

    def _step_person(self, step=None):
        """Does the tasks: has looked at what failed, and sends it again."""
        for shop in self.shops:
            self._get_activities(shop).action_feedback()
        self.outbox.search([("state", "=", "failed")]).action_retry()

    def _get_activities(self, shop):
        warning = self.env.ref("mail.mail_activity_data_warning")
        return shop.activity_ids.filtered(lambda a: a.activity_type_id == warning)

    # === THE END === #

    def calm_down(self):
        """Nothing goes wrong any more, and everything is drained."""
        self.amazon.faults.clear()
        for shop in self.shops:
            if not shop.push_tracking:
                shop.push_tracking = True
                self._catch_up(shop)
        self._drain()
        self._label([d for d in self.deliveries if self._is_missed(d)])
        # What was changed after Amazon was told is told anew when it leaves.
        self._validate([d for d in self.deliveries if is_outdated(d)])
        self._step_person()
        self._drain()

    def _is_missed(self, delivery):
        """A label was given up that Amazon knows of: every third one is made again."""
        held = {tracking for __, tracking, __ in self._get_held()}
        mended = min(delivery.orders) % 3 == 0
        return wants_label(delivery) and mended and bool(delivery.given_up & held)

    def _drain(self, least=1):
        """Until nothing changes any more."""
        states = None
        for number in range(10):
            self.clock.advance(7 * HOUR)
            self._step_push()
            self.clock.advance(HOUR)
            self._step_read_back()
            self._check_always()
            rows = self.outbox.search([])
            before, states = states, [(row.id, row.state) for row in rows]
            waiting = "pushed" in rows.mapped("state") or rows.filtered(
                lambda row: row.state == "to_push" and row.is_unclear
            )
            if number >= least and states == before and not waiting:
                break


CONFIRM_SHIPMENT = SellingPartner.confirm_shipment


@contextmanager
def moving_clock(clock):
    """Odoo's time is that of the stand-ins."""

    def now(*args):
        return clock.now().replace(tzinfo=None, microsecond=0)

    seconds = SimpleNamespace(time=clock.seconds, sleep=clock.advance)
    with (
        patch.object(fields.Datetime, "now", staticmethod(now)),
        patch.object(amazon_shop_feed, "time", seconds),
    ):
        yield

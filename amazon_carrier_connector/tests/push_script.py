"""Random sequences of what happens to orders, and the way to the shortest one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from operator import itemgetter
from random import Random
from time import monotonic

# How often each disturbance happens, and to how many orders at once.
STEPS = {
    "label": (3, 6),
    "label_run": (1, 3),
    "cancel_label": (6, 5),
    "edit": (4, 5),
    "pack": (3, 4),
    "merge": (3, 4),
    "type_number": (1, 4),
    "correct_number": (4, 4),
    "validate": (2, 4),
    "push": (14, 0),
    "crash": (6, 0),
    "read_back": (4, 0),
    "fault": (9, 0),
    "clock": (7, 0),
    "switch": (1, 0),
    "map_carrier": (1, 0),
    "person": (2, 0),
    "cancel_at_amazon": (1, 1),
    "cancel_delivery": (1, 2),
}
# So many disturbances per order.
LENGTH = 0.7
# So many orders are labelled at once, and so many of these groups are validated.
GROUP, VALIDATED = 12, 0.5
# To so many orders something has happened just now,
RECENT = 15
# and so often it is to them that the next thing happens.
AGAIN = 0.6
# Seconds for shorter sequences, before the shortest so far is shown.
PATIENCE = 60


@dataclass(frozen=True)
class Step:
    """Something that happens; ``value`` is where its own choices come from."""

    name: str
    numbers: tuple[int, ...]
    value: int

    def __str__(self):
        numbers = ", ".join(map(str, self.numbers))
        return f"{self.name}({numbers}) #{self.value}"

    def choices(self, number=0) -> Random:
        """The same choices for an order, whichever others there are."""
        return Random(f"{self.value} {number}")


def make_script(seed: int, count: int) -> list[Step]:
    """The steps of a sequence over the orders 1 to ``count``."""
    random = Random(seed)
    weights = [weight for weight, __ in STEPS.values()]
    names = random.choices(list(STEPS), weights, k=round(count * LENGTH))
    plan = [(random.random(), name, None) for name in names]
    plan += _plan_work(random, count)
    steps, recent = [], deque(maxlen=RECENT)
    for __, name, numbers in sorted(plan, key=itemgetter(0)):
        numbers = numbers or _draw(random, name, count, recent)
        recent.extend(numbers)
        steps.append(Step(name, numbers, random.randrange(10_000)))
    return steps


def _plan_work(random, count):
    """What a warehouse does with all orders, group by group."""
    numbers = random.sample(range(1, count + 1), count)
    for start in range(0, count, GROUP):
        group = tuple(sorted(numbers[start : start + GROUP]))
        moment = random.random()
        yield moment, "label", group
        yield moment, "type_number", group
        if random.random() < VALIDATED:
            yield random.uniform(moment, 1), "validate", group


def _draw(random, name, count, recent):
    """Any orders, or those to which something has happened just now."""
    size = random.randint(1, STEPS[name][1]) if STEPS[name][1] else 0
    among = sorted(set(recent)) if random.random() < AGAIN else range(1, count + 1)
    return tuple(sorted(random.sample(among, min(size, len(among)))))


def shrink(steps, numbers, suspects, fails):
    """A short sequence that still fails.

    :param numbers: all orders; ``suspects``: those that are wrong in the end
    :param fails: tells of steps and orders whether they fail
    :return: steps and orders
    """
    end = monotonic() + PATIENCE
    if suspects and fails(steps, suspects):
        numbers = suspects
    # Fewer orders first: each trial then takes less time.
    numbers = _shorten(sorted(numbers), end, lambda fewer: fails(steps, {*fewer}))
    steps = _shorten(steps, end, lambda fewer: fails(fewer, {*numbers}))
    shown = [s for s in steps if not s.numbers or {*numbers}.intersection(s.numbers)]
    return shown, set(numbers)


def _shorten(items, end, fails):
    size = max(len(items) // 2, 1)
    while size:
        for start in range(0, len(items), size):
            if monotonic() > end:
                return items
            fewer = items[:start] + items[start + size :]
            if fails(fewer):
                items = fewer
                break
        else:
            size //= 2
    return items

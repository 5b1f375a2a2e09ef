"""Gives the report reader damaged files: any must end in a report or one refusal.

./dev run python -m tests.fuzz.unshipped_report --count 100000 --seed 1

The same seed makes the same files. A file that is dealt with wrongly is told by its
number: ``--seed SEED --only NUMBER --save FILE`` makes it again.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cache
from pathlib import Path

from tests.driver.unshipped_report import make_report
from tests.plain.report_checks import read_or_refuse
from tests.plain.report_maker import STANDARD, order, report, row

from .damage import damaged

NOW = datetime(2026, 11, 16, 9, tzinfo=timezone.utc)
MAX_BYTES = 2_000_000
OPTIONAL = {
    "sales-channel": "Amazon.nl",
    "is-iba": "true",
    "number-of-items": "2",
    "points-granted": "5",
    "cod-collectible-amount": "12,50",
    "scheduled-delivery-end-date": "2026-11-20T12:00:00+09:00",
    "delivery-preferred-time": '{"days": ["MON"]}',
    "is-buyer-requested-cancellation": "true",
    "buyer-requested-cancel-reason": "Ordered by mistake",
    "verge-of-lateShipment": "true",
    "Brand-New-Column": "x",
}
NEW_ORDERS = tuple(
    name for name in STANDARD if name not in ("quantity-to-ship", "quantity-shipped")
)


@cache
def good_files() -> tuple[bytes, ...]:
    """Reports without a fault, in UTF-8."""
    second = row(order_item_id="60000000000022", sku="SKU-2")
    sent = row(order_item_id="60000000000023", quantity_to_ship="0")
    japanese = row(recipient_name="山田 太郎", ship_city="千代田区", ship_country="JP")
    quoted = order(4, product_name='"27 Zoll', recipient_name="Jürgen Müßig")
    continued = dict.fromkeys(STANDARD, "") | {
        "order-id": "402-0000001-0000001",
        "order-item-id": "00000000000017",
    }
    return (
        report(row()),
        report(row(), order(2), second, sent, quoted),
        report(*(order(number) for number in range(1, 30))),
        report(*(order(n, quantity_to_ship="0") for n in range(1, 5)), row()),
        report(japanese, order(2)),
        report(row() | OPTIONAL, second, columns=(*STANDARD, *OPTIONAL)),
        report(row(), continued, order(2), columns=NEW_ORDERS),
        make_report(12, NOW),
        report(),
    )


@dataclass
class Tally:
    """What became of the files."""

    files: int = 0
    read: int = 0
    orders: int = 0
    problems: Counter = field(default_factory=Counter)
    refusals: Counter = field(default_factory=Counter)
    wrong: list[int] = field(default_factory=list)
    longest: float = 0.0

    def add(self, outcome) -> None:
        if isinstance(outcome, Exception):
            self.refusals[outcome.code] += 1
            return
        self.read += 1
        self.orders += len(outcome.orders)
        self.problems.update(problem.code for problem in outcome.problems)

    def __str__(self):
        refused = sum(self.refusals.values())
        return (
            f"{self.files} files: {self.read} read ({self.orders} orders,"
            f" {self.problems.total()} problems: {_told(self.problems)}),"
            f" {refused} refused ({_told(self.refusals)}), {len(self.wrong)} wrong;"
            f" longest {self.longest:.2f} s"
        )


def _told(counter: Counter) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())


def make_file(seed: int, number: int) -> tuple[bytes, dict]:
    """One damaged file, and the options it is read with."""
    dice = random.Random(f"{seed}/{number}")
    options = {
        "marketplace": dice.choice((None, None, "NL", "JP")),
        "accept_new_orders": dice.random() < 0.5,
        "max_bytes": MAX_BYTES,
    }
    return damaged(dice.choice(good_files()), dice), options


def run(seed: int, numbers: Iterable[int]) -> Tally:
    """Read these files; what goes wrong is printed, and stops no other."""
    tally = Tally()
    for number in numbers:
        data, options = make_file(seed, number)
        tally.files += 1
        started = time.perf_counter()
        try:
            tally.add(read_or_refuse(data, **options))
        except Exception:
            print(f"File {number} of seed {seed}:")
            traceback.print_exc(file=sys.stdout)
            tally.wrong.append(number)
        tally.longest = max(tally.longest, time.perf_counter() - started)
    return tally


def main(words) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.unshipped_report")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="NUMBER", help="this file alone")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write that file")
    options = parser.parse_args(words)
    numbers = range(options.count) if options.only is None else [options.only]
    if options.save:
        options.save.write_bytes(make_file(options.seed, numbers[0])[0])
    started = time.perf_counter()
    tally = run(options.seed, numbers)
    print(f"seed {options.seed}, {time.perf_counter() - started:.0f} s, {tally}")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The report reader against ``csv.reader``, which only splits and types nothing."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from tests.driver.unshipped_report import make_report
from tests.plain import layers

from .frame import Figure, Setting, peak_memory, ratio

NOW = datetime(2026, 11, 16, 9, tzinfo=timezone.utc)
ROWS, QUICK_ROWS = 100_000, 2_000
REPETITIONS, QUICK_REPETITIONS = 7, 1
BASELINE = "csv.reader, QUOTE_NONE, same bytes"
# Every optional column that has a value in most rows of an account which has it.
OPTIONAL = {
    "payment-method-details": "",
    "number-of-items": "1",
    "ship-service-name": "Std NL Dom",
    "address-type": "Residential",
    "gift-wrap-type": "",
    "is-premium-order": "false",
    "is-replacement-order": "false",
    "is-transparency": "false",
    "default-ship-from-address-name": "Magazijn",
    "default-ship-from-city": "Utrecht",
    "default-ship-from-country": "NL",
    "default-ship-from-postal-code": "3500 AA",
    "is-ispu-order": "false",
    "is-buyer-requested-cancellation": "false",
    "buyer-requested-cancel-reason": "",
    "ioss-number": "",
    "tax-collection-model": "",
    "delivery-preferred-time": '{"days": ["MON"], "exceptions": []}',
    "verge-of-cancellation": "false",
    "verge-of-lateShipment": "true",
    "signature-confirmation-recommended": "false",
}


def run(setting: Setting) -> Iterator[Figure]:
    layers.register()
    rows = QUICK_ROWS if setting.quick else ROWS
    lines = make_report(rows, NOW).splitlines(keepends=True)
    data = b"".join(lines[: rows + 1])
    files = {
        "standard": data,
        "all columns": with_optional(data),
        "one row an order, cp1252": in_western_letters(first_rows(lines)),
    }
    for name, file in files.items():
        yield from _time(f"{rows:,} rows, {name}", file, setting)
        yield from _memory(f"{rows:,} rows, {name}", file)


def first_rows(lines: list[bytes]) -> bytes:
    """The header and the first row of each order."""
    by_order = {line.partition(b"\t")[0]: line for line in reversed(lines)}
    return b"".join(reversed(by_order.values()))


def in_western_letters(data: bytes) -> bytes:
    return data.decode().encode("cp1252", "replace")


def with_optional(data: bytes) -> bytes:
    header, *rows = data.splitlines()
    names, cells = (
        b"\t" + "\t".join(part).encode() + b"\r\n"
        for part in (OPTIONAL, OPTIONAL.values())
    )
    return b"".join([header + names, *(row + cells for row in rows)])


def _time(name: str, data: bytes, setting: Setting) -> Iterator[Figure]:
    from amazon.unshipped_report import read_unshipped_report

    encoding = read_unshipped_report(data).encoding

    def split():
        text = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
        for _row in csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE):
            pass

    repetitions = QUICK_REPETITIONS if setting.quick else REPETITIONS
    mine, _others, times = ratio(
        lambda: read_unshipped_report(data), split, repetitions
    )
    yield Figure(f"time, {name}", times, "x", BASELINE, at_most=4)
    yield Figure(f"rows a second, {name}", data.count(b"\n") / mine, "")


def _memory(name: str, data: bytes) -> Iterator[Figure]:
    """In a process of its own, because memory that was used once stays used."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.txt"
        path.write_bytes(data)
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench.read", path],
            check=True,
            capture_output=True,
            text=True,
        )
    told = json.loads(told.stdout)
    kilobytes = (told["after"] - told["before"]) * 1024 / told["orders"]
    yield Figure(f"peak memory, {name}", told["after"], "MB", at_most=250)
    yield Figure(
        f"memory an order, {name}",
        kilobytes,
        "kB",
        "beyond Python and the file's bytes",
    )


def _read_once(path: str) -> dict:
    layers.register()
    from amazon.unshipped_report import read_unshipped_report

    data = Path(path).read_bytes()
    before = peak_memory()
    result = read_unshipped_report(data)
    return {
        "before": before,
        "after": peak_memory(),
        "orders": len(result.orders),
    }


if __name__ == "__main__":
    print(json.dumps(_read_once(sys.argv[1])))

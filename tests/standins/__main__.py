"""The stand-ins as a process of their own, until it is told to end (SIGTERM, SIGINT).

python -m tests.standins --ports-file FILE [--rates fast]

FILE gets the addresses and credentials as JSON, whole, once every server listens; then
the line "listening" is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from pathlib import Path

from . import Standins


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.standins")
    parser.add_argument("--ports-file", type=Path, required=True)
    parser.add_argument("--rates", choices=("published", "fast"), default="published")
    options = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Standins("fast" if options.rates == "fast" else None) as standins:
        _write(options.ports_file, json.dumps(standins.connection(), indent=1))
        print("listening", flush=True)
        ended.wait()


def _write(path: Path, text: str) -> None:
    half = path.with_name(path.name + ".part")
    half.write_text(text, "utf-8")
    os.replace(half, path)


if __name__ == "__main__":
    main()

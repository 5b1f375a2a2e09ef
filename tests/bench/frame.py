"""Runs benches, and shows what they measured on which machine."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from statistics import median

from . import page

JSON_HELP = "write it here too; what other benches have written there stays"
SIZE_HELP = "orders of the benches day and erase, instead of their own many"
PAGE_HELP = "measure nothing: write the page about what --json FILE holds"
QUICK_HELP = "small amounts: shows that the benches work, measures little"
# Where nothing is measured, the benches may be in each other's way.
QUICK_TOGETHER = 2
# What is another for each bench, and not the machine's.
OF_BENCH = ("load", "date")


@dataclass(frozen=True)
class Setting:
    """What a bench is given. ``environment`` is the one of `devtools`.

    ``size``: so many orders, for benches that can be of any size; 0 for their own.
    """

    quick: bool
    environment: object = None
    size: int = 0


@dataclass(frozen=True)
class Figure:
    """One measured number.

    ``baseline`` says against what it was measured, in the same run; "" for an absolute
    number. ``at_most`` or ``at_least`` is the target, if there is one.
    """

    name: str
    value: float
    unit: str
    baseline: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target."""
        if self.at_most is None and self.at_least is None:
            return None
        above = self.at_least is None or self.value >= self.at_least
        return above and (self.at_most is None or self.value <= self.at_most)


@dataclass(frozen=True)
class Result:
    """What a bench measured, on which machine and in how many seconds."""

    machine: dict[str, str]
    quick: bool
    seconds: int
    figures: list[Figure]


Bench = Callable[[Setting], Iterable[Figure]]


def main(words, benches: Mapping[str, Bench], environment, describe) -> int:
    """Run the benches that are named, else all.

    Returns 1 when a bench broke; a missed target is shown and breaks nothing.

    :param describe: called before each bench, see `describe_machine`
    """
    options = _parse(words, benches)
    if options.page:
        page.write(options.page, table(read_kept(options.json)))
        return 0
    setting = Setting(options.quick, environment, options.size)
    names = options.names or list(benches)

    def work(name):
        return _run(name, benches[name], setting, describe)

    results, broken = {}, []
    with ThreadPoolExecutor(QUICK_TOGETHER) as pool:
        do_all = pool.map if options.quick else map
        for name, result in zip(names, do_all(work, names), strict=True):
            if not result:
                broken.append(name)
                continue
            results[name] = result
            if options.json:
                keep(options.json, {name: result})
    print(table(results))
    if broken:
        print(f"Broken: {', '.join(broken)}.")
    return 1 if broken else 0


def _run(name, bench, setting, describe) -> Result | None:
    """None when it broke; why is printed."""
    print(f"{name} ...", flush=True)
    machine, start = describe(), time.monotonic()
    try:
        figures = list(bench(setting))
    except Exception:
        # Whatever it is: one that breaks keeps none of the others.
        traceback.print_exc()
        return None
    seconds = time.monotonic() - start
    return Result(machine, setting.quick, round(seconds), figures)


def _parse(words, benches):
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of: {', '.join(benches)}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help=JSON_HELP)
    parser.add_argument("--quick", action="store_true", help=QUICK_HELP)
    parser.add_argument("--size", type=int, default=0, help=SIZE_HELP)
    parser.add_argument("--page", type=Path, metavar="FILE", help=PAGE_HELP)
    options = parser.parse_args(words)
    if options.page and not options.json:
        parser.error("--page shows what is in the FILE of --json")
    if unknown := [name for name in options.names if name not in benches]:
        parser.error(
            f"no such bench: {', '.join(unknown)} (there are: {', '.join(benches)})"
        )
    return options


# What was measured


def describe_machine(**more: str) -> dict[str, str]:
    """What the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory / 2**30:.0f} GB",
        "load": f"{os.getloadavg()[0]:.1f}",
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **more,
    }


def table(results: Mapping[str, Result]) -> str:
    """All figures as a table in Markdown, below lines about the machine."""
    lines = [
        ("bench", "figure", "value", "target", "", "against"),
        *(_line(name, figure) for name in results for figure in results[name].figures),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [_row(line, widths) for line in lines]
    rows.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n" + "\n".join((*_abouts(results), "", *rows)) + "\n"


def _abouts(results: Mapping[str, Result]) -> list[str]:
    """Two lines for each machine: what it is, and what else it had to do."""
    by_machine: dict[str, dict[str, Result]] = {}
    for name, result in results.items():
        about = ", ".join(
            f"{what} {value}"
            for what, value in result.machine.items()
            if what not in OF_BENCH
        )
        if result.quick:
            about += ". Quick: these are no measurements"
        by_machine.setdefault(about, {})[name] = result
    lines = []
    for about, its in by_machine.items():
        dates = sorted({result.machine["date"] for result in its.values()})
        loads = (f"{name} {result.machine['load']}" for name, result in its.items())
        lines += [
            f"{about}.",
            f"{' to '.join(dates[:1] + dates[1:][-1:])};"
            f" load before each bench: {', '.join(loads)}.",
        ]
    return lines


def _line(name: str, figure: Figure) -> tuple[str, ...]:
    return (
        name,
        figure.name,
        f"{_number(figure.value)} {figure.unit}",
        _target(figure),
        {None: "", True: "met", False: "MISSED"}[figure.met],
        figure.baseline,
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _target(figure: Figure) -> str:
    limits = ((">=", figure.at_least), ("<=", figure.at_most))
    return " ".join(f"{sign} {limit:g}" for sign, limit in limits if limit is not None)


def _row(line: tuple[str, ...], widths: list[int]) -> str:
    cells = (text.ljust(width) for text, width in zip(line, widths, strict=True))
    return f"| {' | '.join(cells)} |"


def keep(path: Path, results: Mapping[str, Result]) -> None:
    """Write results as JSON; those of other benches that are there stay."""
    told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, result in results.items():
        figures = [asdict(figure) | {"met": figure.met} for figure in result.figures]
        told[name] = asdict(result) | {"figures": figures}
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def read_kept(path: Path) -> dict[str, Result]:
    """What `keep` has written."""
    results = json.loads(path.read_text(encoding="utf-8"))
    for told in results.values():
        for figure in told["figures"]:
            del figure["met"]
        told["figures"] = [Figure(**figure) for figure in told["figures"]]
    return {name: Result(**told) for name, told in results.items()}


# How to measure


def ratio(
    subject: Callable[[], object],
    baseline: Callable[[], object],
    repetitions: int,
    clock: Callable[[], float] = time.process_time,
) -> tuple[float, float, float]:
    """Median time of both in seconds, and the one by the other.

    They take turns, so that whatever else the machine does slows down both. The clock
    is the processor's by default, which other programs hardly disturb.
    """
    times = [
        (_seconds(subject, clock), _seconds(baseline, clock))
        for _turn in range(repetitions)
    ]
    mine, others = (median(column) for column in zip(*times, strict=True))
    return mine, others, mine / others


def _seconds(function: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    function()
    return clock() - start


def peak_memory(process: int | str = "self") -> float:
    """The most memory that a process ever had, in MB.

    Not ``ru_maxrss``: that one a process inherits from whoever started it.
    """
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024

"""`./dev bench`: what it shows, and when it fails."""

import itertools
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from devtools.paths import ROOT
from tests.bench import frame
from tests.bench.frame import Figure, Setting

MACHINE = {"cores": "2", "load": "0.3", "date": "2026-11-22", "Python": "3.10.0"}


def tiny(setting: Setting):
    yield Figure("time", 1.5 if setting.quick else 3.0, "x", "the twin", at_most=2)
    yield Figure("pace", 96.5, "%", at_least=95)
    yield Figure("rows a second", 123456.7, "")


def broken(_setting):
    yield Figure("never seen", 1, "x")
    raise RuntimeError("no server")


def bench(*words, **benches):
    return frame.main(list(map(str, words)), benches, None, lambda: MACHINE)


def rows_of(text):
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_figure_stands_in_the_table_with_its_target(capsys):
    assert bench(tiny=tiny) == 0
    shown = capsys.readouterr().out
    assert "cores 2, Python 3.10.0" in shown
    _header, *rows = rows_of(shown)
    assert rows == [
        ["tiny", "time", "3 x", "<= 2", "MISSED", "the twin"],
        ["tiny", "pace", "96.5 %", ">= 95", "met", ""],
        ["tiny", "rows a second", "123,457", "", "", ""],
    ]


def test_a_machine_is_told_once_with_the_load_of_each_bench():
    machines = {
        "first": {},
        "second": {"load": "10.1", "date": "2026-11-24"},
        "third": {"date": "2026-11-23"},
        "elsewhere": {"cores": "8"},
    }
    shown = frame.table(
        {
            name: frame.Result(MACHINE | other, False, 1, list(tiny(Setting(True))))
            for name, other in machines.items()
        }
    )
    assert shown.partition("|")[0].split("\n") == [
        "",
        "cores 2, Python 3.10.0.",
        "2026-11-22 to 2026-11-24; load before each bench: first 0.3, second 10.1,"
        " third 0.3.",
        "cores 8, Python 3.10.0.",
        "2026-11-22; load before each bench: elsewhere 0.3.",
        "",
        "",
    ]


def test_quick_benches_run_side_by_side_and_stand_in_their_order(capsys):
    both = threading.Barrier(2, timeout=10)

    def waiting(setting):
        both.wait()
        yield from tiny(setting)

    assert bench("--quick", first=waiting, second=waiting) == 0
    shown = rows_of(capsys.readouterr().out)
    assert [row[0] for row in shown[1:]] == ["first"] * 3 + ["second"] * 3


def test_a_quick_run_says_that_it_measures_nothing(capsys):
    assert bench("--quick", tiny=tiny) == 0
    shown = capsys.readouterr().out
    assert "no measurements" in shown
    assert rows_of(shown)[1][2:5] == ["1.5 x", "<= 2", "met"]


def test_only_the_benches_that_are_named_are_run(capsys):
    assert bench("tiny", tiny=tiny, other=broken) == 0
    assert "no server" not in capsys.readouterr().err


def test_a_name_that_is_none_is_refused_with_those_there_are(capsys):
    with pytest.raises(SystemExit) as refused:
        bench("tinny", tiny=tiny, other=tiny)
    assert refused.value.code == 2
    assert "tinny (there are: tiny, other)" in capsys.readouterr().err


def test_a_broken_bench_fails_the_run_and_stops_no_other(capsys, tmp_path):
    path = tmp_path / "figures.json"
    assert bench("--json", path, first=broken, tiny=tiny) == 1
    told = capsys.readouterr()
    assert "RuntimeError: no server" in told.err
    assert "Broken: first." in told.out
    assert {row[0] for row in rows_of(told.out)[1:]} == {"tiny"}
    assert set(json.loads(path.read_text())) == {"tiny"}


def test_the_figures_are_written_as_json(tmp_path):
    path = tmp_path / "figures.json"
    bench("--json", path, tiny=tiny)
    written = json.loads(path.read_text())["tiny"]
    assert (written["machine"], written["quick"]) == (MACHINE, False)
    assert written["figures"][0] == {
        "name": "time",
        "value": 3.0,
        "unit": "x",
        "baseline": "the twin",
        "at_most": 2,
        "at_least": None,
        "met": False,
    }


def test_figures_of_other_benches_stay_in_the_file_and_stand_on_the_page(
    tmp_path, capsys
):
    path, page = tmp_path / "figures.json", tmp_path / "page.md"
    bench("first", "--json", path, first=tiny)
    bench("second", "--quick", "--json", path, second=tiny)
    bench("--json", path, "--page", page)
    assert "..." in capsys.readouterr().out
    shown = page.read_text()
    assert [row[:3] for row in rows_of(shown)] == [
        ["bench", "figure", "value"],
        ["first", "time", "3 x"],
        ["first", "pace", "96.5 %"],
        ["first", "rows a second", "123,457"],
        ["second", "time", "1.5 x"],
        ["second", "pace", "96.5 %"],
        ["second", "rows a second", "123,457"],
    ]
    assert "# Speed and scale" in shown
    assert "no measurements" in shown


def test_the_page_needs_the_file_that_it_shows(tmp_path):
    with pytest.raises(SystemExit):
        bench("--page", tmp_path / "page.md", tiny=tiny)


def test_the_page_says_what_each_bench_measures():
    from tests.bench.__main__ import BENCHES
    from tests.bench.page import TEXT

    text = TEXT.read_text(encoding="utf-8")
    assert [name for name in BENCHES if f"**{name}**" not in text] == []


@pytest.mark.parametrize(
    ("value", "limits", "met"),
    [
        (2, {}, None),
        (2, {"at_most": 2}, True),
        (2.1, {"at_most": 2}, False),
        (2, {"at_least": 2}, True),
        (1.9, {"at_least": 2}, False),
        (3, {"at_least": 1, "at_most": 2}, False),
        (0, {"at_most": 0}, True),
    ],
)
def test_a_target_is_met_up_to_its_limit(value, limits, met):
    assert Figure("x", value, "", **limits).met is met


def test_a_ratio_is_one_of_medians_of_turns():
    turns = []
    # What the clock shows before and after each: 2, 1; 9, 1; 3, 1 seconds.
    shown = itertools.accumulate([0, 2, 0, 1, 0, 9, 0, 1, 0, 3, 0, 1])
    found = frame.ratio(
        lambda: turns.append("mine"),
        lambda: turns.append("other"),
        3,
        clock=lambda: next(shown),
    )
    assert found == (3, 1, 3)
    assert turns == ["mine", "other"] * 3


FAT = """
import subprocess, sys
from tests.bench.frame import peak_memory
if "child" not in sys.argv:
    before = peak_memory()
    held = bytearray(60_000_000)
    print(peak_memory() - before, flush=True)
    code = sys.argv[1]
    subprocess.run([sys.executable, "-c", code, code, "child"], check=True)
else:
    print(peak_memory())
"""


def test_the_peak_of_memory_is_that_of_the_process_alone():
    done = subprocess.run(
        [sys.executable, "-c", FAT, FAT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    grown, of_child = map(float, done.stdout.split())
    assert 50 < grown < 70
    assert 5 < of_child < 55


def test_the_machine_is_described():
    told = frame.describe_machine(PostgreSQL="18.4")
    assert int(told["cores"]) >= 1
    assert told["Python"].startswith("3.")
    assert told["PostgreSQL"] == "18.4"


def test_every_bench_measures_something_of_its_own():
    from tests.bench.__main__ import BENCHES

    for run in BENCHES.values():
        assert run.__module__.startswith("tests.bench.")
    assert len(set(BENCHES.values())) == len(BENCHES)


def test_the_quick_bench_of_the_reader_gives_its_figures(tmp_path: Path):
    path = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "read", "--quick", "--json", path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    written = json.loads(path.read_text())["read"]
    assert "PostgreSQL" in written["machine"]
    values = {figure["name"]: figure["value"] for figure in written["figures"]}
    assert len(values) == 12
    assert all(value > 0 for value in values.values())

"""A small round of `tests/fuzz/unshipped_report.py`, and that it notices a mistake."""

import gzip
import io
import random
import zipfile

import pytest

from tests.fuzz import damage
from tests.fuzz import unshipped_report as fuzz
from tests.plain import report_checks


def test_no_damaged_file_raises_anything_unexpected_nor_loses_a_row(capsys):
    assert fuzz.main(["--count", "1500", "--seed", "20261122"]) == 0
    assert ", 0 wrong;" in capsys.readouterr().out


def test_damaged_files_are_of_all_kinds():
    tally = fuzz.run(7, range(1500))
    assert tally.read > 300
    assert set(tally.problems) >= {"cell_count", "unreadable", "other_row", "conflict"}
    assert set(tally.refusals) >= {"archive", "csv", "header_only", "not_a_report"}


def test_good_files_are_good():
    for data in fuzz.good_files():
        outcome = report_checks.read_or_refuse(data, accept_new_orders=True)
        if isinstance(outcome, Exception):
            assert outcome.code == "header_only"
        else:
            assert outcome.problems == ()


def test_the_same_seed_and_number_make_the_same_file():
    assert fuzz.make_file(3, 14) == fuzz.make_file(3, 14)
    files = {fuzz.make_file(3, number)[0] for number in range(50)}
    assert len(files) > 45


@pytest.mark.parametrize("name", ["row_count", "shipped_row_count"])
def test_a_lost_row_is_noticed_and_the_file_told(monkeypatch, capsys, tmp_path, name):
    read = report_checks.read_unshipped_report

    def forgetful(data, **options):
        result = read(data, **options)
        object.__setattr__(result, name, getattr(result, name) + 1)
        return result

    monkeypatch.setattr(report_checks, "read_unshipped_report", forgetful)
    assert fuzz.main(["--count", "30", "--seed", "5"]) == 1
    told = capsys.readouterr().out
    number = told.partition("File ")[2].split()[0]
    path = tmp_path / "file"
    again = ["--seed", "5", "--only", number, "--save", str(path)]
    assert fuzz.main(again) == 1
    assert path.read_bytes() == fuzz.make_file(5, int(number))[0]


def test_an_unexpected_error_is_noticed_and_stops_no_other_file(monkeypatch):
    def raising(data, **_options):
        raise IndexError("list index out of range")

    monkeypatch.setattr(report_checks, "read_unshipped_report", raising)
    assert fuzz.run(5, range(20)).wrong == list(range(20))


@pytest.mark.parametrize("made", sorted({d.__name__ for d in damage.TEXT_DAMAGES}))
def test_every_damage_changes_some_file_and_survives_all(made):
    function = getattr(damage, made)
    changed = 0
    for number in range(40):
        dice = random.Random(number)
        data = dice.choice(fuzz.good_files())
        changed += function(data, dice) != data
        function(b"", dice)
    assert changed > 5


def test_packed_files_are_packed():
    dice = random.Random(0)
    assert gzip.decompress(damage.pack_gzip(b"abc", dice)) == b"abc"
    packed = damage.pack_zip(b"abc", dice)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.read("0.txt") == b"abc"

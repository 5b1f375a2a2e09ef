"""What SECURITY.md says is met somewhere, and tested somewhere, is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ADDON = ROOT / "amazon_carrier_connector"
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w./-]+(?:\.(?:py|sql|csv)|/19\.0[\d.]*))`", PAGE)))
MODELS = sorted(
    set(re.findall(r"`((?:amazon|delivery|gls|myparcel)(?:\.\w+)+)`", PAGE))
)


@pytest.mark.parametrize("name", NAMED)
def test_each_file_that_is_named_is_there(name):
    # The addon's own tests and files are named from its folder.
    places = [folder / name for folder in (ROOT, ADDON)]
    assert any(place.exists() for place in places)


def test_files_of_each_kind_are_found_in_the_page():
    assert len(NAMED) > 30
    assert {"tests/plain/test_doors.py", "data/neutralize.sql"} <= set(NAMED)


@pytest.mark.parametrize(
    "name", [m for m in MODELS if not m.endswith((".py", ".keys"))]
)
def test_each_model_that_is_named_exists(name):
    texts = (path.read_text() for path in (ADDON / "models").glob("*.py"))
    assert any(f'"{name}"' in text for text in texts)

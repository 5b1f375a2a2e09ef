"""The pictures of the documentation are those that the browser tests take."""

import re

import pytest

from devtools import screenshots
from devtools.errors import SetupError
from devtools.paths import ROOT

NAMES = [name for names in screenshots.PICTURES.values() for name in names]
DOCUMENTS = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]


@pytest.fixture
def taken(tmp_path):
    folder = tmp_path / "taken"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.png").write_bytes(name.encode())
    return folder


def test_each_picture_is_copied(taken, tmp_path):
    assert screenshots.keep(taken, tmp_path / "images", NAMES) == 0
    copied = {path.stem: path.read_bytes() for path in (tmp_path / "images").iterdir()}
    assert copied == {name: name.encode() for name in NAMES}


def test_a_picture_that_was_not_taken_is_named_and_none_is_copied(taken, tmp_path):
    (taken / f"{NAMES[0]}.png").unlink()
    with pytest.raises(SetupError, match=NAMES[0]):
        screenshots.keep(taken, tmp_path / "images", NAMES)
    assert not (tmp_path / "images").exists()


@pytest.mark.parametrize(("test", "names"), screenshots.PICTURES.items())
def test_the_test_takes_the_pictures_that_are_its(test, names):
    text = (ROOT / test).read_text("utf-8")
    assert [name for name in names if f'"{name}"' not in text] == []


def test_the_page_of_the_addon_has_the_pictures_that_it_shows():
    page = (screenshots.PAGE / "index.html").read_text("utf-8")
    shown = set(re.findall(r'src="([^"]+)"', page))
    assert shown == {f"{name}.png" for name in screenshots.ON_PAGE}
    assert [name for name in shown if not (screenshots.PAGE / name).is_file()] == []
    assert set(screenshots.ON_PAGE) <= set(NAMES)


def test_documents_show_pictures_that_are_there_and_each_is_shown():
    shown = [
        (document.parent / target).resolve()
        for document in DOCUMENTS
        for target in re.findall(
            r"!\[[^]]+\]\(([^)]+\.png)\)", document.read_text("utf-8")
        )
    ]
    assert [path for path in shown if not path.is_file()] == []
    kept = {path.resolve() for path in screenshots.IMAGES.glob("*.png")}
    assert kept == set(shown) == {screenshots.IMAGES / f"{name}.png" for name in NAMES}

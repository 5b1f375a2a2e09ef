"""The checks of our own find what they are for."""

import pytest

from devtools import checks

MANIFEST = {
    "name": "Shop",
    "summary": "Sell",
    "version": "19.0.1.0.0",
    "category": "Sales",
    "author": "Somebody",
    "license": "LGPL-3",
    "depends": ["base"],
    "external_dependencies": {"python": ["python-amazon-sp-api"]},
    "data": ["views/shop_views.xml"],
}


@pytest.fixture
def addon(tmp_path):
    """Writes an addon whose manifest differs from a right one; gives its folder."""

    def write(**changes):
        folder = tmp_path / "shop"
        (folder / "views").mkdir(parents=True, exist_ok=True)
        (folder / "views" / "shop_views.xml").write_text("<odoo/>")
        manifest = {**MANIFEST, **changes}
        manifest = {key: value for key, value in manifest.items() if value}
        (folder / "__manifest__.py").write_text(repr(manifest))
        return folder

    return write


def test_right_manifest_has_no_complaint(addon):
    assert checks.check_manifest(addon()) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"license": "AGPL-3"}, "license"),
        ({"version": "1.0"}, "version"),
        ({"version": "18.0.1.0.0"}, "version"),
        ({"summary": ""}, "summary"),
        ({"descripton": "Typo"}, "descripton"),
        ({"data": []}, "there and not listed"),
        ({"data": [*MANIFEST["data"], "views/no.xml"]}, "listed and not there"),
        ({"data": MANIFEST["data"] * 2}, "twice"),
    ],
)
def test_wrong_manifest_has_one_complaint(addon, changes, word):
    (complaint,) = checks.check_manifest(addon(**changes))
    assert word in complaint


@pytest.mark.parametrize("name", ["static/src/shop.xml", "tests/samples/orders.csv"])
def test_files_that_are_no_data_need_no_listing(addon, name):
    folder = addon()
    (folder / name).parent.mkdir(parents=True)
    (folder / name).touch()
    assert checks.check_manifest(folder) == []


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("# Comment\nPython_Amazon.SP-API~=2.1  # why\n", True),
        ("", False),
        ("python-amazon-sp-api\nrequests\n", False),
    ],
)
def test_requirements_are_those_of_the_manifest(addon, tmp_path, text, good):
    path = tmp_path / "requirements.txt"
    path.write_text(text)
    assert (checks.check_requirements(addon(), path) == []) is good


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("see https://" + checks.REGISTRIES[0] + "/project", "registry"),
        ("URIs: http://" + checks.REGISTRIES[4] + "/debian", "registry"),
        ("cd /ro" + "ot/checkout", "machine"),
        ("path = '/ho" + "me/me/checkout'", "machine"),
    ],
)
def test_registries_and_paths_of_machines_are_found(tmp_path, monkeypatch, line, word):
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    (tmp_path / "notes.md").write_text(f"first\n{line}\n")
    (complaint,) = checks.check_texts([tmp_path / "notes.md"])
    assert complaint.startswith("notes.md:2:")
    assert word in complaint


@pytest.mark.parametrize(
    "line", ["/usr/share/keyrings", "~/work/x", "https://a.example/home/page", "/root"]
)
def test_other_paths_are_no_complaint(tmp_path, monkeypatch, line):
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    (tmp_path / "notes.md").write_text(line)
    assert checks.check_texts([tmp_path / "notes.md"]) == []


def test_pictures_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe")
    assert checks.check_texts([tmp_path / "picture.png"]) == []


def test_files_of_this_checkout_are_listed_without_ignored_ones():
    found = checks.committed_files()
    assert checks.ROOT / "devtools" / "checks.py" in found
    assert not any(".dev" in path.parts for path in found)

"""Packages are unpacked without being installed."""

import os
import subprocess

import pytest

from devtools import debian
from devtools.errors import SetupError
from devtools.odoo import LANGUAGES


@pytest.fixture
def packages(tmp_path):
    """A folder with one package that holds the named files."""
    folder = tmp_path / "packages"
    folder.mkdir()

    def make(*names):
        tree = tmp_path / "tree"
        for name in (*names, "DEBIAN/control"):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).touch()
        (tree / "DEBIAN" / "control").write_text(
            "Package: one\nVersion: 1\nArchitecture: all\n"
            "Maintainer: Somebody <somebody@example.com>\nDescription: one\n"
        )
        command = [
            "dpkg-deb",
            "--build",
            "--root-owner-group",
            tree,
            folder / "one.deb",
        ]
        subprocess.run(command, check=True, capture_output=True)
        return folder

    return make


def unpacked(folder):
    return sorted(
        os.path.join(parent, name).removeprefix(f"{folder}/")
        for parent, _folders, names in os.walk(folder)
        for name in names
    )


def test_package_is_unpacked_into_the_folder(packages, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    debian.unpack(packages("usr/share/one", "etc/two"), root)
    assert unpacked(root) == ["etc/two", "usr/share/one"]


def test_only_languages_of_the_marketplaces_stay(packages, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    languages = (
        "nl nl_BE de de_CH fr es_419 it da el en_AU et fi id nb pl zh_CN".split()
    )
    folder = packages(
        *(f"odoo/stock/i18n/{name}.po" for name in languages), "i18n/x.js"
    )
    debian.unpack(folder, root, LANGUAGES)
    stay = ("de", "de_CH", "es_419", "fr", "it", "nl", "nl_BE")
    assert unpacked(root) == [
        "i18n/x.js",
        *(f"odoo/stock/i18n/{name}.po" for name in stay),
    ]


@pytest.mark.parametrize("kept", [0, 100, -10])
def test_package_that_was_cut_off_is_refused(packages, tmp_path, kept, is_one_sentence):
    folder = packages("usr/share/one")
    whole = (folder / "one.deb").read_bytes()
    (folder / "one.deb").write_bytes(whole[:kept])
    with pytest.raises(SetupError) as refusal:
        debian.unpack(folder, tmp_path)
    assert "again" in str(refusal.value)
    assert is_one_sentence(str(refusal.value))

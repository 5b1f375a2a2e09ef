"""Translation files follow the addon's texts and lose no translation on the way."""

import subprocess
from types import SimpleNamespace

import polib
import pytest

from devtools import catalogs, translations
from devtools.paths import ADDON

EXPORT = """\
# Translation of Odoo Server.
msgid ""
msgstr ""
"Project-Id-Version: Odoo Server 19.0\\n"
"POT-Creation-Date: {date}\\n"
"PO-Revision-Date: {date}\\n"
"Last-Translator: \\n"
"Content-Type: text/plain; charset=UTF-8\\n"

"""
OFFERED = [
    ("%s is missing.", "code:addons/shop/models/order.py"),
    ("Create\n    Labels", "model_terms:ir.ui.view,arch_db:shop.form"),
    ("<b>Orders</b> &gt; New", "model_terms:ir.ui.view,arch_db:shop.form"),
]
DUTCH = {
    "%s is missing.": "%s ontbreekt.",
    "Create\n    Labels": "Labels maken",
    "<b>Orders</b> &gt; New": "<b>Orders</b> &gt; Nieuw",
}


def make_export(terms=OFFERED, date="2026-11-22 03:22+0000"):
    """The text of a .pot file as Odoo exports it."""
    body = polib.POFile()
    for msgid, place in terms:
        body.append(
            polib.POEntry(
                msgid=msgid, comment="module: shop", occurrences=[(place, "0")]
            )
        )
    return EXPORT.format(date=date) + str(body).split("\n\n", 1)[1]


class Files:
    """The translation files of an addon named ``shop``."""

    def __init__(self, root):
        self.folder = root / "shop" / "i18n"
        self.folder.mkdir(parents=True)
        self.template = self.folder / "shop.pot"
        self.dutch = self.folder / "nl.po"
        self.exported = root / "export.pot"

    def run(self, *options, terms=OFFERED, date="2026-11-22 03:22+0000"):
        """Run the program with an export of these terms."""
        self.exported.write_text(make_export(terms, date), encoding="utf-8")
        return catalogs.main([str(self.exported), str(self.folder), *options])

    def translate(self, translations):
        """Fill in what a translator writes."""
        catalog = polib.pofile(str(self.dutch))
        for entry in catalog:
            entry.msgstr = translations.get(entry.msgid, "")
        self.dutch.write_text(str(catalog), encoding="utf-8")

    def read(self):
        """The translation of each term of the Dutch file."""
        return {entry.msgid: entry.msgstr for entry in polib.pofile(str(self.dutch))}


@pytest.fixture
def files(tmp_path):
    """Up to date and completely translated."""
    made = Files(tmp_path)
    made.dutch.touch()
    made.run()
    made.translate(DUTCH)
    return made


def test_an_update_changes_nothing_when_no_text_has_changed(files):
    before = files.template.read_text(), files.dutch.read_text()
    assert files.run(date="2027-01-01 00:00+0000") == 0
    assert (files.template.read_text(), files.dutch.read_text()) == before
    assert files.read() == DUTCH


@pytest.mark.parametrize("noise", ["POT-Creation-Date", "PO-Revision-Date", "Last-Tra"])
def test_files_do_not_say_when_and_by_whom_they_were_made(files, noise):
    assert noise not in files.template.read_text()
    assert noise not in files.dutch.read_text()


def test_an_empty_file_begins_a_language(files):
    (files.folder / "de.po").touch()
    files.run()
    german = polib.pofile(str(files.folder / "de.po"))
    assert german.metadata["Language"] == "de"
    assert [entry.msgid for entry in german] == [msgid for msgid, _place in OFFERED]


def test_new_terms_are_empty_and_others_keep_their_translation(files):
    files.run(terms=[*OFFERED, ("Stop", "code:addons/shop/models/run.py")])
    assert files.read() == {**DUTCH, "Stop": ""}


def test_terms_that_are_gone_are_left_out(files):
    files.run(terms=OFFERED[:1])
    assert files.read() == {"%s is missing.": "%s ontbreekt."}
    assert "#~" not in files.dutch.read_text()


def test_a_translation_survives_another_indentation_of_its_view(files):
    indented = ("Create\n        Labels", OFFERED[1][1])
    files.run(terms=[OFFERED[0], indented])
    assert files.read()[indented[0]] == "Labels maken"


def test_a_translation_follows_its_term_to_another_place(files):
    files.run(terms=[("%s is missing.", "code:addons/shop/models/moved.py")])
    assert files.read() == {"%s is missing.": "%s ontbreekt."}
    assert "models/moved.py" in files.dutch.read_text()


def test_a_translators_remark_is_kept(files):
    catalog = polib.pofile(str(files.dutch))
    catalog[0].tcomment = "As in Seller Central."
    files.dutch.write_text(str(catalog), encoding="utf-8")
    files.run()
    assert "# As in Seller Central." in files.dutch.read_text()


def test_the_check_accepts_complete_files_and_changes_none(files, capsys):
    before = files.template.read_text(), files.dutch.read_text()
    assert files.run("--check") == 0
    assert capsys.readouterr().out == ""
    assert (files.template.read_text(), files.dutch.read_text()) == before


@pytest.mark.parametrize(
    "terms",
    [OFFERED[:1], [*OFFERED, ("Stop", "code:addons/shop/models/run.py")]],
    ids=["gone", "new"],
)
def test_the_check_names_a_template_that_is_outdated(files, terms, capsys):
    before = files.template.read_text()
    assert files.run("--check", terms=terms) == 1
    assert "shop.pot: outdated: run ./dev i18n" in capsys.readouterr().out
    assert files.template.read_text() == before


def test_the_check_names_a_language_that_lags_behind_the_template(files):
    template = catalogs.make_template(make_export(OFFERED[:2]))
    files.template.write_text(str(template), encoding="utf-8")
    assert catalogs.check(files.folder) == ["nl.po: not up to date: run ./dev i18n"]


def test_the_check_names_terms_without_translation(files, capsys):
    files.translate({**DUTCH, "%s is missing.": ""})
    assert files.run("--check") == 1
    assert capsys.readouterr().out == "nl.po: not translated: '%s is missing.'\n"


@pytest.mark.parametrize(
    "source, translated",
    [
        ("%s is missing.", "Dit ontbreekt."),
        ("%s is missing.", "%d ontbreekt."),
        ("%s is missing.", "%s en %s ontbreken."),
        ("<b>Orders</b> &gt; New", "<i>Orders</i> &gt; Nieuw"),
        ("<b>Orders</b> &gt; New", "<b>Orders &gt; Nieuw"),
        ("<b>Orders</b> &gt; New", "<b>Orders</b> > Nieuw"),
    ],
)
def test_the_check_names_changed_placeholders_and_tags(
    files, source, translated, capsys
):
    files.translate({**DUTCH, source: translated})
    assert files.run("--check") == 1
    expected = f"nl.po: other placeholders or tags: {source!r}\n"
    assert capsys.readouterr().out == expected


def test_named_placeholders_may_change_places_but_not_names(tmp_path):
    term = ("%(file)s: %(reason)s", "code:addons/shop/models/order.py")
    files = Files(tmp_path)
    files.dutch.touch()
    files.run(terms=[term])
    files.translate({term[0]: "%(reason)s in %(file)s"})
    assert files.run("--check", terms=[term]) == 0
    files.translate({term[0]: "%(reden)s in %(file)s"})
    assert files.run("--check", terms=[term]) == 1


def test_the_committed_languages_are_complete():
    assert translations.FOLDER.joinpath(f"{ADDON}.pot").is_file()
    assert translations.FOLDER.joinpath("nl.po").is_file()
    assert catalogs.check(translations.FOLDER) == []


@pytest.mark.parametrize("terms, code", [(None, 0), (OFFERED, 1)])
def test_the_command_ends_as_the_check_of_the_committed_files_does(
    monkeypatch, terms, code
):
    def export(_ready, path):
        committed = translations.FOLDER / f"{ADDON}.pot"
        path.write_text(make_export(terms) if terms else committed.read_text())
        return path

    monkeypatch.setattr(translations, "_export", export)
    ready = SimpleNamespace(call=subprocess.call)
    assert translations.run(ready, check=True) == code

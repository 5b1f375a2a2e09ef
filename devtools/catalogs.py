"""Translation files of the addon: kept in step with its texts, and checked.

python -m devtools.catalogs EXPORTED FOLDER [--check]

Runs in the environment, because polib is one of Odoo's own requirements.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import polib

WIDTH = 78
HEADER = "Translation of Odoo Server."
# What a translation keeps as it is: placeholders, tags and escaped characters.
FIXED_PART = re.compile(r"%\(\w+\)[a-z]|%[a-z]|</?\w+|&#?\w+;")
ADVICE = "run ./dev i18n"


def main(arguments):
    """Update the files of a folder, or check them; returns the exit code."""
    exported, folder, *options = arguments
    template = make_template(Path(exported).read_text(encoding="utf-8"))
    path = _template_path(Path(folder))
    if "--check" in options:
        complaints = [*_stale(path, template), *check(Path(folder), template)]
        print(*complaints, sep="\n", end="\n" if complaints else "")
        return 1 if complaints else 0
    _write(path, template)
    for catalog_path in _catalog_paths(path.parent):
        catalog = update(catalog_path, template)
        _write(catalog_path, catalog)
        print(f"{catalog_path.name}: {_summary(catalog)}")
    return 0


def make_template(exported):
    """Odoo's export without what changes from run to run and from machine to machine.

    :param str exported: text of a .pot file of Odoo
    :rtype: polib.POFile
    """
    return _collect(polib.pofile(exported), {}, language="")


def update(path, template):
    """A translation file with exactly the terms of a template, in its order.

    Terms are the same when they differ only in white space, as after a change of a
    view's indentation. New ones are empty, those that are gone are left out.

    :param Path path: LANGUAGE.po; an empty file begins a new language
    :rtype: polib.POFile
    """
    known = {_fold(entry.msgid): entry for entry in _read(path) if not entry.obsolete}
    return _collect(template, known, language=path.stem)


def check(folder, template=None):
    """Complaints about all translation files of a folder, each one line.

    :param template: by default the one in the folder
    :rtype: list[str]
    """
    template = template or _read(_template_path(folder))
    return [
        f"{path.name}: {complaint}"
        for path in _catalog_paths(folder)
        for complaint in _check_catalog(path, template)
    ]


def _check_catalog(path, template):
    catalog = update(path, template)
    complaints = [] if _is_written(path, catalog) else [f"not up to date: {ADVICE}"]
    for entry in catalog:
        if not entry.msgstr:
            complaints.append(f"not translated: {entry.msgid!r}")
        elif _fixed_parts(entry.msgid) != _fixed_parts(entry.msgstr):
            complaints.append(f"other placeholders or tags: {entry.msgid!r}")
    return complaints


def _stale(path, template):
    return [] if _is_written(path, template) else [f"{path.name}: outdated: {ADVICE}"]


def _collect(source, known, language):
    """A file with the terms of a source and the translations that are known."""
    collected = polib.POFile(wrapwidth=WIDTH)
    collected.header = HEADER
    collected.metadata = {
        "Project-Id-Version": "Odoo Server 19.0",
        **({"Language": language} if language else {}),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    for entry in source:
        translated = known.get(_fold(entry.msgid))
        collected.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=translated.msgstr if translated else "",
                comment=entry.comment,
                tcomment=translated.tcomment if translated else "",
                occurrences=entry.occurrences,
            )
        )
    return collected


def _summary(catalog):
    missing = [entry.msgid for entry in catalog if not entry.msgstr]
    lines = [f"{len(catalog)} terms, {len(missing)} without translation", *missing]
    return "\n    ".join(" ".join(line.split()) for line in lines)


def _template_path(folder):
    return folder / f"{folder.resolve().parent.name}.pot"


def _catalog_paths(folder):
    return sorted(folder.glob("*.po"))


def _read(path):
    return polib.pofile(path.read_text(encoding="utf-8"))


def _is_written(path, catalog):
    return path.is_file() and path.read_text(encoding="utf-8") == str(catalog)


def _write(path, catalog):
    path.write_text(str(catalog), encoding="utf-8")


def _fold(text):
    return " ".join(text.split())


def _fixed_parts(text):
    return Counter(FIXED_PART.findall(text))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

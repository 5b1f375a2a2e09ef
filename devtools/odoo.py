"""Odoo 19 Community: Debian's package unpacked into `.dev/odoo`, or ODOO_HOME."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from . import steps
from .debian import Apt, mirror, unpack
from .errors import SetupError
from .paths import DEV

HOME = DEV / "odoo"
PACKAGES = (
    "odoo-19/sid",
    # Its static files are relative links into these.
    "libjs-jquery/sid",
    "libjs-jquery-form/sid",
    "libjs-underscore/sid",
    "fonts-montserrat/sid",
    "fonts-roboto-unhinted/sid",
    "fonts-inconsolata/sid",
    "fonts-ocr-b/sid",
    "fonts-glyphicons-halflings/sid",
    "fonts-dejavu-core/sid",
    "gsfonts/sid",
    # Font Awesome 7 in sid has other file names.
    "fonts-font-awesome/bookworm",
)
DEBIAN_PYTHON = Path("usr/lib/python3/dist-packages")
# Debian leaves this one out; without it every page in a browser logs an error.
LEFT_OUT = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
# Translations are half of it: German, Spanish, French, Italian and Dutch ones stay.
LANGUAGES = tuple(
    f"*/i18n/{name}.po"
    for name in ("[!defin]*", "d[!e]*", "e[!s]*", "f[!r]*", "i[!t]*", "n[!l]*")
)
# Halves of the addons and build files, of no use and in the way of the whole ones.
LEFT_OVER = ("addons", "doc", "setup")
SERIES = (19, 0)


@dataclass(frozen=True)
class Odoo:
    """An Odoo to run: `path` for Python, `script` to start, `version` for stamps."""

    path: Path
    script: Path
    version: str


def get(environ=os.environ):
    """The Odoo of ODOO_HOME, else Debian's, fetched when it is not there yet."""
    if environ.get("ODOO_HOME"):
        return _inspect(Path(environ["ODOO_HOME"]).expanduser().resolve())
    steps.ensure(
        "odoo",
        steps.digest(*PACKAGES, LEFT_OUT, *LANGUAGES),
        _fetch,
        product=HOME,
        title="Odoo 19: download and unpack (125 MB)",
    )
    return _inspect(HOME)


def _fetch():
    archive = mirror()
    sources = [
        type(archive)(
            archive.uri, (suite,), ("main",), archive.signed_by, archive.trusted
        )
        for suite in ("sid", "bookworm")
    ]
    with steps.fresh_folder(DEV / "cache" / "odoo-packages") as packages:
        Apt("odoo", sources).download(PACKAGES, packages)
        with steps.fresh_folder(HOME) as root:
            unpack(packages, root, LANGUAGES)
            python = root / DEBIAN_PYTHON
            for name in LEFT_OVER:
                steps.remove(python / name)
            left_out = python / LEFT_OUT
            left_out.parent.mkdir(parents=True, exist_ok=True)
            left_out.touch()
    steps.remove(DEV / "cache" / "odoo-packages")


def _inspect(home):
    for path, script in (
        (home, home / "odoo-bin"),
        (home / DEBIAN_PYTHON, home / "usr" / "bin" / "odoo"),
    ):
        release = path / "odoo" / "release.py"
        if release.is_file() and script.is_file():
            return Odoo(path, script, f"{home} {_version(home, release)}")
    raise SetupError(f"{home} is no Odoo: set ODOO_HOME to a checkout of Odoo 19.")


def _version(home, release):
    found = re.search(
        r"^version_info = \((\d+), (\d+), (.*)\)",
        release.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    if not found or (int(found[1]), int(found[2])) != SERIES:
        raise SetupError(
            f"{home} is not Odoo 19.0: set ODOO_HOME to a checkout of Odoo 19.0."
        )
    head = home / ".git" / "HEAD"
    return f"{found[0]} {head.read_text().strip() if head.is_file() else ''}"

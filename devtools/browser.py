"""A Chromium for the browser tests, as `.dev/bin/chromium`.

It is the one of CHROMIUM or ODOO_BROWSER_BIN, else one on the PATH, else the machine's
own Debian package, unpacked with whatever of its dependencies is not installed.
"""

import os
import shlex
import shutil
import tempfile
from pathlib import Path

from . import steps
from .debian import Apt, debian_sources, read_sources, unpack
from .errors import SetupError
from .paths import BIN, DEV
from .programs import run

HOME = DEV / "chromium"
COMMAND = BIN / "chromium"
# Odoo's test framework takes the first of these names that is on the PATH.
OTHER_NAME = BIN / "google-chrome"
NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
VARIABLES = ("CHROMIUM", "ODOO_BROWSER_BIN")
PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-liberation")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{home}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{home}/fonts-cache</cachedir>
  <alias binding="same">
    <family>Arial</family><prefer><family>Liberation Sans</family></prefer>
  </alias>
  <alias>
    <family>sans-serif</family><prefer><family>Liberation Sans</family></prefer>
  </alias>
  <alias>
    <family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer>
  </alias>
</fontconfig>
"""
WORDS = "It speaks."
ADVICE = (
    "The browser tests need a Chromium that runs without a screen: install one and set "
    "CHROMIUM to its path."
)


def get(environ=os.environ):
    """Make `.dev/bin/chromium` unless it is there."""
    present = find(environ)
    steps.ensure(
        "chromium",
        steps.digest(present, HOME, *PACKAGES, FONTS),
        lambda: _use(present) if present else _fetch(),
        product=COMMAND,
        title=f"Chromium: use {present}" if present else "Chromium: get it (100 MB)",
    )


def find(environ):
    """Path of the browser that the user names, or that is on the PATH; else ""."""
    for variable in VARIABLES:
        named = environ.get(variable)
        if named and Path(named) != COMMAND:
            if not shutil.which(named):
                raise SetupError(f"{variable} names no program: correct or unset it.")
            return named
    folders = [
        folder
        for folder in environ.get("PATH", "").split(os.pathsep)
        if Path(folder) != BIN
    ]
    for name in NAMES:
        found = shutil.which(name, path=os.pathsep.join(folders))
        if found:
            return found
    return ""


def _use(program, setting=""):
    """Write the command that runs a browser, and try it.

    Without its sandbox: that needs rights which containers and root lack, and the tests
    only show it pages of this machine.
    """
    text = f'#!/bin/sh\n{setting}exec {shlex.quote(program)} --no-sandbox "$@"\n'
    steps.write_whole(COMMAND, text)
    COMMAND.chmod(0o755)
    steps.remove(OTHER_NAME)
    OTHER_NAME.symlink_to(COMMAND.name)
    try:
        _try()
    except SetupError:
        COMMAND.unlink()
        raise


def _try():
    with tempfile.TemporaryDirectory() as profile:
        page = run(
            [
                *(COMMAND, "--headless", "--disable-gpu", "--disable-dev-shm-usage"),
                *(f"--user-data-dir={profile}", "--dump-dom"),
                f"data:text/html,<p>{WORDS}</p>",
            ],
            log="chromium",
            advice=ADVICE,
            timeout=60,
        )
    if WORDS not in page:
        raise SetupError(ADVICE)


def _fetch():
    sources = debian_sources(read_sources())
    if not sources:
        raise SetupError(ADVICE)
    apt = Apt("own", sources)
    with steps.fresh_folder(DEV / "cache" / "chromium-packages") as packages:
        apt.download(apt.missing(PACKAGES), packages)
        with steps.fresh_folder(HOME) as root:
            unpack(packages, root)
    steps.remove(DEV / "cache" / "chromium-packages")
    steps.write_whole(HOME / "fonts.conf", FONTS.format(home=HOME))
    _use(str(HOME / "usr/lib/chromium/chromium"), _setting())


def _setting():
    libraries = os.pathsep.join(map(str, library_folders(HOME)))
    return (
        f"export LD_LIBRARY_PATH={shlex.quote(libraries)}\n"
        f"export FONTCONFIG_FILE={shlex.quote(str(HOME / 'fonts.conf'))}\n"
        f"export XDG_CONFIG_HOME={shlex.quote(str(HOME / 'config'))}\n"
        f"export XDG_CACHE_HOME={shlex.quote(str(HOME / 'cache'))}\n"
    )


def library_folders(root):
    """The folders below `root` where the linker, or a RUNPATH, would look."""
    found = []
    for lib in (root / "usr" / "lib", root / "lib"):
        for multiarch in sorted(lib.glob("*-linux-gnu*")):
            folders = [multiarch, *sorted(filter(Path.is_dir, multiarch.iterdir()))]
            found += [folder for folder in folders if any(folder.glob("lib*.so*"))]
    return found

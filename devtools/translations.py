"""`./dev i18n`: the addon's texts, exported by Odoo, into its translation files."""

import tempfile
from pathlib import Path

from . import database, steps
from .paths import ADDON, ADDON_FOLDER, DEV, ROOT, VENV_PYTHON
from .programs import run as run_program

FOLDER = ADDON_FOLDER / "i18n"


def run(ready, *, check=False):
    """Update the template and all languages, or only check them; the exit code."""
    with tempfile.TemporaryDirectory(dir=DEV) as folder:
        exported = _export(ready, Path(folder) / f"{ADDON}.pot")
        code = ready.call(
            [
                *(VENV_PYTHON, "-m", "devtools.catalogs", exported, FOLDER),
                *(["--check"] if check else []),
            ],
            cwd=ROOT,
        )
    if check:
        steps.say("Translations: " + ("see above." if code else "all good."))
    return code


def _export(ready, path):
    # A copy: nobody can copy the template itself while something is connected to it.
    with database.temporary(ready, "i18n") as name:
        run_program(
            ready.odoo_command("i18n", "export", "-d", name, "-o", path, ADDON),
            log="i18n-export",
            advice="Odoo could not export the addon's texts: mend the addon.",
            env=ready.variables(),
        )
    return path

"""`./dev screenshots`: the pictures of the documentation, taken by the browser tests.

They show what the tests saw, so that no picture can show what is not there any more.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from . import testing
from .errors import SetupError
from .paths import ADDON_FOLDER, DEV, ROOT

TAKEN = DEV / "screenshots"
IMAGES = ROOT / "docs/images"
PAGE = ADDON_FOLDER / "static/description"
# By the test that takes them, the names of the pictures.
PICTURES = {
    "tests/system/test_back_office_screens.py": (
        "overview",
        "inventory-overview",
        "shipment-pivot",
    ),
    "tests/system/test_consent_screens.py": ("consent-explained", "consent-connected"),
    "tests/system/test_shop_screens.py": ("shops-kanban", "keys"),
    "tests/system/test_import_screens.py": ("import-dialog", "import-check-problems"),
    "tests/system/test_uncertain_address.py": ("uncertain-address",),
    "tests/system/test_sku_screens.py": ("skus-to-match",),
    "tests/system/test_shipping_rule_screens.py": (
        "shipping-rule",
        "delivery-by-rule",
        "day-list",
    ),
    "tests/system/test_delivery_screens.py": ("merge", "scan-labelled"),
    "tests/system/test_erasure_screens.py": ("erasure-dialog", "audit-trail"),
    "tests/system/test_gls_screens.py": ("gls-account", "gls-parcel-unclear"),
    "tests/system/test_main_job.py": (
        "delivery-list",
        "label-run-problems",
        "label-run",
        "delivery-list-done",
        "delivery-labelled",
        "parcels",
        "settings-myparcel",
        "confirmations",
        "print-labels",
    ),
}
# Those of the addon's page in Odoo's Apps, which has them beside it.
ON_PAGE = ("overview", "import-check-problems", "label-run", "delivery-list-done")


def run(ready):
    """Run the tests that take the pictures, and keep these; the exit code."""
    for name in _names():
        (TAKEN / f"{name}.png").unlink(missing_ok=True)
    code = testing.run(ready, [*PICTURES, "-q"])
    return code or keep(TAKEN, IMAGES, _names()) or keep(TAKEN, PAGE, ON_PAGE)


def keep(taken: Path, images: Path, names: Iterable[str]):
    """Copy the pictures of these names from one folder to another; returns 0.

    Raises SetupError when one was not taken.
    """
    missing = [name for name in names if not (taken / f"{name}.png").is_file()]
    if missing:
        raise SetupError(f"No test took these pictures: {', '.join(missing)}.")
    images.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(taken / f"{name}.png", images / f"{name}.png")
    return 0


def _names():
    return [name for names in PICTURES.values() for name in names]

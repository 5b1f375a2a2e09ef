"""Makes the addon's plain layers importable without Odoo: ``amazon``, ``carriers``."""

import importlib.util
import sys
from pathlib import Path

ADDON = Path(__file__).parents[2] / "amazon_carrier_connector"
NAMES = ("amazon", "carriers")


def register() -> None:
    """Import them as top-level packages, without importing the addon."""
    for name in NAMES:
        if name not in sys.modules:
            _register(name)


def _register(name: str) -> None:
    folder = ADDON / name
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)

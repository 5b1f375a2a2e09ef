"""Makes the addon's plain layers importable without Odoo: ``amazon``, ``carriers``."""

import importlib.util
import sys
from pathlib import Path

ADDON = Path(__file__).parents[2] / "amazon_carrier_connector"
NAMES = ("amazon", "carriers")
MODULES = ("key_ring",)


def register() -> None:
    """Import them as top-level packages, without importing the addon."""
    for name in NAMES:
        if name not in sys.modules:
            _register(name)
    for name in MODULES:
        if name not in sys.modules:
            _load(name, ADDON / f"{name}.py")


def _register(name: str) -> None:
    folder = ADDON / name
    _load(name, folder / "__init__.py", submodule_search_locations=[str(folder)])


def _load(name: str, path: Path, **options) -> None:
    spec = importlib.util.spec_from_file_location(name, path, **options)
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])

"""Where things lie in the checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".dev"
ADDON = "amazon_carrier_connector"
ADDON_FOLDER = ROOT / ADDON
LOGS = DEV / "logs"
BIN = DEV / "bin"
VENV = DEV / "venv"
VENV_PYTHON = VENV / "bin" / "python"

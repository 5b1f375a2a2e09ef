"""Checks of request bodies against JSON schemas.

The official and derived contracts are read from the folder that the environment
variable ``CONTRACTS_DIR`` names. Where it is absent every service still checks its own
small schema of essentials, through the same door.
"""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass
from pathlib import Path

import yaml
from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker

AMAZON_MODELS = {
    "orders": "ordersV0.json",
    "orders-2026": "orders_2026-01-01.json",
    "reports": "reports_2021-06-30.json",
    "tokens": "tokens_2021-03-01.json",
    "sellers": "sellers.json",
}


@dataclass(frozen=True)
class Misfit:
    """One place where a body does not fit: ``path`` are keys and list positions."""

    path: tuple
    rule: str
    message: str

    @property
    def dotted(self) -> str:
        text = ""
        for step in self.path:
            text += f"[{step}]" if isinstance(step, int) else f".{step}"
        return text.lstrip(".")


def misfits(schema: dict, body, validator=Draft202012Validator) -> list[Misfit]:
    checker = validator(schema, format_checker=FormatChecker())
    found = (misfit for error in checker.iter_errors(body) for misfit in _read(error))
    return list(dict.fromkeys(found))


def _read(error):
    path = tuple(error.absolute_path)
    if error.validator != "required":
        return [Misfit(path, str(error.validator), error.message)]
    missing = [key for key in error.validator_value if key not in error.instance]
    return [Misfit((*path, key), "required", f"{key} is required") for key in missing]


class Contracts:
    """The contracts of one folder, or none.

    ``check(name, body)`` gives the misfits. Names: ``myparcel/<file stem>``,
    ``gls/<schema>``, ``<key of AMAZON_MODELS>/<definition>``.
    """

    def __init__(self, folder: str | os.PathLike | None):
        self._folder = Path(folder) if folder else None
        self._schema = functools.lru_cache(maxsize=None)(self._read_schema)

    @classmethod
    def from_environment(cls) -> Contracts:
        return cls(os.environ.get("CONTRACTS_DIR"))

    @property
    def present(self) -> bool:
        return self._folder is not None

    def check(self, name: str, body) -> list[Misfit]:
        if not name or not self.present:
            return []
        schema, validator = self._schema(name)
        return misfits(schema, body, validator)

    def _read_schema(self, name: str):
        family, _, part = name.partition("/")
        if family == "myparcel":
            path = self._folder / "myparcel" / f"{part}.schema.json"
            return json.loads(path.read_text("utf-8")), Draft202012Validator
        if family == "gls":
            spec = self._model("gls-nl/label_api.openapi.yaml")
            reference = f"#/components/schemas/{part}"
            schema = {"$ref": reference, "components": spec["components"]}
            return _without_formats(schema, {"date-time"}), Draft4Validator
        model = self._model(f"amazon/{AMAZON_MODELS[family]}")
        definitions = model["definitions"]
        schema = {"$ref": f"#/definitions/{part}", "definitions": definitions}
        return schema, Draft4Validator

    def _model(self, relative: str):
        # YAML is a superset of JSON, but its reader is slow on large models.
        text = (self._folder / relative).read_text("utf-8")
        return json.loads(text) if relative.endswith(".json") else yaml.safe_load(text)


def _without_formats(schema, formats: set):
    """GLS's ``date-time`` fields are sent as plain dates by its own plugins."""
    if isinstance(schema, dict):
        return {
            key: _without_formats(value, formats)
            for key, value in schema.items()
            if not (key == "format" and value in formats)
        }
    if isinstance(schema, list):
        return [_without_formats(value, formats) for value in schema]
    return schema

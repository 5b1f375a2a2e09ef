"""One user's session with Odoo, over the routes that the web client uses."""

from __future__ import annotations

import itertools
from pathlib import Path

import requests


class OdooError(Exception):
    """What Odoo answered instead; ``name`` is the class of its exception."""

    def __init__(self, name: str, message: str):
        super().__init__(f"{name}: {message}")
        self.name, self.message = name, message


class OdooClient:
    """Logs in and calls methods; every call is a request and a transaction."""

    def __init__(self, url: str, database: str, login: str, password: str):
        """Raises OdooError when Odoo does not know the user."""
        self.url, self.database, self.login = url, database, login
        self._session = requests.Session()
        self._session.trust_env = False
        self._ids = itertools.count(1)
        told = self._ask(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password},
        )
        self.context = {
            **told["user_context"],
            "allowed_company_ids": [told["user_companies"]["current_company"]],
        }
        self.user_id = told["uid"]

    def call(self, model: str, method: str, *arguments, **options):
        """Call a method; ``context`` adds to the user's own. Raises OdooError."""
        return self._call("call_kw", model, method, arguments, options)

    def press(self, model: str, record_id: int, method: str, **context):
        """Press a button of a form: the action that Odoo answers, or False."""
        options = {"context": context}
        return self._call("call_button", model, method, ([record_id],), options)

    def read(self, model: str, ids, *fields: str):
        """One dictionary for an id, a list of them for ids, in their order."""
        if isinstance(ids, int):
            return self.call(model, "read", [ids], fields, load=None)[0]
        return self.call(model, "read", list(ids), fields, load=None)

    def search(self, model: str, domain: list, **options) -> list[int]:
        return self.call(model, "search", domain, **options)

    def count(self, model: str, domain: list | None = None) -> int:
        return self.call(model, "search_count", domain or [])

    def create(self, model: str, *values: dict) -> list[int]:
        return self.call(model, "create", list(values))

    def write(self, model: str, ids, **values) -> None:
        self.call(model, "write", [ids] if isinstance(ids, int) else ids, values)

    def ref(self, xml_id: str) -> int:
        """The id of a record by its external id; for administrators."""
        module, name = xml_id.split(".")
        found = self.call(
            "ir.model.data",
            "search_read",
            [("module", "=", module), ("name", "=", name)],
            ["res_id"],
        )
        return found[0]["res_id"]

    def download(self, path: str) -> bytes:
        answer = self._session.get(self.url + path, timeout=120)
        answer.raise_for_status()
        return answer.content

    def save(self, path: str, file: Path) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.download(path))
        return file

    def _call(self, route, model, method, arguments, options):
        context = {**self.context, **options.pop("context", {})}
        return self._ask(
            f"/web/dataset/{route}/{model}/{method}",
            {
                "model": model,
                "method": method,
                "args": list(arguments),
                "kwargs": {**options, "context": context},
            },
        )

    def _ask(self, path: str, parameters: dict):
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "id": next(self._ids),
            "params": parameters,
        }
        answer = self._session.post(self.url + path, json=body, timeout=300)
        answer.raise_for_status()
        told = answer.json()
        if "error" in told:
            data = told["error"]["data"]
            raise OdooError(data["name"], data["message"])
        return told.get("result")  # left out for None

"""How both interfaces of GLS are asked: JSON by POST, the login in every body."""

from __future__ import annotations

import json
from collections.abc import Mapping

from .transport import Answer, Transport

_JSON = {"Accept": "application/json", "Content-Type": "application/json"}


class Door:
    """``login`` are the fields of the body that hold it: the two spell them apart."""

    def __init__(
        self,
        base_url: str,
        login: Mapping[str, str],
        subscription_key: str,
        timeout: tuple[float, float],
    ) -> None:
        self._login = dict(login)
        key = {"Ocp-Apim-Subscription-Key": subscription_key}
        self._transport = Transport(
            base_url,
            headers={**_JSON, **(key if subscription_key else {})},
            timeout=timeout,
        )

    def ask(self, target: str, fields: Mapping[str, object]) -> Answer:
        """The answer to one call, which is not repeated."""
        body = json.dumps({**self._login, **fields}).encode()
        return self._transport.request("POST", target, body=body)

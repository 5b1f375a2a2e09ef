"""Webhooks of MyParcel: subscriptions, and the calls that they bring about."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from .server import Operation, answer_json

HOOKS = ("shipment_status_change", "shipment_label_created", "order_status_change")
LOOPBACK = ("127.0.0.1", "localhost")
ESSENTIALS = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {
            "type": "object",
            "required": ["webhook_subscriptions"],
            "properties": {
                "webhook_subscriptions": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["hook", "url"],
                        "properties": {
                            "hook": {"enum": list(HOOKS)},
                            "url": {"type": "string"},
                        },
                    },
                }
            },
        }
    },
}
PATH = "/webhook_subscriptions"
HOOK_OPERATIONS = (
    Operation(f"POST {PATH}", "POST", PATH, "subscribe", None, ESSENTIALS),
    Operation(f"GET {PATH}", "GET", PATH, "read_subscriptions"),
    Operation(f"DELETE {PATH}", "DELETE", f"{PATH}/<int:ref>", "unsubscribe"),
)
HOOK_RATES = {
    f"POST {PATH}": (30, 300),
    f"GET {PATH}": (150, 300),
    f"DELETE {PATH}": (30, 300),
}


@dataclass(frozen=True)
class HookCall:
    """What MyParcel sends to a subscriber: POST, unsigned."""

    url: str
    headers: dict
    body: bytes


class Hooks:
    """``subscriptions`` by id; of each hook a shop has one, and of each key a shop."""

    def subscribe(self, call) -> Response:
        made = []
        for asked in call.data["data"]["webhook_subscriptions"]:
            parts = urlsplit(asked["url"])
            if parts.scheme != "https" and parts.hostname not in LOOPBACK:
                self.violate(call, "only https is called", asked["url"])
                self._refuse(call, 422, 10002, "url must be https")
            for ref, known in list(self.subscriptions.items()):
                same_shop = self.subscribed_by[ref] == self.key_of(call)
                if known["hook"] == asked["hook"] and same_shop:
                    del self.subscriptions[ref]
            ref = next(self._serial)
            self.subscriptions[ref] = dict(asked)
            self.subscribed_by[ref] = self.key_of(call)
            made.append({"id": ref})
        return answer_json({"data": {"ids": made}})

    def read_subscriptions(self, call) -> Response:
        found = [{"id": ref, **known} for ref, known in self.subscriptions.items()]
        return answer_json({"data": {"webhook_subscriptions": found}})

    def unsubscribe(self, call, ref) -> Response:
        is_ours = self.subscribed_by.get(ref) == self.key_of(call)
        if not is_ours or self.subscriptions.pop(ref, None) is None:
            self._refuse(call, 404, 10001, "No such subscription")
        return Response(status=204)

    def hook_calls(self, shipment, key="") -> list[HookCall]:
        """What a change of this shipment's status makes MyParcel send.

        ``key`` is that of the shipment's shop, the usual one by default.
        """
        key = key or self.api_key
        told = {
            "shipment_id": shipment.id,
            "account_id": 10001,
            "shop_id": 20001,
            "order_id": None,
            "status": shipment.status,
            "barcode": shipment.barcode,
            "shipment_reference_identifier": shipment.reference,
        }
        encoded = base64.b64encode(key.encode()).decode()
        return [
            HookCall(
                known["url"].lower(),
                {
                    "Content-Type": "application/json;charset=utf-8",
                    "X-MyParcel-Hook": known["hook"],
                    "X-MyParcel-HookId": str(ref),
                    "X-MyParcel-Authorization": encoded,
                },
                json.dumps({"data": {"hooks": [told]}}).encode(),
            )
            for ref, known in self.subscriptions.items()
            if known["hook"] == HOOKS[0]
            and shipment.status != 1
            and self.subscribed_by[ref] == key
        ]

"""The way in for tests in another process: ``/__standin__/...`` on every server."""

from __future__ import annotations

import json
from dataclasses import asdict

from werkzeug.wrappers import Request, Response

PREFIX = "/__standin__/"


def answer(service, request: Request) -> Response | None:
    """None for a path that is not under the prefix."""
    if not request.path.startswith(PREFIX):
        return None
    part = request.path[len(PREFIX) :].strip("/")
    act = {**ROUTES, **service.controls()}.get((request.method, part))
    if act is None:
        return Response(status=404)
    try:
        result = act(service, request)
    except (KeyError, TypeError, ValueError) as error:
        return _json({"error": str(error)}, 400)
    return _json({} if result is None else result)


def _json(data, status=200) -> Response:
    body = json.dumps(data, ensure_ascii=False, default=str)
    return Response(body, status, content_type="application/json")


def _counts(service, request):
    if not request.args:
        return service.counts()
    arguments = request.args.to_dict()
    if "status" in arguments:
        arguments["status"] = int(arguments["status"])
    return {"count": service.count(**arguments)}


def _references(service, request):
    return service.references(request.args.get("operation", "*"))


def _add_fault(service, request):
    return service.faults.add(**request.get_json()).describe()


def _settings(service, request):
    changes = request.get_json()
    unknown = set(changes) - set(service.settings)
    if unknown:
        raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
    for name, value in changes.items():
        setattr(service, name, value)


ROUTES = {
    ("GET", "state"): lambda service, request: service.state(),
    ("GET", "counts"): _counts,
    ("GET", "references"): _references,
    ("GET", "calls"): lambda service, _: [call.describe() for call in service.calls],
    ("GET", "violations"): lambda service, _: [asdict(v) for v in service.violations],
    ("GET", "faults"): lambda service, _: service.faults.describe(),
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): lambda service, _: service.faults.clear(),
    ("POST", "settings"): _settings,
    ("POST", "clock"): lambda service, request: service.clock.advance(
        request.get_json()["seconds"]
    ),
    ("POST", "reset"): lambda service, _: service.reset(),
}

"""MyParcel's refusals, in its three forms, as problems of the parcels that were sent.

The forms (the manual's section 2, and answers seen by MyParcel's own plugins):

* flat: ``errors: [{code, message}]``;
* keyed by code: ``errors: [{"3705": {fields: ["data.shipments[0].…"], human: […]}}]``;
* problem details, RFC 9457: ``errors: [{type, title, detail, instance}]`` where
  ``instance`` is a JSON pointer such as ``/data/shipments/0/recipient/postal_code``.

The index in a field or pointer is the index in the request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from .errors import Problem
from .myparcel_payload import our_name
from .texts import text_of

_SHIPMENT = re.compile(r"shipments[\[./]{1,2}(\d{1,4})\]?[./]?(.*)", re.DOTALL)
_SEPARATORS = re.compile(r"[\[\]./]+")
_CODE = re.compile(r"\d{3,6}")


def read_problems(
    body: object, references: Sequence[str], status: int
) -> tuple[Problem, ...]:
    """All problems in the decoded ``body`` of an answer, at least one.

    ``references`` are those of the request, in its order. Whatever the body is,
    nothing is raised.
    """
    envelope = body if isinstance(body, dict) else {}
    found = tuple(
        _problem(code, place, message, references)
        for error in _entries(envelope.get("errors"))
        for code, place, message in _read_error(error)
    )
    if found:
        return found
    code = (
        _slug(envelope.get("type")) or text_of(envelope.get("code")) or f"http_{status}"
    )
    return (Problem(None, "", code, _sentence(envelope)),)


def payment_url(body: object) -> str | None:
    """The address where a prepaid account pays; None when ``body`` asks no payment.

    "" when a payment is asked without a usable address.
    """
    for instructions in _values(body, "payment_instructions"):
        for url in _values(instructions, "payment_url"):
            text = text_of(url)
            if _scheme(text) in ("https", "http"):
                return text
        return ""
    return None


def _entries(errors: object) -> Iterator[object]:
    if isinstance(errors, Mapping):
        for key, value in errors.items():
            yield {key: value} if _CODE.fullmatch(str(key)) else value
    elif isinstance(errors, list):
        yield from errors


def _read_error(error: object) -> Iterator[tuple[str, str, str]]:
    """Code, place and message of each fault in one entry of ``errors``."""
    if isinstance(error, str):
        yield "", "", error
        return
    if not isinstance(error, Mapping):
        return
    keyed = {
        code: value
        for code, value in error.items()
        if _CODE.fullmatch(text_of(code)) and isinstance(value, Mapping)
    }
    if keyed:
        for code, value in keyed.items():
            yield from _read_fields(text_of(code), value)
        return
    code = _slug(error.get("type")) or text_of(error.get("code"))
    if error.get("fields"):
        yield from _read_fields(code, error)
    else:
        yield code, text_of(error.get("instance")), _sentence(error)


def _read_fields(code: str, value: Mapping) -> Iterator[tuple[str, str, str]]:
    fields = [text_of(place) for place in _list(value.get("fields"))]
    humans = [text_of(human) for human in _list(value.get("human"))]
    whole = "; ".join(humans) or _sentence(value)
    paired = len(fields) == len(humans)
    for position, place in enumerate(fields or [""]):
        yield code, place, humans[position] if paired and fields else whole


def _problem(code: str, place: str, message: str, references: Sequence[str]) -> Problem:
    match = _SHIPMENT.search(place)
    if match is None:
        return Problem(None, our_name(_dotted(place)), code or "refused", message)
    index = int(match[1])
    reference = references[index] if index < len(references) else None
    return Problem(reference, our_name(_dotted(match[2])), code or "refused", message)


def _dotted(place: str) -> str:
    return _SEPARATORS.sub(".", place).strip(".").removeprefix("data.")


def _sentence(value: Mapping) -> str:
    for key in ("detail", "message", "title"):
        if text := text_of(value.get(key)):
            return text
    return ""


def _slug(kind: object) -> str:
    text = text_of(kind)
    return "" if text == "about:blank" else re.split(r"[:/]", text)[-1]


def _list(value: object) -> list:
    return value if isinstance(value, list) else [value] if value else []


def _values(tree: object, key: str, depth: int = 6) -> Iterator[object]:
    """Every value under ``key`` in a JSON tree: the envelope is not documented."""
    if not depth:
        return
    if isinstance(tree, Mapping):
        if key in tree:
            yield tree[key]
        branches = list(tree.values())
    else:
        branches = tree if isinstance(tree, list) else []
    for branch in branches:
        yield from _values(branch, key, depth - 1)


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""

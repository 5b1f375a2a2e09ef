"""GLS's answers: what is a success, and what kind of failure is not.

One envelope serves both: ``error``, ``status``, ``message`` and ``errors``, a map of
fields to sentences. Some failures come with HTTP 200, so that the status of HTTP, that
of the envelope and ``error`` must all say yes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .errors import Problem, Refused, Throttled, Unclear
from .gls_options import OPTIONS
from .texts import text_of, value_at
from .transport import Answer, check_status, retry_after

_CODE = re.compile(r"\s*([A-Z][0-9]{3})\b\s*:?\s*")
_SECONDS = re.compile(r"(\d{1,6}) second")
_UNIT = re.compile(r"(?:^|\.)units[\[.](\d{1,4})\]?\.?(.*)")
_ADDRESSES = {"deliveryaddress": "recipient", "pickupaddress": "sender"}
_ADDRESS_FIELDS = {
    **dict.fromkeys(("name1", "name2", "name3", "contact"), "name"),
    "street": "street",
    "houseno": "number",
    "housenoext": "number_suffix",
    "zipcode": "postal_code",
    "city": "city",
    "countrycode": "country_code",
    "phone": "phone",
    "email": "email",
}
_OPTIONS = {name.lower(): name for name in OPTIONS}
_OTHER_FIELDS = {
    "unitid": "reference",
    "customerunitreference": "reference",
    "weight": "weight_grams",
    "reference": "order_ref",
    "shippingdate": "shipping_date",
    "customerno": "customer_no",
    "unitno": "unit_no",
}


def read_envelope(answer: Answer, references: Sequence[str] = ()) -> Mapping:
    """The decoded body of a success.

    ``references`` are those of the parcels that were asked for, in their order.
    Raises ``Unauthorized``, ``Throttled``, ``Refused`` and ``Unclear``.
    """
    body = answer.lenient_json()
    status = _inner_status(body) or answer.status
    for told in (answer.status, status):
        _check_status(answer, told, body)
    said_no = _says_error(body) or not (_is_good(answer.status) and _is_good(status))
    if said_no and _names_parcels(body):
        # A refusal that brings numbers: something may have been made.
        raise Unclear("incomplete")
    if not isinstance(body, Mapping) and not 400 <= answer.status < 500:
        raise Unclear("unreadable")
    if said_no:
        refused_by = status if not _is_good(status) else answer.status
        raise Refused(read_problems(body, references, refused_by))
    return body


def read_problems(
    body: object, references: Sequence[str], status: int
) -> tuple[Problem, ...]:
    """All problems of a refusal, at least one; whatever the body is."""
    envelope = body if isinstance(body, Mapping) else {}
    message = text_of(envelope.get("message"))
    code, sentence = _code_and_sentence(message)
    found = tuple(_field_problems(envelope.get("errors"), code, references))
    if found:
        return found
    return (Problem(_only(references), "", code or f"http_{status}", sentence),)


def _check_status(answer: Answer, status: int, body: object) -> None:
    try:
        check_status(replace(answer, status=status))
    except Throttled:
        # On the tracking host the seconds stand in the sentence.
        told = _SECONDS.search(text_of(value_at(body, "message")))
        seconds = float(told[1]) if told else None
        raise Throttled(retry_after(answer.headers) or seconds) from None
    if status == 424:
        # Declared and nowhere explained: what it depends on may have come after.
        raise Unclear("failed_dependency")


def _inner_status(body: object) -> int | None:
    """The envelope's status; GLS writes a number as text, other words are passed by."""
    for key in ("status", "statusCode"):
        text = text_of(value_at(body, key))
        if re.fullmatch("[1-5][0-9][0-9]", text, re.ASCII):
            return int(text)
    return None


def _is_good(status: int) -> bool:
    return 200 <= status < 300


def _says_error(body: object) -> bool:
    said = value_at(body, "error")
    return str(said).strip().lower() not in ("none", "false", "0", "")


def _names_parcels(body: object) -> bool:
    units = value_at(body, "units")
    entries = units if isinstance(units, list) else ()
    return any(text_of(value_at(unit, "unitNo")) for unit in entries)


def _field_problems(
    errors: object, code: str, references: Sequence[str]
) -> Iterator[Problem]:
    if not isinstance(errors, Mapping):
        return
    for place, sentences in errors.items():
        listed = sentences if isinstance(sentences, list) else [sentences]
        said = "; ".join(filter(None, map(text_of, listed)))
        own_code, sentence = _code_and_sentence(said)
        reference, field = _target(text_of(place), references)
        yield Problem(reference, field, own_code or code or "refused", sentence)


def _code_and_sentence(message: str) -> tuple[str, str]:
    match = _CODE.match(message)
    return (match[1], message[match.end() :]) if match else ("", message)


def _target(place: str, references: Sequence[str]) -> tuple[str | None, str]:
    """Whose field it is; the names were written with capitals once."""
    path = place.removeprefix("$.").lower()
    if match := _UNIT.search(path):
        index = int(match[1])
        reference = references[index] if index < len(references) else None
        return reference, our_name(match[2])
    return _only(references), our_name(path)


def _only(references: Sequence[str]) -> str | None:
    return references[0] if len(references) == 1 else None


def our_name(path: str) -> str:
    """Our name of a field in a request body; an unknown one as it is."""
    *owners, name = path.split(".")
    if name in _ADDRESS_FIELDS:
        owner = next((_ADDRESSES[key] for key in owners if key in _ADDRESSES), None)
        return f"{owner or 'recipient'}.{_ADDRESS_FIELDS[name]}"
    if "services" in owners:
        return f"options.{_OPTIONS.get(name, name)}"
    return _OTHER_FIELDS.get(name, path)

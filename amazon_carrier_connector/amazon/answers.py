"""What an HTTP answer of the Selling Partner API means.

Amazon's errors are ``{"errors": [{"code", "message", "details"}]}``; the gateways
before it answer in other shapes, in HTML or with nothing, so that only the status
can be relied on. Source: models/orders-api-model/ordersV0.json.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import isfinite

from .errors import (
    AmazonError,
    MissingRole,
    NotFound,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Unclear,
)

MAX_RETRY_AFTER = 24 * 3600.0
MAX_MESSAGE_CHARS = 500
# Why a confirmation was refused, by what Amazon's messages have in common; they have
# no codes of their own. Seen by users in the issues of Amazon's own repositories.
CAUSES = {
    "PackageToUpdateNotFound": "already_shipped",
    "already fulfilled": "already_shipped",
    "NonexistentOrderItem": "no_such_item",
    "InvalidPackageVersion": "edited_too_often",
    "Ship+": "ship_plus",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What Amazon documents of one operation.

    ``success`` is its one successful status, ``rate`` its published number of
    requests per second.
    """

    success: int
    rate: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its body as far as it came; ``whole`` if that is all of it.

    Names and ``json()`` are those that python-amazon-sp-api reads.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    whole: bool

    def json(self):
        # Not requests' own json(): it may raise simplejson's error, which the
        # library does not catch.
        return json.loads(self.content)


def request_id(headers: Mapping[str, str]) -> str:
    """Amazon's number of the request, "" when there is none."""
    value = headers.get("x-amzn-RequestId", "")
    return value if len(value) <= 128 and value.isprintable() else ""


def rate_limit(headers: Mapping[str, str]) -> float | None:
    """The present rate of the operation in requests per second, if told."""
    return _positive(headers.get("x-amzn-RateLimit-Limit", ""))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from either form of the Retry-After header."""
    value = headers.get("Retry-After", "")
    seconds = _positive(value) or _seconds_until(value)
    return seconds and min(seconds, MAX_RETRY_AFTER)


def error_of(answer: Answer, operation: Operation) -> AmazonError | None:
    """None for the documented success, else the error that the answer means."""
    status = answer.status_code
    if status == operation.success and answer.whole and _body_fits(answer):
        return None
    build = _ERRORS.get(status, _rejected if 400 <= status < 500 else _unclear)
    error = build(answer, _first_error(answer), operation)
    error.status, error.request_id = status, request_id(answer.headers)
    return error


def is_empty(answer: Answer) -> bool:
    """Whether a 204 is one: what has a body is no answer of Amazon's."""
    # http.client never reads that body: only its announcement can be seen.
    announced = answer.headers.get("Content-Length", "0").strip()
    return announced == "0" and "Transfer-Encoding" not in answer.headers


def _body_fits(answer: Answer) -> bool:
    """A 204 is empty, every other success an object without errors."""
    if answer.status_code == 204:
        return is_empty(answer)
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and not told.get("errors")


def _first_error(answer: Answer) -> Mapping[str, str] | None:
    """Amazon's first error, None when the body is not Amazon's list of errors."""
    try:
        first = answer.json()["errors"][0]
        texts = (first.get("code"), first.get("message"), first.get("details"))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    return dict(zip(("code", "message", "details"), map(_text, texts), strict=True))


def _text(value: object) -> str:
    text = value[:MAX_MESSAGE_CHARS] if isinstance(value, str) else ""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _rejected(answer, first, operation) -> AmazonError:
    if first is None:
        return Rejected(f"http_{answer.status_code}")
    message = f"{first['message']} {first['details']}".strip()
    cause = next((CAUSES[words] for words in CAUSES if words in message), "")
    code = first["code"] or f"http_{answer.status_code}"
    return Rejected(code, message, cause=cause)


def _token_refused(answer, first, operation) -> AmazonError:
    return Unauthorized("access_token")


def _forbidden(answer, first, operation) -> AmazonError:
    """A 403 is about the token, about a role, or no answer of the API at all."""
    if first is None:
        return Unauthorized("forbidden")
    if "token" in f"{first['message']} {first['details']}".lower():
        return Unauthorized("access_token")
    return MissingRole()


def _not_found(answer, first, operation) -> AmazonError:
    # Without Amazon's list it is the page of a proxy or of a wrong address.
    return Unavailable("http_404") if first is None else NotFound()


def _throttled(answer, first, operation) -> AmazonError:
    refill = 1 / (rate_limit(answer.headers) or operation.rate)
    return Throttled(retry_after(answer.headers) or min(refill, MAX_RETRY_AFTER))


def _unavailable(answer, first, operation) -> AmazonError:
    return Unavailable(
        f"http_{answer.status_code}", retry_after=retry_after(answer.headers) or 0.0
    )


def _unclear(answer, first, operation) -> AmazonError:
    return Unclear(f"http_{answer.status_code}")


# What is not here: other 4xx are refusals, everything else is unclear.
_ERRORS = {
    401: _token_refused,
    403: _forbidden,
    404: _not_found,
    407: _unavailable,
    408: _unavailable,
    429: _throttled,
    503: _unavailable,
}


def _positive(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and number > 0 else None


def _seconds_until(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return max(moment - time.time(), 0.0)

"""The one door to a carrier's HTTP interface.

Everything that must hold for every request stands here: encrypted unless the host is
this machine, both timeouts and a limit on the whole answer, no redirect to another
host, a limit on the size, nothing of keys, bodies and query strings in the log, and the
difference between "never left" (:class:`Unavailable`) and "nobody knows"
(:class:`Unclear`).
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import logging
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions

from .errors import CarrierError, Throttled, Unauthorized, Unavailable, Unclear

_logger = logging.getLogger(__name__)

_CHUNK_BYTES = 4 * 1024  # small: the time is looked at when a piece is whole
_REDIRECT_HOPS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LOGGED_PATH = 60
_LONGEST_REST = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one answer: decoded bytes, and seconds for the whole of its body."""

    bytes: int = 64 * 1024 * 1024
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (any case) and the whole decoded body."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> object:
        """The decoded body; :class:`Unclear` when it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            # The cause would carry the whole body.
            raise Unclear("unreadable") from None

    def lenient_json(self) -> object:
        """The decoded body, None for anything that is not JSON."""
        if self.body.lstrip()[:1] not in (b"{", b"["):
            return None
        try:
            return self.json()
        except Unclear:
            return None


class Transport:
    """Sends requests to one host; may be used by several threads at once."""

    def __init__(
        self,
        base_url: str,
        *,
        authorization: str = "",
        headers: Mapping[str, str],
        timeout: tuple[float, float],
        limits: Limits | None = None,
    ) -> None:
        """``timeout`` is (connect, read) in seconds; raises ``Unavailable("url")``.

        Without ``authorization`` no such header is sent: the key is elsewhere.
        """
        self._base = check_url(base_url)
        self._authorization = authorization
        self._headers = dict(headers)
        self._timeout = timeout
        self._limits = limits or Limits()
        self._local = threading.local()

    def request(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask once, without repeating. ``target`` is the path with its query, as sent.

        Any status is an answer, except a redirect of something else than a GET or to
        another host: ``Unclear("redirect")``.
        """
        url = self._base + target
        answer = self._send(method, url, headers or {}, body)
        for _hop in range(_REDIRECT_HOPS):
            if answer.status not in _REDIRECTS:
                return answer
            url = self._redirected(method, url, answer)
            answer = self._send(method, url, headers or {}, body)
        raise Unclear("redirect")

    def _redirected(self, method: str, url: str, answer: Answer) -> str:
        try:
            target = urljoin(url, answer.headers.get("Location", ""))
            same_host = _origin(target) == _origin(url)
        except ValueError:
            same_host = False
        if method != "GET" or not same_host:
            raise Unclear("redirect")
        return target

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        started = time.monotonic()
        outcome: object = "failed"
        try:
            answer = self._exchange(method, url, {**self._headers, **headers}, body)
            outcome = answer.status
            return answer
        except CarrierError as error:
            outcome = error.reason
            raise
        except (
            OSError,  # the base of all errors of requests
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            UnicodeError,
        ) as error:
            failure = _failure(error)
            outcome = failure.reason
            # The cause would show the whole URL in a traceback.
            raise failure from None
        finally:
            parts = urlsplit(url)
            _logger.info(
                "%s %s%s: %s in %.2f s",
                method,
                parts.hostname,
                parts.path[:_LOGGED_PATH],
                outcome,
                time.monotonic() - started,
            )

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        with self._session().request(
            method,
            url,
            headers=dict(headers),
            data=body,
            auth=self._authorize,
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            content = b"".join(self._chunks(response))
            _check_length(method, response, content)
            return Answer(response.status_code, response.headers, content)

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        deadline = time.monotonic() + self._limits.seconds
        size = 0
        for chunk in response.iter_content(_CHUNK_BYTES):
            size += len(chunk)
            if size > self._limits.bytes:
                raise Unclear("too_large")
            if time.monotonic() > deadline:
                raise Unclear("timeout")
            yield chunk

    def _authorize(
        self, prepared: requests.PreparedRequest
    ) -> requests.PreparedRequest:
        # As a header alone, a .netrc of the machine would replace it, or add one.
        if self._authorization:
            prepared.headers["Authorization"] = self._authorization
        return prepared

    def _session(self) -> requests.Session:
        # A session is not made for several threads.
        if not hasattr(self._local, "session"):
            self._local.session = _Session()
            # A proxy of the environment cannot reach this machine's own loopback.
            local = is_loopback(urlsplit(self._base).hostname or "")
            self._local.session.trust_env = not local
        return self._local.session


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: asked even when redirects are off, it would fail on a bad address."""


def check_url(url: str) -> str:
    """The address without its final slash; :class:`Unavailable` unless it is safe.

    Safe is https, or http to this machine, with no user, query or fragment in it.
    """
    try:
        parts = urlsplit(url.strip())
        port_is_readable = parts.port is None or parts.port > 0
    except ValueError:
        raise Unavailable("url") from None
    encrypted = parts.scheme == "https" or (
        parts.scheme == "http" and is_loopback(parts.hostname or "")
    )
    extras = parts.username, parts.password, parts.query, parts.fragment
    if not (encrypted and parts.hostname and port_is_readable) or any(extras):
        raise Unavailable("url")
    return parts.geturl().rstrip("/")


def is_loopback(host: str) -> bool:
    """True for ``localhost`` and the loopback addresses."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_status(answer: Answer) -> None:
    """Raise for what means the same at every carrier: key, rate, broken server."""
    status = answer.status
    if status in (401, 403):
        raise Unauthorized("key" if status == 401 else "permission")
    if status == 429:
        raise Throttled(retry_after(answer.headers))
    if status >= 500 or status == 408:
        raise Unclear("server_error")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a ``Retry-After`` header, which may also be a date; None without.

    An hour at most: then one asks again, and a wrong clock makes nobody wait for ever.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_REST)
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    seconds = (moment - datetime.now(timezone.utc)).total_seconds()
    return min(max(0.0, seconds), _LONGEST_REST)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _check_length(method: str, response: requests.Response, content: bytes) -> None:
    """Refuse a body that ended early: older versions of urllib3 let it pass."""
    length = response.headers.get("Content-Length", "")
    encoded = "Content-Encoding" in response.headers
    if method == "HEAD" or encoded or not length.isdigit():
        return
    if response.status_code not in (204, 304) and int(length) != len(content):
        raise Unclear("cut")


_NEVER_SENT = (
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.NewConnectionError,
    requests.exceptions.ConnectTimeout,
)
_BAD_URL = (
    UnicodeError,
    urllib3.exceptions.LocationValueError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
)
_TIMEOUT = (
    TimeoutError,
    requests.exceptions.ReadTimeout,
    urllib3.exceptions.ReadTimeoutError,
)
_KINDS: tuple[tuple[tuple[type[BaseException], ...], type[CarrierError], str], ...] = (
    (_NEVER_SENT, Unavailable, "connect"),
    ((ssl.SSLCertVerificationError,), Unavailable, "certificate"),
    (_BAD_URL, Unavailable, "url"),
    (_TIMEOUT, Unclear, "timeout"),
    ((requests.exceptions.ContentDecodingError,), Unclear, "unreadable"),
)


def _failure(error: BaseException) -> CarrierError:
    """The typed error for what the HTTP library raised; in doubt, unclear."""
    family = list(_family(error))
    for kinds, failure, reason in _KINDS:
        if any(isinstance(member, kinds) for member in family):
            return failure(reason)
    return Unclear("cut")


def _family(error: object, depth: int = 6) -> Iterator[BaseException]:
    """The error and those it wraps; the libraries nest them in three ways."""
    if not isinstance(error, BaseException) or not depth:
        return
    yield error
    wrapped = (*error.args, *(getattr(error, name, None) for name in _WRAPPED))
    for inner in wrapped:
        yield from _family(inner, depth - 1)


_WRAPPED = ("reason", "original_error")

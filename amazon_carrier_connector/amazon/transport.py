"""The one way out to Amazon: a strict HTTP transport on ``requests``.

It takes the place of python-amazon-sp-api's httpx transport (same ``request``
signature). It sends once, never repeats, never follows a redirect, and logs
nothing but method, path, status and request id.
"""

import logging
import ssl
import time
from collections.abc import Iterator
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from .addresses import checked_address, is_loopback
from .answers import Answer, Operation, error_of, is_empty, request_id
from .errors import AmazonError, Unavailable, Unclear

_logger = logging.getLogger(__name__)

# Amazon's form: AppId/Version (Language=...), at most 500 characters.
USER_AGENT = "AmazonCarrierConnector/19.0 (Language=Python)"
MAX_ANSWER_BYTES = 16 * 1024 * 1024
# For the whole of a body: the timeout is for each piece of it, and a request of Odoo's
# has as long.
MAX_ANSWER_SECONDS = 120.0

_CHUNK_BYTES = 4 * 1024  # small: the time is looked at when a piece is whole

_FAILURES = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError)
_NOT_SENT = (
    NewConnectionError,
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    ssl.SSLCertVerificationError,
)

# Hosts of Amazon's that were asked: what urllib3 says of them is kept short.
_hosts: set[str] = set()


def _hide_query(record: logging.LogRecord) -> bool:
    """urllib3 writes whole addresses at DEBUG, and pages are asked for in the query."""
    args = record.args
    if isinstance(args, tuple) and _hosts.intersection(filter(_is_text, args)):
        record.args = tuple(a.split("?")[0] if _is_text(a) else a for a in args)
    return True


def _is_text(value: object) -> bool:
    return isinstance(value, str)


logging.getLogger("urllib3.connectionpool").addFilter(_hide_query)


class StrictTransport:
    """Sends requests over kept connections, for one thread.

    ``timeout`` is (connect, read) in seconds. ``operation`` says what the answer to
    the next ``request`` has to be.
    """

    def __init__(self, timeout: tuple[float, float]):
        self._timeout = timeout
        self._sessions: dict[bool, requests.Session] = {}
        self.operation: Operation | None = None

    def request(
        self, method, url, *, params=None, data=None, content=None, headers=None
    ) -> Answer:
        """Send once for the library; the documented success or an AmazonError.

        ``data`` is a form, ``content`` a ready body, as in the library.
        """
        answer = self.exchange(method, url, params, content or data, headers)
        error = error_of(answer, self.operation)
        if error:
            raise error
        return answer

    def exchange(self, method, url, params, body, headers, *, max_bytes=None) -> Answer:
        """Send once; return the answer, whatever it says.

        What is longer than ``max_bytes``, else than any answer of an API, is not whole;
        nor is what takes longer than ``MAX_ANSWER_SECONDS``.

        Raises InsecureAddress and Unavailable (nothing was sent) and Unclear
        (sent, and no status came back).
        """
        parts = urlsplit(checked_address(url))
        path = parts.path
        _hosts.add(parts.hostname)
        # The library's own "host" header is wrong for any address but https.
        headers = {k: v for k, v in (headers or {}).items() if k.lower() != "host"}
        try:
            response = self._session(url).request(
                method,
                url,
                params=params,
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
        except _FAILURES as error:
            failure = _failure(error)
            _logger.info("%s %s: %r", method, path, failure)
            # The cause holds the request, and with it the access token.
            raise failure from None
        answer = _read(response, max_bytes or MAX_ANSWER_BYTES)
        _logger.info(
            "%s %s: %s %s",
            method,
            path,
            answer.status_code,
            request_id(answer.headers),
        )
        if answer.status_code == 204 and not is_empty(answer):
            # What follows on this connection could be taken for the next answer.
            self.close()
        return answer

    def close(self):
        """Close all connections; the next request opens new ones."""
        for session in self._sessions.values():
            session.close()

    def _session(self, url: str) -> requests.Session:
        local = is_loopback(urlsplit(url).hostname)
        if local not in self._sessions:
            self._sessions[local] = _new_session(use_proxies=not local)
        return self._sessions[local]


def _new_session(*, use_proxies: bool) -> requests.Session:
    session = requests.Session()
    session.trust_env = use_proxies
    # Without an auth of its own, a session takes one from the user's .netrc.
    session.auth = lambda prepared: prepared
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _read(response: requests.Response, max_bytes: int) -> Answer:
    parts, size, whole = [], 0, True
    deadline = time.monotonic() + MAX_ANSWER_SECONDS
    try:
        for part in response.iter_content(_CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > max_bytes or time.monotonic() > deadline:
                whole = False
                break
    except _FAILURES:
        whole = False
    finally:
        response.close()
    # urllib3 1.26 takes a body that was cut off for a whole one.
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and response.raw.tell() < int(announced):
        whole = False
    return Answer(response.status_code, response.headers, b"".join(parts), whole)


def _failure(error: Exception) -> AmazonError:
    """What it means for the request that no answer came back."""
    causes = tuple(_causes(error, depth=8))
    timed_out = any(
        isinstance(cause, (TimeoutError, requests.Timeout)) for cause in causes
    )
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Unavailable("tls")
    if any(isinstance(cause, _NOT_SENT) for cause in causes):
        return Unavailable("timeout" if timed_out else "connect")
    return Unclear("timeout" if timed_out else "cut")


def _causes(error: object, depth: int) -> Iterator[BaseException]:
    """The error and all that it wraps, in any of the ways requests and urllib3 do."""
    if isinstance(error, BaseException) and depth:
        yield error
        for inner in (getattr(error, "reason", None), error.__context__, *error.args):
            yield from _causes(inner, depth - 1)

"""Login with Amazon: access tokens for the consent of one seller.

Source: https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api
"""

import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field

from sp_api.auth import AccessTokenResponse

from .answers import Answer, request_id, retry_after
from .errors import AmazonError, Throttled, Unauthorized, Unavailable, Unclear
from .transport import StrictTransport

TOKEN_URL = "https://api.amazon.com/auth/o2/token"
# Login with Amazon publishes no rate; ours, for an answer that names none.
RETRY_AFTER = 30.0
# A token that is about to expire would be refused under way.
EXPIRY_MARGIN = 60.0
MAX_LIFETIME = 3600.0
MAX_TOKENS = 100

_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
_SLUG = re.compile(r"[a-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An Amazon app's id and secret, and a seller's consent to it."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @property
    def complete(self) -> bool:
        return bool(self.client_id and self.client_secret and self.refresh_token)


class _TokenCache:
    """Access tokens of this process, by all that they were issued for.

    The library's own cache knows a token by the refresh token alone, and so goes
    on with it after the app's secret was changed.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[str, float]] = {}

    def get(self, key: str) -> str | None:
        with self._lock:
            token, expiry = self._tokens.get(key, (None, 0.0))
        return token if time.monotonic() < expiry else None

    def put(self, key: str, token: str, lifetime: float):
        now = time.monotonic()
        with self._lock:
            living = {k: v for k, v in self._tokens.items() if v[1] > now}
            if len(living) >= MAX_TOKENS:
                living.clear()
            living[key] = (token, now + lifetime)
            self._tokens = living

    def drop(self, key: str):
        with self._lock:
            self._tokens.pop(key, None)


_cache = _TokenCache()


class Login:
    """The token client of one seller, in the shape the library asks for."""

    def __init__(
        self,
        credentials: Credentials,
        token_url: str,
        user_agent: str,
        transport: StrictTransport,
    ):
        self._credentials = credentials
        self._url = token_url
        self._user_agent = user_agent
        self._transport = transport
        self._is_new = False
        parts = (
            token_url,
            credentials.client_id,
            credentials.client_secret,
            credentials.refresh_token,
        )
        self._key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def get_auth(self) -> AccessTokenResponse:
        """A living access token, asked for only when there is none.

        Raises Unauthorized, Throttled or Unavailable.
        """
        token = _cache.get(self._key)
        self._is_new = token is None
        if token is None:
            token, lifetime = self._ask()
            _cache.put(self._key, token, lifetime - EXPIRY_MARGIN)
        return AccessTokenResponse(access_token=token)

    def renew(self) -> bool:
        """Forget the refused token; False when it had just been issued."""
        _cache.drop(self._key)
        return not self._is_new

    def _ask(self) -> tuple[str, float]:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "refresh_token": self._credentials.refresh_token,
        }
        headers = {"User-Agent": self._user_agent, "Accept": "application/json"}
        try:
            answer = self._transport.exchange("POST", self._url, None, form, headers)
        except Unclear as error:
            # Asking for a token changes nothing: it can simply be repeated.
            raise Unavailable(error.reason) from None
        told = _object_of(answer)
        token = told.get("access_token")
        usable = isinstance(token, str) and _TOKEN.fullmatch(token)
        if answer.status_code != 200 or not answer.whole or not usable:
            raise _refusal(answer, told.get("error"))
        return token, _lifetime(told.get("expires_in"))


def _object_of(answer: Answer) -> dict:
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _lifetime(seconds: object) -> float:
    is_number = isinstance(seconds, (int, float)) and 0 < seconds
    return min(seconds, MAX_LIFETIME) if is_number else 0.0


def _refusal(answer: Answer, slug: object) -> AmazonError:
    told = {"status": answer.status_code, "request_id": request_id(answer.headers)}
    if answer.status_code == 429:
        return Throttled(retry_after(answer.headers) or RETRY_AFTER, **told)
    refused = answer.status_code in (400, 401, 403)
    if refused and isinstance(slug, str) and _SLUG.fullmatch(slug):
        return Unauthorized(slug, **told)
    ok = answer.status_code == 200
    return Unavailable("answer" if ok else f"http_{answer.status_code}", **told)

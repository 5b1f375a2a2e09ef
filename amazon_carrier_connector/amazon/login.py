"""Login with Amazon: access tokens for the consent of one seller.

Source: https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api
"""

import hashlib
import json
import re
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field

from sp_api.auth import AccessTokenResponse

from .addresses import checked_address
from .answers import Answer, request_id, retry_after
from .errors import AmazonError, Throttled, Unauthorized, Unavailable, Unclear
from .transport import USER_AGENT, StrictTransport

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
        self._has_asked = False
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
        if token is None:
            self._has_asked = True
            token, lifetime = self._ask()
            _cache.put(self._key, token, lifetime - EXPIRY_MARGIN)
        return AccessTokenResponse(access_token=token)

    def renew(self) -> bool:
        """Forget the refused token; False when this client had asked for it."""
        _cache.drop(self._key)
        return not self._has_asked

    def _ask(self) -> tuple[str, float]:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "refresh_token": self._credentials.refresh_token,
        }
        try:
            told = _ask_for(
                "access_token", self._transport, self._url, self._user_agent, form
            )
        except Unclear as error:
            # Asking for a token changes nothing: it can simply be repeated.
            raise Unavailable(error.reason) from None
        return told["access_token"], _lifetime(told.get("expires_in"))


def exchange_code(
    code: str,
    redirect_uri: str,
    *,
    client_id: str,
    client_secret: str,
    token_url: str | None = None,
    user_agent: str = USER_AGENT,
    timeout: tuple[float, float] = (5.0, 30.0),
) -> str:
    """The refresh token of the consent that an authorisation code stands for.

    ``redirect_uri`` is the one that the consent page was given. A code lives five
    minutes and is good for one exchange, so that after Unclear only another consent
    helps. Raises Unauthorized (``invalid_grant``: the code is used or too old),
    Throttled, Unavailable, Unclear and InsecureAddress.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": client_id,
        "client_secret": client_secret,
    }
    url = checked_address(token_url or TOKEN_URL)
    with closing(StrictTransport(timeout)) as transport:
        told = _ask_for("refresh_token", transport, url, user_agent, form)
    return told["refresh_token"]


def _ask_for(
    wanted: str, transport: StrictTransport, url: str, user_agent: str, form: dict
) -> dict:
    """Login's whole answer, in which the token ``wanted`` is good."""
    headers = {"User-Agent": user_agent, "Accept": "application/json"}
    answer = transport.exchange("POST", url, None, form, headers)
    told = _object_of(answer)
    token = told.get(wanted)
    usable = isinstance(token, str) and _TOKEN.fullmatch(token)
    if answer.status_code != 200 or not answer.whole or not usable:
        raise _refusal(answer, told.get("error"))
    return told


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

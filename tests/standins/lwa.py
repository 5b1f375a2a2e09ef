"""Login with Amazon: the token endpoint, and the consent page that leads to it."""

from __future__ import annotations

import itertools
import re
from dataclasses import asdict, dataclass, field
from html import escape
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from .markets import MARKETS
from .server import Operation, Refusal, StandIn, answer_json

HOUR = 3600
CODE_SECONDS = 300


@dataclass
class Seller:
    """A selling partner; ``restricted_role`` False leaves buyers' data out.

    ``connected`` False: the consent was withdrawn, its refresh token is refused.
    """

    selling_partner_id: str
    refresh_token: str
    store_name: str = "Voorbeeld Webshop"
    marketplace_refs: tuple[str, ...] = tuple(m.marketplace_ref for m in MARKETS[:10])
    refused_marketplace_refs: tuple[str, ...] = ()
    restricted_role: bool = True
    connected: bool = True


@dataclass
class Token:
    seller: Seller
    expires: float
    path: str = ""  # of a restricted data token


@dataclass
class Sellers:
    """The application's credentials, its sellers and the tokens that were issued.

    ``login_uri`` is where consents that begin at Amazon are sent to; an application
    that ``is_draft`` has a consent page only for those who ask for it.
    """

    client_id: str = "amzn1.application-oa2-client.standin"
    client_secret: str = "amzn1.oa2-cs.v1.standin"
    application_id: str = "amzn1.sp.solution.standin"
    redirect_uris: tuple[str, ...] = ()
    login_uri: str = ""
    is_draft: bool = False
    sellers: dict[str, Seller] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    _serial: itertools.count = field(default_factory=lambda: itertools.count(1))

    def add(self, selling_partner_id: str, **details) -> Seller:
        details.setdefault("refresh_token", f"Atzr|standin-{selling_partner_id}")
        seller = Seller(selling_partner_id, **details)
        self.sellers[selling_partner_id] = seller
        return seller

    def issue(self, seller: Seller, expires: float, path: str = "") -> str:
        prefix = "Atz.sprdt|" if path else "Atza|"
        token = f"{prefix}standin-{next(self._serial)}"
        self.tokens[token] = Token(seller, expires, path)
        return token


class LoginWithAmazon(StandIn):
    name = "lwa"
    operations = (
        Operation("token", "POST", "/auth/o2/token", "token", open=True),
        Operation("consent", "GET", "/apps/authorize/consent", "consent", open=True),
        Operation("begin", "GET", "/apps/authorize/begin/<seller>", "begin", open=True),
        Operation(
            "confirm",
            "GET",
            "/apps/authorize/confirm/<application>",
            "confirm",
            open=True,
        ),
    )

    def __init__(self, clock, contracts, sellers: Sellers):
        self.sellers = sellers
        super().__init__(clock, contracts)

    @property
    def token_url(self) -> str:
        return f"{self.url}/auth/o2/token"

    def reset_state(self) -> None:
        self._codes: dict[str, tuple[Seller, float]] = {}
        self._begun: dict[str, str] = {}

    def state(self) -> dict:
        return {"sellers": {k: asdict(v) for k, v in self.sellers.sellers.items()}}

    def controls(self) -> dict:
        return {("POST", "seller"): LoginWithAmazon._set_seller}

    def _set_seller(self, request) -> None:
        """``selling_partner_id`` and what differs from a usual seller; adds it."""
        self.sellers.add(**request.get_json())

    def issue_code(self, selling_partner_id: str) -> str:
        """An authorisation code as the consent page's redirect carries it."""
        code = f"SPAPI-{len(self._codes) + 1}-{self.clock.seconds():.6f}"
        seller = self.sellers.sellers[selling_partner_id]
        self._codes[code] = (seller, self.clock.seconds() + CODE_SECONDS)
        return code

    def refused(self, call, status, body) -> Response:
        code, description = body or ("invalid_request", "The request is invalid.")
        data = {"error": code, "error_description": description}
        return answer_json(data, status, "application/json;charset=UTF-8")

    def throttled(self, call, retry_after=None) -> Response:
        response = self.refused(call, 429, ("slow_down", "Too many requests."))
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    # The token endpoint

    def token(self, call) -> Response:
        form = call.request.form
        if call.request.mimetype != "application/x-www-form-urlencoded":
            self.violate(call, "the body is not form encoded")
            self._refuse(call, "invalid_request", "The request is missing parameters.")
        if form.get("client_id") != self.sellers.client_id:
            self._refuse(call, "invalid_client", "Client authentication failed", 401)
        if form.get("client_secret") != self.sellers.client_secret:
            self._refuse(call, "invalid_client", "Client authentication failed", 401)
        grant = GRANTS.get(form.get("grant_type"))
        if grant is None:
            self._refuse(call, "unsupported_grant_type", "The grant is not supported.")
        return grant(self, call, form)

    def _refuse(self, call, code, description, status=400):
        raise Refusal(self.refused(call, status, (code, description)))

    def _by_code(self, call, form) -> Response:
        seller, expires = self._codes.pop(form.get("code"), (None, 0))
        if seller is None or expires < self.clock.seconds():
            self._refuse(call, "invalid_grant", "The code is invalid or expired.")
        registered = self.sellers.redirect_uris
        if registered and form.get("redirect_uri", registered[0]) not in registered:
            self._refuse(call, "invalid_grant", "The redirect URI does not match.")
        seller.connected = True
        return self._tokens(seller)

    def _by_refresh_token(self, call, form) -> Response:
        for seller in self.sellers.sellers.values():
            if seller.refresh_token == form.get("refresh_token") and seller.connected:
                return self._tokens(seller)
        self._refuse(call, "invalid_grant", "The request has an invalid grant.")

    def _tokens(self, seller: Seller) -> Response:
        token = self.sellers.issue(seller, self.clock.seconds() + HOUR)
        data = {
            "access_token": token,
            "refresh_token": seller.refresh_token,
            "token_type": "bearer",
            "expires_in": HOUR,
        }
        return answer_json(data, content_type="application/json;charset=UTF-8")

    # The consent page of Seller Central

    def consent(self, call) -> Response:
        arguments = call.request.args
        target = arguments.get("redirect_uri") or next(iter(self._registered()), "")
        problem = self._consent_problem(arguments, target)
        if problem:
            return Response(f"<h1>{problem}</h1>", 400, content_type="text/html")
        seller = self.sellers.sellers.get(arguments.get("seller", ""))
        if seller is None:
            return self._consent_page(arguments, target)
        return self._send_back(arguments, target, seller.selling_partner_id)

    def _send_back(self, arguments, target: str, selling_partner_id: str) -> Response:
        answer = {
            "state": arguments["state"],
            "selling_partner_id": selling_partner_id,
            "spapi_oauth_code": self.issue_code(selling_partner_id),
        }
        return redirect(f"{target}{'&' if '?' in target else '?'}{urlencode(answer)}")

    # Consents that begin at Amazon

    def begin(self, call, seller) -> Response:
        """The button in Amazon's own store of applications."""
        amazon_state = f"amazon-state-{len(self._begun) + 1}"
        self._begun[amazon_state] = seller
        page = f"{self.url}/apps/authorize/confirm/{self.sellers.application_id}"
        told = {
            "amazon_callback_uri": page,
            "amazon_state": amazon_state,
            "selling_partner_id": seller,
        }
        return redirect(f"{self.sellers.login_uri}?{urlencode(told)}")

    def confirm(self, call, application) -> Response:
        arguments = dict(call.request.args, application_id=application)
        target = arguments.get("redirect_uri") or next(iter(self._registered()), "")
        problem = self._consent_problem(arguments, target)
        seller = self._begun.pop(arguments.get("amazon_state"), "")
        if problem or not seller:
            problem = problem or "MD9010"
            return Response(f"<h1>{problem}</h1>", 400, content_type="text/html")
        return self._send_back(arguments, target, seller)

    def _registered(self) -> tuple[str, ...]:
        return self.sellers.redirect_uris

    def _consent_problem(self, arguments, target: str) -> str:
        if arguments.get("application_id") != self.sellers.application_id:
            return "MD1000"
        if self.sellers.is_draft and arguments.get("version") != "beta":
            return "MD1000"
        if self._registered() and target not in self._registered():
            return "MD5101"
        if not re.match(r"https?://", target) or not arguments.get("state"):
            return "MD5110"
        return ""

    def _consent_page(self, arguments, target: str) -> Response:
        links = "".join(
            f'<p><a class="confirm" href="?{_query(arguments, ref)}">Confirm {ref}</a>'
            for ref in self.sellers.sellers
        )
        cancel = f'<p><a class="cancel" href="{escape(target)}">Cancel</a>'
        # A browser would ask for the icon of a page that names none.
        head = '<title>Authorize</title><link rel="icon" href="data:,">'
        page = f"{head}<h1>Authorize the application</h1>{links}"
        return Response(page + cancel, content_type="text/html; charset=utf-8")


def _query(arguments, selling_partner_id: str) -> str:
    return escape(urlencode({**arguments.to_dict(), "seller": selling_partner_id}))


GRANTS = {
    "authorization_code": LoginWithAmazon._by_code,
    "refresh_token": LoginWithAmazon._by_refresh_token,
}

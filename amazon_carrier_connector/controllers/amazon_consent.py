"""Where Amazon sends people: back from the consent page, or to begin one."""

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from ..models.res_company import CONSENT_PATH, LOGIN_PATH

# Both addresses hold what no third page may see, and no cache may keep.
HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class AmazonConsent(http.Controller):
    # A visitor whose session has ended would take the code along to the login page.
    @http.route(CONSENT_PATH, type="http", auth="public", methods=["GET"])
    def receive(self, **answer):
        """Amazon's answer: ``state``, ``selling_partner_id``, ``spapi_oauth_code``."""
        if request.env.user._is_public():
            return _explain(
                request.env._(
                    "You are no longer logged in to Odoo, so that the shop was not"
                    " connected. Log in and connect it again."
                ),
                status=403,
            )
        shop = request.env["amazon.consent.wizard"]._receive(answer)
        if not shop:
            return _explain(
                request.env._(
                    "This answer of Amazon's belongs to no connection that you have"
                    " begun, so that no shop was connected. Begin again on the shop."
                ),
                status=400,
            )
        return _redirect(f"/odoo/amazon-shops/{shop.id}")

    @http.route(LOGIN_PATH, type="http", auth="user", methods=["GET"])
    def begin(self, **told):
        """A consent begun at Amazon: ``amazon_callback_uri``, ``amazon_state``,
        ``selling_partner_id``."""
        user = request.env.user
        wizard = request.env["amazon.consent.wizard"].with_context(
            allowed_company_ids=user.company_ids.ids
        )
        try:
            consent = wizard._begin_from_amazon(told)
        except (AccessError, UserError) as error:
            return _explain(str(error), status=403)
        return _redirect(f"/odoo/amazon-connect/{consent.id}")


def _redirect(path):
    response = request.redirect(path)
    response.headers.update(HEADERS)
    return response


def _explain(sentence, status):
    return request.render(
        "amazon_carrier_connector.consent_refused",
        {"sentence": sentence},
        headers=HEADERS,
        status=status,
    )

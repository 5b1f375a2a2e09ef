"""Where MyParcel calls when a parcel moves. Its address alone proves who calls."""

from odoo import http
from odoo.http import request

from ..models.myparcel_hook_owner import HOOK_PATH

MAX_BODY = 32 * 1024


class MyparcelHook(http.Controller):
    @http.route(
        # No database knows a greater number.
        f"{HOOK_PATH}/<int(max=2147483647):company_id>/<token>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=MAX_BODY,
    )
    def receive(self, company_id, token, **form):
        """Keep the call, look into it later; the same answer whatever it says."""
        hooks = request.env["myparcel.hook"]
        if not hooks._is_called_by_myparcel(company_id, token):
            return _answer(404)
        body = request.httprequest.get_data(as_text=True)
        return _answer(202 if hooks._receive(company_id, body) else 429)


def _answer(status):
    return request.make_response("", status=status)

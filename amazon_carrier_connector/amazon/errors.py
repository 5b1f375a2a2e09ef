"""Everything that can go wrong on Amazon's side, as types.

The errors carry data and no sentences, so that the caller can write the
sentence in the user's language. Their text holds no secret, no buyer's data and
no wording of Amazon's.
"""


class ReportRefused(Exception):
    """A file that is no Unshipped orders report, or holds nothing to ship.

    ``code`` is one of ``unshipped_report.REFUSAL_CODES``; ``detail`` names what
    was found (missing columns, a row), never a value of a buyer.
    """

    def __init__(self, code: str, detail: str = ""):
        super().__init__(code)
        self.code = code
        self.detail = detail


class AmazonError(Exception):
    """Base of what the gateway raises.

    ``status`` is the HTTP status, or None when there was no answer;
    ``request_id`` is Amazon's own number of the request, for their support.
    """

    def __init__(self, text: str = "", *, status: int | None = None, request_id=""):
        super().__init__(text)
        self.status = status
        self.request_id = request_id


class InsecureAddress(AmazonError):
    """The address is neither https nor on this machine. Nothing was sent."""

    def __init__(self, host: str):
        super().__init__(host)
        self.host = host


class Throttled(AmazonError):
    """Too many requests. Nothing was done.

    ``retry_after`` is the number of seconds to wait, from Amazon's headers, else
    from the published rate of the operation.
    """

    def __init__(self, retry_after: float, **kwargs):
        super().__init__(f"retry after {retry_after:g} s", **kwargs)
        self.retry_after = retry_after


class Unauthorized(AmazonError):
    """Amazon refused the credentials. Nothing was done.

    ``reason`` is Login with Amazon's own word (``invalid_grant``: consent
    withdrawn or expired; ``invalid_client``: secret wrong or expired;
    ``unauthorized_client``), or ``missing_credentials``, ``access_token``
    (refused although just issued) or ``forbidden`` (a 403 without explanation).
    """

    def __init__(self, reason: str, **kwargs):
        super().__init__(reason, **kwargs)
        self.reason = reason


class MissingRole(AmazonError):
    """The token is good, but the app may not do this. Nothing was done."""


class NotFound(AmazonError):
    """Amazon does not know the order. Nothing was done."""


class Rejected(AmazonError):
    """Amazon read the request and refused it. Nothing was done.

    ``code`` and ``message`` are Amazon's (``InvalidInput``, ...). Without a
    readable explanation the code is ``http_<status>`` and the message empty. The
    code ``invalid_confirmation`` is ours: the request was not sent, because its
    ``field`` cannot be accepted. ``cause`` is one of ``answers.CAUSES``, or "".
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        field: str = "",
        cause: str = "",
        **kwargs,
    ):
        super().__init__(f"{code} {field}".rstrip(), **kwargs)
        self.code = code
        self.message = message
        self.field = field
        self.cause = cause


class Unavailable(AmazonError):
    """Amazon could not be reached or is out of service. Nothing was done.

    ``reason``: ``connect``, ``timeout``, ``tls``, ``answer`` (not an answer of
    Amazon's) or ``http_<status>``. ``retry_after`` is the number of seconds to wait, 0
    if Amazon does not say.
    """

    def __init__(self, reason: str, *, retry_after: float = 0.0, **kwargs):
        super().__init__(reason, **kwargs)
        self.reason = reason
        self.retry_after = retry_after


class Unclear(AmazonError):
    """The request was sent and its outcome is unknown: look before repeating.

    ``reason``: ``timeout``, ``cut`` (connection lost) or ``http_<status>`` (an
    answer that is neither the documented success nor a documented refusal).
    """

    def __init__(self, reason: str, **kwargs):
        super().__init__(reason, **kwargs)
        self.reason = reason

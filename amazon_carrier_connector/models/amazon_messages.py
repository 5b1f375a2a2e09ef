"""Sentences for what Amazon's gateway reports as data."""

from ..amazon import errors

# What kept a shop from Amazon, for who shows it; the rest is "other".
ERROR_KINDS = [
    ("token_refused", "Authorisation Refused"),
    ("role_missing", "Role Missing"),
    ("throttled", "Throttled"),
    ("unavailable", "Amazon Unavailable"),
    ("other", "Other"),
]
_KIND_OF_ERROR = {
    errors.Unauthorized: "token_refused",
    errors.MissingRole: "role_missing",
    errors.Throttled: "throttled",
    errors.Unavailable: "unavailable",
    errors.Unclear: "unavailable",
}


def get_error_kind(error):
    """The key in ``ERROR_KINDS`` of any exception."""
    return _KIND_OF_ERROR.get(type(error), "other")


def describe_amazon_error(env, error):
    """What happened and what to do, without any buyer's data.

    :param error: ``AmazonError``, or a ``UserError`` that is a sentence already
    """
    if not isinstance(error, errors.AmazonError):
        return str(error)
    if isinstance(error, errors.Rejected):
        refusal = env._(
            "Amazon refused it: %(message)s (%(code)s).",
            message=error.message or error.field or env._("no reason given"),
            code=error.code,
        )
        return " ".join(filter(None, [refusal, _advise(env, error.cause)]))
    if isinstance(error, errors.Unauthorized):
        return _describe_refusal(env, error.reason)
    return {
        errors.MissingRole: env._(
            "The Amazon app lacks a role: it needs Direct-to-Consumer Delivery or"
            " Inventory and Order Tracking. Add it in Seller Central and authorise the"
            " app again."
        ),
        errors.NotFound: env._(
            "Amazon does not know this order. Check the shop's region and market."
        ),
        errors.Throttled: env._(
            "Amazon answers only so many questions at a time. It is asked again later."
        ),
        errors.Unclear: env._(
            "Amazon did not answer clearly. It is looked up there, and sent again if it"
            " did not arrive."
        ),
        errors.InsecureAddress: env._(
            "The address set for Amazon in the system parameters is not https."
        ),
    }.get(type(error), env._("Amazon cannot be reached. It is tried again."))


def _describe_refusal(env, reason):
    if reason == "invalid_grant":
        return env._(
            "Amazon does not take the consent (%s): it was withdrawn, is too old or"
            " belongs to another app. Connect the shop again.",
            reason,
        )
    if reason in ("invalid_client", "unauthorized_client"):
        return env._(
            "Amazon does not take the app's client ID or client secret (%s). Check them"
            " in the settings: a secret expires after 180 days.",
            reason,
        )
    return env._(
        "Amazon does not take the authorisation (%s). Connect the shop again.", reason
    )


def _advise(env, cause):
    """What to do about a refusal that is known."""
    return {
        "already_shipped": env._(
            "Amazon has the order as shipped already. Compare the tracking number in"
            " Seller Central; nothing more is sent."
        ),
        "no_such_item": env._(
            "The order was cancelled, or the item is of another order. Look it up in"
            " Seller Central before the parcel leaves."
        ),
        "edited_too_often": env._(
            "It was changed too often. Correct it in Seller Central."
        ),
        "ship_plus": env._(
            "Amazon confirms Ship+ orders itself: there is nothing to do."
        ),
    }.get(cause)

"""Sentences for what keeps a shop from being connected."""

from ..amazon import errors
from .amazon_messages import describe_amazon_error


def describe_consent_error(env, error):
    """What happened to a consent, or to a test of it, and what to do.

    :param AmazonError error: of the exchange, or of a call that changes nothing
    """
    if isinstance(error, errors.Unauthorized):
        return _describe_refusal(env, error.reason)
    return {
        errors.MissingRole: env._(
            "Amazon does not let the app do this: it lacks a role, or the consent was"
            " withdrawn."
        ),
        errors.Throttled: env._("Amazon was asked too often. Wait some minutes."),
        errors.Unavailable: env._("Amazon cannot be reached. Try it again later."),
        errors.Unclear: env._("Amazon's answer was lost or not clear. Try it again."),
    }.get(type(error)) or describe_amazon_error(env, error)


def _describe_refusal(env, reason):
    if reason == "invalid_grant":
        return env._(
            "Amazon does not take the consent: it was withdrawn, is too old or belongs"
            " to another app. Connect the shop again."
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

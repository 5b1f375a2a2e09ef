"""Sentences for what keeps a shop from being connected."""

from ..amazon import errors
from .amazon_messages import describe_amazon_error


def describe_consent_error(env, error):
    """What happened to a consent, or to a test of it, and what to do.

    :param AmazonError error: of the exchange, or of a call that changes nothing
    """
    return {
        errors.MissingRole: env._(
            "Amazon does not let the app do this: it lacks a role, or the consent was"
            " withdrawn."
        ),
        errors.Throttled: env._("Amazon was asked too often. Wait some minutes."),
        errors.Unavailable: env._("Amazon cannot be reached. Try it again later."),
        errors.Unclear: env._("Amazon's answer was lost or not clear. Try it again."),
    }.get(type(error)) or describe_amazon_error(env, error)

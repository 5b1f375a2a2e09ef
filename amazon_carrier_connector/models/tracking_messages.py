"""Sentences for doubts about a tracking number."""

from ..amazon.tracking_numbers import LONGEST_NUMBER, Doubt, find_doubt


def describe_doubt(env, carrier_code, number):
    """What speaks against a number of a carrier, for people; False for nothing.

    :param str carrier_code: Amazon's
    """
    doubt = find_doubt(carrier_code, number)
    if doubt is None:
        return False
    if doubt is Doubt.TOO_LONG:
        return env._(
            "%(number)s is longer than the %(limit)s characters that Amazon takes.",
            number=number,
            limit=LONGEST_NUMBER,
        )
    sentences = {
        Doubt.CHARACTERS: env._(
            "%(number)s has characters that no tracking number has.", number=number
        ),
        Doubt.FORM: env._(
            "%(number)s does not look like a number of %(carrier)s.",
            number=number,
            carrier=carrier_code,
        ),
        Doubt.CHECK_DIGIT: env._(
            "%(number)s has a wrong check digit for %(carrier)s: is a digit mistyped?",
            number=number,
            carrier=carrier_code,
        ),
    }
    return sentences[doubt]

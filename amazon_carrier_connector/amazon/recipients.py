"""Whether two orders go to the same person at the same door."""

import re
import unicodedata
from collections.abc import Iterable

_NO_WORDS = re.compile(r"[\W_]+")


def recipient_key(parts: Iterable[str]) -> tuple[str, ...]:
    """What equal recipients have in common, however they were typed.

    Case, accents, blanks and punctuation do not count; what stands apart stays apart,
    so that number 1-12 is not number 112.

    :param parts: name and address, always in the same order
    """
    return tuple(_fold(part) for part in parts)


def postal_code_key(postal_code: str) -> str:
    """A postal code without its blanks, which some people leave out."""
    return _fold(postal_code).replace(" ", "")


def buyer_key(email: str) -> str:
    """Amazon's alias of a buyer; what follows a plus sign is of one message."""
    local, __, domain = email.strip().casefold().partition("@")
    return f"{local.partition('+')[0]}@{domain}" if domain else ""


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return _NO_WORDS.sub(" ", letters).strip()

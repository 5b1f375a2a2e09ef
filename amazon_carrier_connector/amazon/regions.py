"""States and provinces as Amazon's buyers write them: free text in any spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

# "Araba/Álava", "A Coruña (La Coruña)": each name of a place counts.
_BETWEEN_NAMES = re.compile(r"[/()]")


def region_key(text: str) -> str:
    """The text without case, accents, blanks and signs: "NOORD HOLLAND" is
    "Noord-Holland"."""
    # Twice: a sign taken apart may give capitals, and those again something to take
    # apart (Unicode's compatibility caseless matching).
    plain = unicodedata.normalize("NFD", text)
    for _ in range(2):
        plain = unicodedata.normalize("NFKD", plain.casefold())
    return "".join(char for char in plain if char.isalnum())


def index_regions(regions: Iterable[tuple[int, str, str]]) -> Mapping[str, int]:
    """Ids of one country's regions by the keys of their code and of their names.

    ``regions`` are (id, code, name). A key that two of them claim belongs to the one
    whose code it is, and to neither when both are only called so.
    """
    regions = list(regions)
    found: dict[str, int | None] = {}
    for ref, _code, name in regions:
        for key in {region_key(part) for part in (name, *_BETWEEN_NAMES.split(name))}:
            found[key] = ref if found.get(key, ref) == ref else None
    found.update({region_key(code): ref for ref, code, _name in regions})
    return {key: ref for key, ref in found.items() if key and ref is not None}

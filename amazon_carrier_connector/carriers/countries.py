"""Where a parcel goes without customs."""

from __future__ import annotations

EU = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR"),
        *("HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO"),
        *("SE", "SI", "SK"),
    )
)
# Of the EU, yet outside its customs or its VAT area (Directive 2006/112/EC, article 6):
# the Canary Islands, Ceuta, Melilla, Büsingen, Heligoland, Livigno, Mount Athos.
_OUTSIDE = {
    "ES": ("35", "38", "51", "52"),
    "DE": ("78266", "27498"),
    "IT": ("23041",),
    "GR": ("63086",),
}


def is_customs_free(country_code: str, postal_code: str) -> bool:
    """Whether a parcel from the EU needs no customs declaration there."""
    prefixes = _OUTSIDE.get(country_code, ())
    return country_code in EU and not postal_code.startswith(prefixes)

"""Where a parcel from the EU needs a customs declaration.

Goods need none only where both areas of the EU reach: that of its customs and that of
its value added tax. Member states have both, other countries neither; the table holds
what differs from its country.

Sources: UCC is article 4 of Regulation (EU) 952/2013, the customs territory; VAT are
articles 5 to 7 of Directive 2006/112/EC, the tax area; NI is the Windsor Framework
(Protocol on Ireland / Northern Ireland), articles 5 and 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .countries import EU


@dataclass(frozen=True, slots=True)
class Territory:
    """``prefixes`` are of its postal codes; one that is empty means all of a country's.

    An address bears the country's own code, or one that ISO 3166 gives the territory.
    """

    name: str
    country_code: str
    prefixes: tuple[str, ...]
    in_customs_area: bool
    in_vat_area: bool
    source: str

    @property
    def needs_declaration(self) -> bool:
        return not (self.in_customs_area and self.in_vat_area)

    def holds(self, country_code: str, postal_code: str) -> bool:
        return country_code == self.country_code and postal_code.startswith(
            self.prefixes
        )


def _outside_both(name, country_code, *prefixes, source="UCC, VAT 6(2)"):
    return Territory(name, country_code, prefixes, False, False, source)


def _outside_vat(name, country_code, *prefixes, source="UCC, VAT 6(1)"):
    return Territory(name, country_code, prefixes, True, False, source)


def _inside_both(name, country_code, *prefixes, source):
    return Territory(name, country_code, prefixes, True, True, source)


_OVERSEAS = "UCC, VAT 6(1)(c), TFEU 349"
_COUNTRIES_OVERSEAS = "UCC, TFEU 198"

TERRITORIES = (
    _outside_vat("Canary Islands", "ES", "35", "38"),
    _outside_both("Ceuta", "ES", "51"),
    _outside_both("Melilla", "ES", "52"),
    _outside_vat("Åland", "FI", "22"),
    _outside_vat("Åland", "AX", ""),
    _outside_both("Livigno", "IT", "23041"),
    # Until the end of 2019 it was outside both; Directive (EU) 2019/475.
    _outside_vat("Campione d'Italia", "IT", "22061"),
    # The two states use Italy's postal codes.
    _outside_vat("San Marino", "IT", "4789", source="Agreement OJ L 84, 28.3.2002"),
    _outside_vat("San Marino", "SM", "", source="Agreement OJ L 84, 28.3.2002"),
    _outside_both("Vatican City", "IT", "00120", source="no part of Italy"),
    _outside_both("Büsingen", "DE", "78266"),
    _outside_both("Helgoland", "DE", "27498"),
    _outside_vat("Mount Athos", "GR", "63086", "63087"),
    _outside_vat("Guadeloupe", "FR", "971", source=_OVERSEAS),
    _outside_vat("Martinique", "FR", "972", source=_OVERSEAS),
    _outside_vat("French Guiana", "FR", "973", source=_OVERSEAS),
    _outside_vat("Réunion", "FR", "974", source=_OVERSEAS),
    _outside_vat("Mayotte", "FR", "976", source=_OVERSEAS),
    _outside_vat("Saint Martin", "FR", "978", source=_OVERSEAS),
    _outside_both("Saint Pierre and Miquelon", "FR", "975", source=_COUNTRIES_OVERSEAS),
    _outside_both("Saint Barthélemy", "FR", "977", source=_COUNTRIES_OVERSEAS),
    # 980 is Monaco, a part of both areas.
    _outside_both(
        "French lands of the south and the Pacific",
        "FR",
        *("984", "986", "987", "988", "989"),
        source=_COUNTRIES_OVERSEAS,
    ),
    _inside_both("Monaco", "MC", "", source="UCC 4(2)(a), VAT 7(1)"),
    # Its customs and tax rules for goods are the EU's, though its country is not.
    _inside_both("Northern Ireland", "GB", "BT", source="NI 5(3), 8"),
    _inside_both("Northern Ireland", "XI", "", source="NI 5(3), 8"),
)


def territory_of(country_code: str, postal_code: str) -> Territory | None:
    """The special territory of an address, or None."""
    country_code = country_code.strip().upper()
    postal_code = _plain(postal_code, country_code)
    for territory in TERRITORIES:
        if territory.holds(country_code, postal_code):
            return territory
    return None


def needs_declaration(country_code: str, postal_code: str) -> bool:
    """Whether the law asks for a declaration of a parcel that is sent there."""
    territory = territory_of(country_code, postal_code)
    if territory:
        return territory.needs_declaration
    return country_code.strip().upper() not in EU


def is_customs_free(country_code: str, postal_code: str) -> bool:
    """Whether it is a place in a member state that needs no declaration."""
    in_eu = country_code.strip().upper() in EU
    return in_eu and not needs_declaration(country_code, postal_code)


def _plain(postal_code: str, country_code: str) -> str:
    """Without blanks and signs, and of digits without a country before ("E-35001")."""
    text = re.sub(r"[\W_]", "", postal_code).upper()
    return text if country_code == "GB" else re.sub(r"^[A-Z]+(?=\d)", "", text)

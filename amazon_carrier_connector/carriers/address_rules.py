"""How addresses are written, per country, as data for :mod:`.address`.

Words are compared in lower case and without a final full stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LATIN_SUFFIXES = _words("bis ter quater quinquies")
_DUTCH_SUFFIXES = _words(
    "bis hs huis boven beneden bg bv ben bov zwart rood wit zw rd links rechts "
    "i ii iii iv v vi vii viii"
)


@dataclass(frozen=True, slots=True)
class Rules:
    """How one country writes street and number.

    ``number_first``: "12 High Street"; ``either_order``: both ways are common.
    ``digits_only``: the number field holds digits, all else belongs to the suffix;
    elsewhere "12-14" and "12/3" are one number. ``box_words`` announce a box number,
    ``slash_is_box`` says that "12/3" means box 3. ``suffix_words`` may stand apart from
    the number that they belong to; single letters always may.
    """

    number_first: bool = False
    either_order: bool = False
    digits_only: bool = False
    slash_is_box: bool = False
    box_words: frozenset[str] = frozenset()
    suffix_words: frozenset[str] = _LATIN_SUFFIXES


_NUMBER_LAST = Rules()
_NUMBER_FIRST = Rules(number_first=True)

RULES: Mapping[str, Rules] = {
    "NL": Rules(digits_only=True, suffix_words=_DUTCH_SUFFIXES),
    "BE": Rules(
        digits_only=True,
        slash_is_box=True,
        box_words=_words("bus boîte boite bte bt box"),
        suffix_words=_LATIN_SUFFIXES | _words("gv glv"),
    ),
    "LU": Rules(number_first=True, either_order=True),
    **dict.fromkeys(("FR", "MC", "GB", "UK", "IE"), _NUMBER_FIRST),
    **dict.fromkeys(("US", "CA", "AU", "NZ"), _NUMBER_FIRST),
    **dict.fromkeys(("DE", "AT", "CH", "ES", "PT", "IT"), _NUMBER_LAST),
    **dict.fromkeys(("PL", "CZ", "SE", "DK", "NO", "FI"), _NUMBER_LAST),
}
GENERIC = _NUMBER_LAST

# Announces the number that follows. A bare "n" does not: "Route N 5" is a road.
NUMBER_MARKS = ("nr", "no", "n.", "n°", "nº", "num", "núm", "numero", "número")
NUMBER_MARKS += ("numéro", "nummer", "huisnummer", "huisnr", "hausnummer", "hausnr")
# "Without number", which is an address of its own.
NO_NUMBER = _words("s/n s/nº s.n snc s.n.c zn z/n")

# One of these makes a text a street, whatever the country.
STREET_WORDS = _words(
    # Dutch
    "straat laan weg plein kade gracht singel dreef hof pad steeg markt "
    # French
    "rue avenue av ave boulevard bd boul bld place pl impasse imp chemin ch allée "
    "allee allées quai route rte cours square passage sentier ruelle chaussée chaussee "
    "faubourg fbg esplanade rond-point lieu-dit "
    # German
    "straße strasse str platz gasse allee ring damm ufer "
    # Spanish and Portuguese
    "calle c/ cl avenida avda avd plaza pza plza paseo pº camino carretera ctra ronda "
    "travesía travesia glorieta urbanización urb rua travessa praça largo "
    # Italian
    "via viale v.le piazza p.za piazzale corso c.so vicolo strada lungomare contrada "
    # English
    "street st road rd lane ln close drive dr way court ct crescent terrace gardens "
    "grove park row mews hill walk parade "
    # Polish and Czech
    "ul ulica al aleja aleje os osiedle plac ulice náměstí "
    # Swedish, Danish, Norwegian, Finnish
    "gata gatan väg vägen vej veien gade katu tie"
)
STREET_ENDINGS = (
    *("straat", "laan", "weg", "plein", "kade", "gracht", "singel", "dreef", "dijk"),
    *("steeg", "markt", "baan", "pad", "hof", "plantsoen"),
    *("straße", "strasse", "str", "str.", "platz", "gasse", "allee", "ring", "damm"),
    *("ufer", "gatan", "gata", "vägen", "väg", "gränd", "vej", "veien", "gade"),
    "katu",
)

# A part of a building: belongs on the additional line.
UNIT_WORDS = _words(
    # Dutch
    "verdieping etage appartement apartement kamer studio ingang gebouw blok hoog "
    "achterhuis voorhuis souterrain begane "
    # French
    "étage etage appt bâtiment batiment bât bat escalier esc résidence residence "
    "rez-de-chaussée rdc porte hall logement lot "
    # German
    "og ug eg dg stock stockwerk geschoss obergeschoss erdgeschoss dachgeschoss "
    "wohnung whg hinterhaus vorderhaus gartenhaus seitenflügel aufgang eingang "
    "stiege stg tür zimmer hinterhof haus "
    # Spanish and Portuguese
    "piso planta puerta pta escalera izq izqda izquierda izda dcha derecha bajo bajos "
    "ático atico entresuelo portal bloque apto apartamento andar local "
    # Italian
    "interno scala piano palazzina "
    # English
    "floor flat apartment apt unit suite ste room building bldg block house entrance "
    # Polish, Swedish
    "mieszkanie lokal lok klatka piętro lgh lägenhet trappor vån våning"
)
# Too short to mean a part of a building unless a number follows.
UNIT_BEFORE_NUMBER = _words("app int m top tr esc fl #")

CARE_OF = (
    *(
        "c/o",
        "p/a",
        "z.hd.",
        "z. hd.",
        "zhd.",
        "z.h.",
        "t.a.v.",
        "tav ",
        "ter attentie",
    ),
    *("attn", "att.", "att:", "a/c", "chez ", "care of", "zu händen", "all'attenzione"),
    *("presso ", "a la atención", "d/d", "t.n.v."),
)

POST_OFFICE_BOX = (
    *("postbus", "postfach", "po box", "p.o. box", "p.o.box", "p o box", "pobox"),
    *("boîte postale", "boite postale", "bp", "b.p.", "apartado de correos"),
    *("apartado", "casella postale", "c.p.", "skrytka pocztowa", "skr. poczt.", "box"),
    *("antwoordnummer", "postboks"),
)
PARCEL_LOCKER = ("packstation", "postfiliale", "paketbox", "paketshop")

# Ends the name of a company; the short ones only where no number stands.
LEGAL_FORMS = _words(
    "b.v n.v v.o.f vof gmbh mbh e.v e.k ohg s.a s.a.s sas sarl eurl sprl s.r.l srl "
    "s.p.a ltd limited llp plc inc llc bvba vzw asbl s.l s.l.u o.o aps a/s gbr"
)
SHORT_LEGAL_FORMS = _words("bv nv ag kg sa ab sl cv ug spa oy as")
COMPANY_WORDS = _words("firma fa stichting vereniging praktijk")

MONTHS = _words(
    "januari februari maart april mei juni juli augustus september oktober november "
    "december janvier février mars avril mai juin juillet août aout septembre octobre "
    "novembre décembre januar februar märz dezember enero febrero marzo abril mayo "
    "junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile "
    "maggio giugno luglio settembre ottobre dicembre "
    "janeiro fevereiro março maio junho julho setembro outubro novembro dezembro "
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września "
    "października listopada grudnia"
)

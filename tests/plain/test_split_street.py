"""Streets, numbers, suffixes and boxes out of free address lines."""

from collections import Counter
from itertools import product

import pytest
from carriers import address_rules
from carriers.address import (
    StreetAddress,
    format_street,
    split_street,
    take_company,
)
from hypothesis import given, settings
from hypothesis import strategies as st


def parts_of(address):
    return (
        address.street,
        address.number,
        address.suffix,
        address.box_number,
        address.additional,
    )


def split(country, lines):
    return split_street(lines.split(" | "), country)


# --- shapes of real life, one by one: country, lines, street, number, suffix, box, rest

CERTAIN = [
    # Years and numbers that belong to the name of a street
    ("NL", "Plein 1944 5", "Plein 1944", "5", "", "", ""),
    ("NL", "Plein 1944 5a", "Plein 1944", "5", "a", "", ""),
    ("NL", "Plein 1944 | 5", "Plein 1944", "5", "", "", ""),
    ("NL", "Laan 1940-1945 103", "Laan 1940-1945", "103", "", "", ""),
    ("NL", "Laan 1940-1945 | 103", "Laan 1940-1945", "103", "", "", ""),
    ("NL", "Plein '40-'45 12", "Plein '40-'45", "12", "", "", ""),
    ("NL", "Plein 40-45 12", "Plein 40-45", "12", "", "", ""),
    ("NL", "300 laan 3", "300 laan", "3", "", "", ""),
    ("NL", "Straat van 12 augustus 5", "Straat van 12 augustus", "5", "", "", ""),
    ("NL", "2e Hugo de Grootstraat 5 II", "2e Hugo de Grootstraat", "5", "II", "", ""),
    ("DE", "Straße des 17. Juni 135", "Straße des 17. Juni", "135", "", "", ""),
    ("IT", "Via XX Settembre 12", "Via XX Settembre", "12", "", "", ""),
    ("IT", "Corso Emanuele II 24", "Corso Emanuele II", "24", "", "", ""),
    ("ES", "Calle 12 de Octubre 5", "Calle 12 de Octubre", "5", "", "", ""),
    ("IT", "Via 25 Aprile 3", "Via 25 Aprile", "3", "", "", ""),
    ("PT", "Rua 1 de Maio 3", "Rua 1 de Maio", "3", "", "", ""),
    ("PL", "ul. 11 Listopada 5", "ul. 11 Listopada", "5", "", "", ""),
    ("PL", "Aleja 3 Maja 12", "Aleja 3 Maja", "12", "", "", ""),
    ("FR", "12 rue du 8 mai 1945", "rue du 8 mai 1945", "12", "", "", ""),
    ("FR", "rue du 8 mai 1945 12", "rue du 8 mai 1945", "12", "", "", ""),
    ("GB", "12 5th Avenue", "5th Avenue", "12", "", "", ""),
    ("US", "123 45th St", "45th St", "123", "", "", ""),
    # Suffixes
    ("NL", "Hoofdstraat 12-3", "Hoofdstraat", "12", "3", "", ""),
    ("NL", "Hoofdstraat 8-hs", "Hoofdstraat", "8", "hs", "", ""),
    ("NL", "Hoofdstraat 8hs", "Hoofdstraat", "8", "hs", "", ""),
    ("NL", "Hoofdstraat 12-A-3", "Hoofdstraat", "12", "A-3", "", ""),
    ("NL", "Hoofdstraat 12 zwart", "Hoofdstraat", "12", "zwart", "", ""),
    ("NL", "Hoofdstraat 12AB", "Hoofdstraat", "12", "AB", "", ""),
    ("NL", "Hoofdstraat 12 / 3", "Hoofdstraat", "12", "3", "", ""),
    ("NL", "Hoofdstraat nr. 12", "Hoofdstraat", "12", "", "", ""),
    ("NL", "Hoofdstraat nr. | 12", "Hoofdstraat", "12", "", "", ""),
    ("NL", "Hoofdstraat huisnummer 12", "Hoofdstraat", "12", "", "", ""),
    ("FR", "12 bis rue de la Paix", "rue de la Paix", "12", "bis", "", ""),
    ("FR", "12bis, rue de la Paix", "rue de la Paix", "12", "bis", "", ""),
    ("FR", "12 B rue de la Paix", "rue de la Paix", "12", "B", "", ""),
    ("FR", "12 Rue de la Paix", "Rue de la Paix", "12", "", "", ""),
    ("GB", "221B Baker Street", "Baker Street", "221", "B", "", ""),
    ("GB", "12 A High Street", "High Street", "12", "A", "", ""),
    ("GB", "12E High Street", "High Street", "12", "E", "", ""),
    ("IT", "Via Roma 5/A", "Via Roma", "5", "A", "", ""),
    ("IT", "Via Roma n. 5 bis", "Via Roma", "5", "bis", "", ""),
    ("IT", "Via Roma, 5", "Via Roma", "5", "", "", ""),
    ("IT", "Via Roma n°5", "Via Roma", "5", "", "", ""),
    ("SE", "Storgatan 12 A", "Storgatan", "12", "A", "", ""),
    ("NL", "Hoofdstraat 12 | B", "Hoofdstraat", "12", "B", "", ""),
    ("NL", "Hoofdstraat | 12 | hs", "Hoofdstraat", "12", "hs", "", ""),
    ("NL", "Hoofdstraat 12 | B | Proef BV", "Hoofdstraat", "12", "B", "", "Proef BV"),
    ("NL", "Hoofdstraat 12 a | B", "Hoofdstraat", "12", "a", "", "B"),
    ("ES", "Calle Mayor 12 | B", "Calle Mayor", "12", "", "", "B"),
    # Written together
    ("DE", "Musterstr.12", "Musterstr.", "12", "", "", ""),
    ("DE", "Alte Dorfstr.24b", "Alte Dorfstr.", "24", "b", "", ""),
    ("NL", "Dorpsstraat12", "Dorpsstraat", "12", "", "", ""),
    ("NL", "Dorpsstr.12a", "Dorpsstr.", "12", "a", "", ""),
    ("SE", "Storgatan5B", "Storgatan", "5", "B", "", ""),
    # Ranges and stairs are one number where the number may hold more than digits
    ("DE", "Musterstr. 5-7", "Musterstr.", "5-7", "", "", ""),
    ("DE", "Musterstr. 5 - 7", "Musterstr.", "5-7", "", "", ""),
    ("FR", "12-14 rue Neuve", "rue Neuve", "12-14", "", "", ""),
    ("AT", "Mariahilfer Straße 12/3/45", "Mariahilfer Straße", "12/3/45", "", "", ""),
    ("PL", "ul. Nowa 12/34", "ul. Nowa", "12/34", "", "", ""),
    # Boxes
    ("BE", "Kasteelstraat 1 bus 200A", "Kasteelstraat", "1", "", "200A", ""),
    ("BE", "Kasteelstraat 1A bus 3", "Kasteelstraat", "1", "A", "3", ""),
    ("BE", "Kasteelstraat 1, bus 3", "Kasteelstraat", "1", "", "3", ""),
    ("BE", "Kasteelstraat 1 | bus 3", "Kasteelstraat", "1", "", "3", ""),
    ("BE", "Kasteelstraat 1 bus3", "Kasteelstraat", "1", "", "3", ""),
    ("BE", "Kasteelstraat 1/3", "Kasteelstraat", "1", "", "3", ""),
    ("BE", "Kasteelstraat 1A/0301", "Kasteelstraat", "1", "A", "0301", ""),
    ("BE", "Kasteelstraat 1/A", "Kasteelstraat", "1", "A", "", ""),
    ("BE", "Rue Neuve 12 boîte 3", "Rue Neuve", "12", "", "3", ""),
    ("BE", "Rue Neuve 12 bte. 3", "Rue Neuve", "12", "", "3", ""),
    ("BE", "Rue Neuve 12, boîte n° 3", "Rue Neuve", "12", "", "3", ""),
    ("BE", "12 rue Neuve", "rue Neuve", "12", "", "", ""),
    ("BE", "Avenue de Spa | 12", "Avenue de Spa", "12", "", "", ""),
    # Parts of a building
    ("DE", "Unter den Linden 77, 2. OG", "Unter den Linden", "77", "", "", "2. OG"),
    ("DE", "Am Markt 1 Hinterhaus", "Am Markt", "1", "", "", "Hinterhaus"),
    ("AT", "Ring 12 Top 5", "Ring", "12", "", "", "Top 5"),
    ("AT", "Ring 12, Stiege 2, Tür 4", "Ring", "12", "", "", "Stiege 2, Tür 4"),
    ("NL", "Overtoom 12 3 hoog", "Overtoom", "12", "", "", "3 hoog"),
    ("NL", "Overtoom 12, 2e verdieping", "Overtoom", "12", "", "", "2e verdieping"),
    ("NL", "Overtoom 12 (achter)", "Overtoom", "12", "", "", "(achter)"),
    ("GB", "Flat 3, 12 High Street", "High Street", "12", "", "", "Flat 3"),
    ("GB", "Flat 3 12 High Street", "High Street", "12", "", "", "Flat 3"),
    ("GB", "Apt 4B 21-23 King Street", "King Street", "21-23", "", "", "Apt 4B"),
    ("GB", "1st Floor, 5 Market Square", "Market Square", "5", "", "", "1st Floor"),
    ("FR", "2e étage 12 rue Neuve", "rue Neuve", "12", "", "", "2e étage"),
    ("FR", "12 rue Neuve appt 4", "rue Neuve", "12", "", "", "appt 4"),
    ("FR", "Bât B, 12 rue Neuve", "rue Neuve", "12", "", "", "Bât B"),
    ("ES", "Calle Mayor 3, 2º B", "Calle Mayor", "3", "", "", "2º B"),
    ("ES", "Calle Mayor 3 2º B", "Calle Mayor", "3", "", "", "2º B"),
    ("ES", "C/ Mayor, nº 3, 4º izda", "C/ Mayor", "3", "", "", "4º izda"),
    ("ES", "Avda. Real, 12, Portal 3", "Avda. Real", "12", "", "", "Portal 3"),
    ("ES", "Avda. Real, 640 6ª planta", "Avda. Real", "640", "", "", "6ª planta"),
    ("IT", "Via Roma, 12/B int. 4", "Via Roma", "12", "B", "", "int. 4"),
    ("AT", "Hauptstr. 12 Stg 2 Top 15", "Hauptstr.", "12", "", "", "Stg 2 Top 15"),
    ("DE", "Im Winkel 4 Haus B", "Im Winkel", "4", "", "", "Haus B"),
    ("ES", "Calle Mayor s/n", "Calle Mayor", "s/n", "", "", ""),
    ("IT", "Via Neri 12 int. 3 scala B", "Via Neri", "12", "", "", "int. 3 scala B"),
    ("PL", "ul. Nowa 12 m. 34", "ul. Nowa", "12", "", "", "m. 34"),
    ("SE", "Storgatan 12 lgh 1101", "Storgatan", "12", "", "", "lgh 1101"),
    # Companies, persons and names of houses beside the street
    ("BE", "Proef B.V. | Testlaan 100", "Testlaan", "100", "", "", "Proef B.V."),
    ("DE", "Firma 24 GmbH | Musterweg 5", "Musterweg", "5", "", "", "Firma 24 GmbH"),
    ("DE", "c/o Müller | Musterweg 5", "Musterweg", "5", "", "", "c/o Müller"),
    ("DE", "Musterweg 5 c/o Müller", "Musterweg", "5", "", "", "c/o Müller"),
    ("NL", "t.a.v. Eva 5 | Dorpsweg 12", "Dorpsweg", "12", "", "", "t.a.v. Eva 5"),
    ("NL", "Villa Nova | Dorpsweg | 12-hs", "Dorpsweg", "12", "hs", "", "Villa Nova"),
    ("NL", "Studio 54 | Dorpsweg 5", "Dorpsweg", "5", "", "", "Studio 54"),
    ("NL", "Gebouw 7 | Dorpsweg 5", "Dorpsweg", "5", "", "", "Gebouw 7"),
    ("GB", "Old Mill, 3 Mill Lane", "Mill Lane", "3", "", "", "Old Mill"),
    # Number and street in two parts
    ("NL", "Dorpsstraat | 12 bis", "Dorpsstraat", "12", "bis", "", ""),
    ("FR", "12 | rue de la Paix", "rue de la Paix", "12", "", "", ""),
    ("LU", "12, rue de Hollerich", "rue de Hollerich", "12", "", "", ""),
    ("LU", "Rue de Hollerich 12", "Rue de Hollerich", "12", "", "", ""),
    ("DE", "Q7, 24", "Q7", "24", "", "", ""),
    # Lockers and post office boxes
    ("DE", "1234567890 | Packstation 101", "Packstation", "101", "", "", "1234567890"),
    ("DE", "Packstation 101 | 1234567890", "Packstation", "101", "", "", "1234567890"),
    ("DE", "1234567890 Packstation 101", "Packstation", "101", "", "", "1234567890"),
    ("DE", "DHL Packstation 7 | 123456", "DHL Packstation", "7", "", "", "123456"),
    ("NL", "Postbus 123", "Postbus", "123", "", "", ""),
    ("BE", "Postbus 12 | Proef NV", "Postbus", "12", "", "", "Proef NV"),
    ("DE", "Postfach 12 34 56", "Postfach 12 34 56", "", "", "", ""),
    ("FR", "BP 40012", "BP 40012", "", "", "", ""),
    ("GB", "P.O. Box 12", "P.O. Box 12", "", "", "", ""),
    ("SE", "Box 123", "Box 123", "", "", "", ""),
]

UNCERTAIN = [
    ("NL", "", "", "", "", "", ""),
    ("NL", " | , ;", "", "", "", "", ""),
    ("NL", "12 bis", "", "12", "bis", "", ""),
    ("FR", "12 bis", "", "12", "bis", "", ""),
    ("NL", "Plein 1944", "Plein", "1944", "", "", ""),
    ("NL", "1e Oosterparkstraat", "1e Oosterparkstraat", "", "", "", ""),
    ("NL", "Overtoom 12 3", "Overtoom", "12", "3", "", ""),
    ("NL", "Overtoom 12 AB", "Overtoom", "12", "AB", "", ""),
    ("NL", "Overtoom 12-14", "Overtoom", "12", "14", "", ""),
    ("BE", "Kerkstraat 12 - 14", "Kerkstraat", "12", "14", "", ""),
    ("BE", "Kerkstraat 12 b3", "Kerkstraat", "12", "", "3", ""),
    ("NL", "Kanaal 3 zz 12", "Kanaal 3 zz", "12", "", "", ""),
    ("DE", "Weg 4 Nord 7", "Weg 4 Nord", "7", "", "", ""),
    ("GB", "Unit 4 | Station Road", "Station Road", "", "", "", "Unit 4"),
    ("NL", "12 | Dorpsstraat", "Dorpsstraat", "12", "", "", ""),
    ("NL", "Dorpsweg 12 bij de kerk", "Dorpsweg", "12", "", "", "bij de kerk"),
    ("NL", "Dorpsweg 5 | Kerkweg 6", "Dorpsweg", "5", "", "", "Kerkweg 6"),
    ("NL", "Postbus 12 | Dorpsweg 5", "Dorpsweg", "5", "", "", "Postbus 12"),
    ("ES", "12 s/n", "", "12", "s/n", "", ""),
    ("ES", "Calle Mayor 3, 2", "Calle Mayor", "3", "", "", "2"),
    ("DE", "Straße 12 Nr. 5", "Straße 12", "5", "", "", ""),
    ("DE", "Packstation 101", "Packstation", "101", "", "", ""),
    ("FR", "rue du 8 mai 1945", "rue du 8 mai 1945", "", "", "", ""),
    ("FR", "12rue Neuve", "rue Neuve", "12", "", "", ""),
    ("FR", "Lieu-dit Le Bourg", "Lieu-dit Le Bourg", "", "", "", ""),
    ("GB", "Rose Cottage | High Street", "High Street", "", "", "", "Rose Cottage"),
    ("GB", "Unit 5 Park Road", "Unit 5 Park Road", "", "", "", ""),
    ("NL", "c/o Eva Voorbeeld", "c/o Eva Voorbeeld", "", "", "", ""),
]


@pytest.mark.parametrize(("country", "lines", "street", *"nsba"), CERTAIN)
def test_a_plain_shape_is_split_and_certain(country, lines, street, n, s, b, a):
    address = split(country, lines)
    assert parts_of(address) == (street, n, s, b, a)
    assert address.certain


@pytest.mark.parametrize(("country", "lines", "street", *"nsba"), UNCERTAIN)
def test_a_guess_is_made_and_said_to_be_one(country, lines, street, n, s, b, a):
    address = split(country, lines)
    assert parts_of(address) == (street, n, s, b, a)
    assert not address.certain


@pytest.mark.parametrize(("country", "lines", *"pnsba"), CERTAIN)
def test_a_certain_address_survives_being_written_and_split_again(
    country, lines, p, n, s, b, a
):
    address = split(country, lines)
    written = format_street(address, country)
    again = split_street(written, country)
    assert parts_of(again) == parts_of(address)
    assert format_street(again, country) == written


# --- shapes put together: street x number x suffix x what stands beside ---------------

LAST = {
    "NL": [
        ("Dorpsstraat", "Burgemeester van Stamplein", "'t Zand", "Laan 1940-1945")
        + ("2e Hugo de Grootstraat", "300 laan", "Lange Nieuwstraat"),
        [("{}", ""), ("{}a", "a"), ("{} a", "a"), ("{}-hs", "hs"), ("{} hs", "hs")]
        + [("{}bis", "bis"), ("{} bis", "bis"), ("{}-A", "A"), ("{} III", "III")]
        + [("{}-300", "300"), ("{} A3", "A3")],
    ],
    "BE": [
        ("Kasteelstraat", "Chaussée de Wavre", "Avenue Louise", "Grote Markt"),
        [("{}", ""), ("{}A", "A"), ("{} B", "B"), ("{}bis", "bis")],
    ],
    "DE": [
        ("Musterstraße", "Unter den Linden", "Am Alten Markt", "Str. der Einheit"),
        [("{}", ""), ("{}a", "a"), ("{} a", "a"), ("{}A", "A"), ("{}a-c", "a-c")],
    ],
    "AT": [
        ("Mariahilfer Straße", "Kärntner Ring"),
        [("{}", ""), ("{}a", "a"), ("{} B", "B")],
    ],
    "ES": [
        ("Calle Mayor", "Avda. de la Constitución", "C/ San Juan", "Plaza de España"),
        [("{}", ""), (", {}", ""), (" nº {}", ""), ("{} bis", "bis"), ("{}B", "B")],
    ],
    "IT": [
        ("Via Roma", "Piazza Garibaldi", "Viale della Libertà", "Via dei Mille"),
        [("{}", ""), (", {}", ""), ("{}/B", "B"), ("{} bis", "bis"), (" n. {}", "")],
    ],
    "PL": [("ul. Nowa", "al. Jana Pawła II"), [("{}", ""), ("{}A", "A")]],
    "SE": [("Storgatan", "Kungsgatan", "Norra Vägen"), [("{}", ""), ("{} B", "B")]],
    "XX": [("Some Lane", "Example Road"), [("{}", ""), ("{}b", "b")]],
}
FIRST = {
    "FR": [
        ("rue de la Paix", "avenue des Champs", "place du 11 novembre 1918")
        + ("chemin des Vignes", "Bd Voltaire"),
        [("{}", ""), ("{}bis", "bis"), ("{} bis", "bis"), ("{} ter", "ter")]
        + [("{},", ""), ("{}B", "B"), ("{} B", "B")],
    ],
    "GB": [
        ("High Street", "The Green Lane", "St Mary's Road", "Park Row"),
        [("{}", ""), ("{}A", "A"), ("{}b", "b"), ("{},", "")],
    ],
    "IE": [("Main Street", "O'Connell Street"), [("{}", ""), ("{}A", "A")]],
    "LU": [("rue de Hollerich", "route d'Arlon"), [("{}", ""), ("{},", "")]],
}
NUMBERS = ("1", "12", "103")


def combined():
    for country, (streets, styles) in LAST.items():
        for street, number, (style, suffix) in product(streets, NUMBERS, styles):
            written = f"{street} {style.format(number)}".replace(" ,", ",")
            yield country, " ".join(written.split()), street, number, suffix
    for country, (streets, styles) in FIRST.items():
        for street, number, (style, suffix) in product(streets, NUMBERS, styles):
            yield country, f"{style.format(number)} {street}", street, number, suffix


COMBINED = list(combined())
BESIDE = {
    "": ("{}", ""),
    "company": ("Proefbedrijf B.V. | {}", "Proefbedrijf B.V."),
    "person": ("c/o Eva Voorbeeld | {}", "c/o Eva Voorbeeld"),
    "floor": ("{} | 2. OG", "2. OG"),
    "flat": ("{}, Apt 4", "Apt 4"),
    "both": ("Proef GmbH | {} | Etage 3", "Proef GmbH, Etage 3"),
}


def test_there_are_some_hundred_combined_shapes():
    assert len(COMBINED) > 500
    assert len({(country, line) for country, line, *_rest in COMBINED}) == len(COMBINED)


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("country", [*LAST, *FIRST])
def test_every_combined_shape_is_split_as_it_was_put_together(country, beside):
    frame, additional = BESIDE[beside]
    wrong = []
    for cc, line, street, number, suffix in COMBINED:
        if cc == country:
            address = split(country, frame.format(line))
            expected = (street, number, suffix, "", additional)
            if parts_of(address) != expected or not address.certain:
                wrong.append((line, address))
    assert wrong == []


@pytest.mark.parametrize("country", [*LAST, *FIRST])
def test_every_combined_shape_survives_being_written_and_split_again(country):
    for cc, line, *_rest in COMBINED:
        if cc == country:
            address = split(country, line)
            assert split_street(format_street(address, country), country) == address


@pytest.mark.parametrize("box", ["3", "12", "200A", "0301", "A", "3.1", "B2"])
@pytest.mark.parametrize("word", ["bus ", "Bus ", "bte ", "Bte. ", "boîte ", ", bus "])
@pytest.mark.parametrize("number", ["1", "12A", "103 B"])
def test_every_way_to_write_a_belgian_box_is_read(number, word, box):
    address = split("BE", f"Kasteelstraat {number}{' ' * (word[0] != ',')}{word}{box}")
    assert address.street == "Kasteelstraat"
    assert address.box_number == box
    assert f"{address.number}{address.suffix}" == number.replace(" ", "")
    assert address.certain


@pytest.mark.parametrize("country", sorted({*address_rules.RULES} - {"BE"}))
def test_no_country_but_belgium_gets_a_box_number(country):
    assert split(country, "Kasteelstraat 1 bus 3").box_number == ""


# --- what holds for any text ----------------------------------------------------------

COUNTRIES = st.sampled_from([*sorted(address_rules.RULES), "XX", "", "nl", " be "])
WORDS = st.sampled_from(
    ["Dorpsstraat", "rue", "de", "la", "Paix", "High", "Street", "Plein", "Via", "12"]
    + [
        "5",
        "103",
        "a",
        "B",
        "bis",
        "II",
        "8-hs",
        "12-14",
        "12/3",
        "200A",
        "1944",
        "nr.",
    ]
    + ["n°", "bus", "bte", "boîte", "Box", "2e", "verdieping", "2.", "OG", "2º", "s/n"]
    + ["c/o", "Müller", "B.V.", "GmbH", "Packstation", "1234567890", "Postbus", "Flat"]
    + ["(achter)", "m.", "-", "/", ",", "+", "mai", "1945", "Nr", "numéro"]
)
WRITTEN = st.lists(st.lists(WORDS, max_size=7).map(" ".join), max_size=3)
ANYTHING = st.lists(st.text(max_size=60), max_size=4)
ANNOUNCING = {*address_rules.NUMBER_MARKS} | {
    word for rules in address_rules.RULES.values() for word in rules.box_words
}


def characters(texts):
    return Counter(char for text in texts for char in text if char.isalnum())


def announcing_words(lines):
    """What may go: the words that only say that a number or a box follows."""
    text = " ".join(lines).lower()
    return "".join(word * text.count(word) for word in ANNOUNCING)


@given(lines=ANYTHING | WRITTEN, country=COUNTRIES)
@settings(max_examples=1500, deadline=None)
def test_no_letter_and_no_digit_is_lost_or_invented(lines, country):
    address = split_street(lines, country)
    before, after = characters(lines), characters(parts_of(address))
    assert not after - before
    lost = Counter("".join((before - after).elements()).lower())
    assert not lost - characters([announcing_words(lines)])


@given(lines=WRITTEN, country=COUNTRIES)
@settings(max_examples=1000, deadline=None)
def test_every_number_stays_whole(lines, country):
    def numbers(texts):
        joined = " ".join(texts)
        return Counter("".join(c if c in "0123456789" else " " for c in joined).split())

    assert numbers(parts_of(split_street(lines, country))) == numbers(lines)


@given(lines=ANYTHING | WRITTEN, country=COUNTRIES)
@settings(max_examples=500, deadline=None)
def test_blanks_do_not_matter(lines, country):
    spread = ["  " + line.replace(" ", " \t ") + "\xa0" for line in lines]
    assert split_street(spread, country) == split_street(lines, country)


@given(lines=ANYTHING | WRITTEN, country=COUNTRIES)
@settings(max_examples=500, deadline=None)
def test_an_empty_line_does_not_matter(lines, country):
    assert split_street(["", *lines, " "], country) == split_street(lines, country)


@given(lines=WRITTEN, country=COUNTRIES)
@settings(max_examples=1000, deadline=None)
def test_a_certain_address_has_a_street_and_mostly_a_number(lines, country):
    address = split_street(lines, country)
    if address.certain:
        assert any(char.isalpha() for char in address.street)
        assert address.number or any(char.isdigit() for char in address.street)
    assert address.number or not address.suffix + address.box_number


@given(lines=WRITTEN)
@settings(max_examples=1000, deadline=None)
@pytest.mark.parametrize("country", ["NL", "BE"])
def test_the_number_is_digits_only_where_the_carrier_wants_digits(country, lines):
    number = split_street(lines, country).number
    assert number.isdigit() or number.lower().rstrip(".") in {
        "",
        *address_rules.NO_NUMBER,
    }


@pytest.mark.parametrize(
    "line", ["1 " * 2000, "a1 " * 2000, "nr 1 " * 1500, "(" * 5000, "12/" * 3000]
)
def test_a_very_long_line_is_read_in_little_time(line):
    address = split_street([line, line], "NL")
    assert characters(parts_of(address)) <= characters([line, line])


def test_lower_case_and_blanks_in_the_country_do_not_matter():
    lines = ["12 rue de la Paix"]
    assert split_street(lines, " fr ") == split_street(lines, "FR")


def test_an_address_is_a_value():
    one = StreetAddress("Dorpsstraat", "1", "", "", "", True)
    assert split("NL", "Dorpsstraat 1") == one
    assert hash(one) == hash(split("NL", "Dorpsstraat 1"))


@pytest.mark.parametrize(
    ("country", "address", "lines"),
    [
        ("NL", ("Dorpsstraat", "12", "a", "", ""), ("Dorpsstraat 12 a",)),
        (
            "NL",
            ("Dorpsstraat", "12", "3", "", "achter"),
            ("Dorpsstraat 12-3", "achter"),
        ),
        ("BE", ("Rue Neuve", "12", "", "3", ""), ("Rue Neuve 12 bus 3",)),
        ("FR", ("rue Neuve", "12", "bis", "", ""), ("12 bis rue Neuve",)),
        ("DE", ("Packstation", "101", "", "", "123456"), ("Packstation 101", "123456")),
        ("GB", ("High Street", "", "", "", "Flat 3"), ("High Street", "Flat 3")),
        ("NL", ("", "", "", "", ""), ()),
    ],
)
def test_an_address_is_written_as_its_country_does(country, address, lines):
    assert format_street(StreetAddress(*address, True), country) == lines


@pytest.mark.parametrize(
    ("country", "lines", "company", "additional"),
    [
        ("NL", "Proefbedrijf B.V. | Testlaan 100", "Proefbedrijf B.V.", ""),
        ("BE", "Proef NV | Testlaan 1 | Etage 3", "Proef NV", "Etage 3"),
        ("DE", "Musterweg 5, Firma Beispiel, 2. OG", "Firma Beispiel", "2. OG"),
        ("DE", "Muster GmbH & Co. KG | Weg 5", "Muster GmbH & Co. KG", ""),
        ("DE", "c/o Muster GmbH | Musterweg 5", "", "c/o Muster GmbH"),
        ("DE", "A GmbH | B GmbH | Musterweg 5", "A GmbH", "B GmbH"),
        ("GB", "Old Mill, 3 Mill Lane", "", "Old Mill"),
        ("NL", "Dorpsweg 5", "", ""),
    ],
)
def test_a_company_beside_the_street_is_recognised(country, lines, company, additional):
    found, rest = take_company(split(country, lines))
    assert (found, rest.additional) == (company, additional)


@given(lines=ANYTHING | WRITTEN, country=COUNTRIES)
@settings(max_examples=500, deadline=None)
def test_taking_the_company_out_loses_nothing(lines, country):
    address = split_street(lines, country)
    company, rest = take_company(address)
    assert characters([company, *parts_of(rest)]) == characters(parts_of(address))
    assert rest.certain == address.certain

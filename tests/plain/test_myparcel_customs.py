"""Customs declarations as MyParcel is asked them, over HTTP and by its contract."""

import dataclasses
import io

import carriers.myparcel
import pytest
from carriers.customs import Content, Numbers, declare
from carriers.errors import Refused
from carriers.myparcel import MyParcel, check_request, user_agent
from carriers.myparcel_customs import is_declared
from carriers.myparcel_labelling import MyParcelLabelling
from carriers.myparcel_payload import shipment_payload
from carriers.shipments import ParcelRequest, Recipient
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.standins.contracts import Contracts

CONTRACTS = Contracts.from_environment()

POSTNL, DPD, DHL_EUROPLUS, UPS = 1, 4, 11, 12
MUG = Content("[MUG] Mug", "Blue mug", 2, 9.95, 400, "6912.00.23", "CN")
BOWL = Content("[BOWL] Bowl", "Bowl", 1, 5.5, 700, "691200", "nl")
NUMBERS = Numbers("NL 123456789", "NL123456789B01", "GB123456789", "2021234")
ADDRESSES = {
    "CH": ("8001", "Zürich"),
    "GB": ("SW1A 1AA", "London"),
    "NO": ("0150", "Oslo"),
    "US": ("10001", "New York"),
    "ES": ("35001", "Las Palmas"),
    "BT": ("BT1 5GS", "Belfast"),
    "MC": ("98000", "Monaco"),
    "NL": ("3500 AA", "Utrecht"),
    "IC": ("28013", "Madrid"),
}
COUNTRY = {"BT": "GB", "IC": "ES"}


@pytest.fixture
def client(myparcel):
    return MyParcel(
        myparcel.api_key, base_url=myparcel.url, user_agent=user_agent("19.0.1.0.0")
    )


def recipient(place):
    postal_code, city = ADDRESSES[place]
    return Recipient(
        name="Eva Voorbeeld",
        company="Proef",
        street="Voorbeeldstraat",
        number="12",
        number_suffix="",
        box_number="",
        street_additional="",
        postal_code=postal_code,
        city=city,
        region="",
        country_code=COUNTRY.get(place, place),
        phone="+31600000001",
        email="a1b2c3@marketplace.amazon.nl",
    )


def request(place="CH", contents=(MUG, BOWL), numbers=NUMBERS, **values):
    customs = declare(contents, parcel_grams=1_600, invoice="402-1", numbers=numbers)
    values.setdefault("customs", customs)
    return ParcelRequest(
        reference=f"P-{place}",
        carrier_id=values.pop("carrier_id", POSTNL),
        package_type=1,
        recipient=recipient(place),
        weight_grams=1_600,
        **values,
    )


def read_pages(pdf):
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def of(contents=(MUG,), **values):
    """The faults of a request: part of the declaration, code and what it is about."""
    problems = check_request(request(contents=contents, **values))
    return [(p.field, p.code, p.subject) for p in problems]


def changed(**values):
    return (dataclasses.replace(MUG, **values),)


# The body


def test_weight_and_value_of_an_item_are_those_of_the_line(client, myparcel):
    client.create_shipments([request()])
    (shipment,) = myparcel.shipments.values()
    assert shipment.request["customs_declaration"] == {
        "contents": 1,
        "invoice": "402-1",
        "weight": 1_500,
        "items": [
            {
                "description": "Blue mug",
                "amount": 2,
                "weight": 800,
                "item_value": {"amount": 1990, "currency": "EUR"},
                "classification": "69120023",
                "country": "CN",
            },
            {
                "description": "Bowl",
                "amount": 1,
                "weight": 700,
                "item_value": {"amount": 550, "currency": "EUR"},
                "classification": "691200",
                "country": "NL",
            },
        ],
        "eori_number": "NL123456789",
        "vat_number": "NL123456789B01",
    }


@pytest.mark.parametrize("place", ["CH", "GB", "NO", "ES", "BT", "MC"])
def test_myparcel_takes_the_declaration_to(place, client, myparcel):
    assert client.create_shipments([request(place)])
    (shipment,) = myparcel.shipments.values()
    assert shipment.has_customs_form


@pytest.mark.parametrize("place", ["CH", "GB", "NO", "BT", "MC"])
def test_outside_the_union_nothing_is_asked_without_a_declaration(
    place, client, myparcel
):
    bare = request(place, customs=None)
    with pytest.raises(Refused) as caught:
        client.create_shipments([bare])
    (problem,) = caught.value.problems
    assert (problem.reference, problem.field, problem.code) == (
        f"P-{place}",
        "customs",
        "required",
    )
    assert myparcel.counts() == {}


def test_the_canary_islands_are_not_forgotten():
    (problem,) = check_request(request("ES", customs=None))
    assert (problem.field, problem.code) == ("customs", "required")


@pytest.mark.parametrize("place", ["NL", "IC"])
def test_within_the_union_there_is_none(place):
    bare = request(place, customs=None)
    assert check_request(bare) == ()
    assert "customs_declaration" not in shipment_payload(bare)


@pytest.mark.parametrize(
    ("country", "postal_code", "expected"),
    [
        ("NL", "3500 AA", False),
        ("ES", "28013", False),
        ("ES", "35001", True),
        ("gb", "BT1 5GS", True),
        ("MC", "98000", True),
        ("CH", "", True),
        ("", "", False),
    ],
)
def test_what_myparcel_calls_the_world_is_declared(country, postal_code, expected):
    assert is_declared(country, postal_code) is expected


# The sender's numbers


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("CH", {"eori_number", "vat_number"}),
        ("GB", {"eori_number", "vat_number", "vat_number_uk"}),
        ("NO", {"eori_number", "vat_number", "voec_number"}),
        ("ES", {"eori_number", "vat_number"}),
        # The British one is not for Northern Ireland, which has the EU's tax on goods.
        ("BT", {"eori_number", "vat_number"}),
    ],
)
def test_a_country_is_told_its_own_tax_number_only(place, names):
    declaration = shipment_payload(request(place))["customs_declaration"]
    assert {name for name in declaration if name.endswith(("number", "uk"))} == names


def test_numbers_that_the_sender_has_not_are_left_out():
    declaration = shipment_payload(request("GB", numbers=Numbers()))
    assert set(declaration["customs_declaration"]) == {
        *("contents", "invoice", "weight", "items")
    }


def test_dpd_wants_the_senders_numbers_for_the_united_kingdom():
    bare = {"carrier_id": DPD, "numbers": Numbers()}
    assert of(place="GB", **bare) == [
        ("customs.eori", "required", ""),
        ("customs.vat", "required", ""),
    ]
    assert of(place="CH", **bare) == []
    assert of(place="GB", carrier_id=DPD) == []


# HS codes


@pytest.mark.parametrize(
    ("carrier_id", "place", "code", "sent"),
    [
        (POSTNL, "CH", "6912.00.23.00", "6912002300"),
        (POSTNL, "CH", "691200", "691200"),
        (DPD, "CH", "6912002300", "69120023"),
        (DHL_EUROPLUS, "CH", "6912002300", "6912002300"),
        (DHL_EUROPLUS, "CH", "69120023", "69120023"),
        (POSTNL, "US", "6912002300", "6912002300"),
        (UPS, "CH", "69120023", "69120023"),
    ],
)
def test_the_code_has_as_many_digits_as_the_carrier_takes(
    carrier_id, place, code, sent, client, myparcel
):
    asked = request(place, changed(hs_code=code), carrier_id=carrier_id)
    client.create_shipments([asked])
    (shipment,) = myparcel.shipments.values()
    (item,) = shipment.request["customs_declaration"]["items"]
    assert item["classification"] == sent


@pytest.mark.parametrize(
    ("carrier_id", "place", "code"),
    [
        (POSTNL, "CH", "6912"),
        (POSTNL, "CH", "unknown"),
        (DPD, "CH", "691200"),
        (DHL_EUROPLUS, "CH", "691200"),
        (POSTNL, "US", "69120023"),
        (DPD, "US", "6912002300"),
    ],
)
def test_a_code_with_too_few_digits_names_the_product(carrier_id, place, code):
    faults = of(changed(hs_code=code), carrier_id=carrier_id, place=place)
    assert faults == [("customs.hs_code", "invalid", "[MUG] Mug")]


# The check


@given(
    contents=st.lists(
        st.builds(
            Content,
            product=st.text(max_size=3),
            description=st.text(max_size=60),
            quantity=st.integers(0, 100_001) | st.floats(0.01, 9),
            unit_price=st.floats(0, 900),
            unit_grams=st.floats(0, 9_000),
            hs_code=st.sampled_from(["6912.00.23", "691200", "6912002300", "6912", ""]),
            origin=st.sampled_from(["CN", "nl", "", "China"]),
        ),
        max_size=4,
    ),
    carrier_id=st.sampled_from((POSTNL, DPD, DHL_EUROPLUS, UPS)),
    place=st.sampled_from(sorted(ADDRESSES)),
)
@settings(max_examples=60, deadline=None)
def test_a_declaration_that_passes_the_check_fits_the_contract(
    contents, carrier_id, place
):
    # One takes codes of eight digits only, the other asks for ten.
    assume((carrier_id, place) != (DPD, "US"))
    if place == "US":
        contents = [dataclasses.replace(x, hs_code="6912002300") for x in contents]
    asked = request(place, contents, carrier_id=carrier_id)
    if check_request(asked):
        # Whatever was wrong was found; mended it passes.
        contents = [
            dataclasses.replace(MUG, hs_code="6912002300", quantity=number + 1)
            for number, __ in enumerate(contents or [MUG])
        ]
        asked = request(place, contents, carrier_id=carrier_id)
    assert check_request(asked) == ()
    body = {"data": {"shipments": [shipment_payload(asked)]}}
    assert CONTRACTS.check("myparcel/post_shipments_v1.1", body) == []


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"hs_code": ""}, ("customs.hs_code", "required", "[MUG] Mug")),
        ({"origin": ""}, ("customs.origin", "required", "[MUG] Mug")),
        ({"origin": "China"}, ("customs.origin", "invalid", "[MUG] Mug")),
        ({"description": " "}, ("customs.description", "required", "[MUG] Mug")),
        ({"unit_price": 0}, ("customs.value", "required", "[MUG] Mug")),
        ({"unit_price": 0.001}, ("customs.value", "required", "[MUG] Mug")),
        (
            {"unit_price": 0, "unconverted": "GBP"},
            ("customs.rate", "required", "GBP"),
        ),
        ({"unit_price": 0.49}, ("customs.total", "too_small", "")),
        ({"quantity": 100_000}, ("customs.quantity", "too_many", "[MUG] Mug")),
    ],
)
def test_each_fault_names_what_it_is_about(values, fault):
    assert of(changed(**values)) == [fault]


def test_a_value_of_one_euro_is_enough():
    assert of(changed(unit_price=0.5)) == []


def test_all_faults_of_all_products_are_told_at_once():
    contents = (
        dataclasses.replace(MUG, hs_code="", origin=""),
        dataclasses.replace(BOWL, unit_price=0),
    )
    assert of(contents) == [
        ("customs.hs_code", "required", "[MUG] Mug"),
        ("customs.origin", "required", "[MUG] Mug"),
        ("customs.value", "required", "[BOWL] Bowl"),
    ]


def test_a_declaration_of_nothing_is_refused():
    assert ("customs.items", "required", "") in of(())


def test_more_lines_than_the_form_has_are_refused():
    contents = [
        dataclasses.replace(BOWL, product=str(n), unit_grams=0) for n in range(101)
    ]
    asked = request(contents=contents)
    (problem,) = check_request(asked)
    assert (problem.field, problem.code, problem.limit) == (
        "customs.items",
        "too_many",
        100,
    )


def test_a_line_heavier_than_the_form_allows_is_refused():
    customs = declare([MUG], parcel_grams=25_000, invoice="402-1")
    heavy = dataclasses.replace(customs.lines[0], weight_grams=20_001)
    asked = request(customs=dataclasses.replace(customs, lines=(heavy,)))
    (problem,) = check_request(asked)
    assert (problem.field, problem.code) == ("customs.weight", "too_heavy")


@pytest.mark.parametrize(
    ("invoice", "code"), [("", "required"), ("x" * 151, "too_long")]
)
def test_the_invoice_has_a_number_that_fits(invoice, code):
    customs = declare([MUG], parcel_grams=1_600, invoice=invoice)
    (problem,) = check_request(request(customs=customs))
    assert (problem.field, problem.code) == ("customs.invoice", code)


# What MyParcel itself refuses is told by its own field


def test_a_refusal_of_customs_reaches_the_parcel_it_is_about(
    client, myparcel, monkeypatch
):
    monkeypatch.setattr(carriers.myparcel, "check_request", lambda request: ())
    bad = request("NO", changed(unit_price=0.49))
    with pytest.raises(Refused) as caught:
        client.create_shipments([request(), bad])
    assert {(p.reference, p.field) for p in caught.value.problems} == {
        ("P-NO", "customs.items")
    }


# Labels


def test_a_label_with_customs_pages_is_stored_whole(client):
    labelling = MyParcelLabelling(client)
    created = labelling.announce([request()]).created
    label = labelling.collect(created).labels["P-CH"]
    pages = read_pages(label.document)
    assert len(pages) == 2
    assert label.tracking_number in pages[0]
    assert "Customs" in pages[1]


def test_a_chunk_with_customs_parcels_is_asked_one_by_one_and_bought_once(client):
    labelling = MyParcelLabelling(client)
    asked = [request(place) for place in ("CH", "NO", "GB")]
    asked.append(request("NL", customs=None))
    outcome = labelling.collect(labelling.announce(asked).created)
    assert set(outcome.labels) == {"P-CH", "P-NO", "P-GB", "P-NL"}
    numbers = [label.tracking_number for label in outcome.labels.values()]
    assert len(set(numbers)) == 4
    assert [len(read_pages(label.document)) for label in outcome.labels.values()] == [
        *(2, 2, 2, 1)
    ]
    for label in outcome.labels.values():
        assert label.tracking_number in read_pages(label.document)[0]

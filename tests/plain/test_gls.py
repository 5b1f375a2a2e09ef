"""The GLS client over real HTTP: what it sends, what it makes of odd answers."""

import base64
import dataclasses
import io
import json
import logging
from datetime import date

import pytest
from carriers.errors import (
    CarrierError,
    Problem,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
    Unclear,
)
from carriers.gls import Gls
from carriers.gls_answers import read_labels
from carriers.gls_errors import read_envelope, read_problems
from carriers.gls_shipments import GlsCustomer, GlsPickup
from carriers.gls_tracking import GlsTracking
from carriers.transport import Answer
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.plain.gls_shipments import recipient, shipment
from tests.plain.scripted_server import CUT, HANG, Reply, ScriptedServer, as_json
from tests.standins.labels import Label, pdf_a6

USER, PASSWORD = "user@example.com", "secret-of-the-shop"
NUMBER, RETURN = "12345678000019", "12345678000026"


def pdf_of(*numbers):
    return pdf_a6([Label("GLS", number, ("Eva Voorbeeld",)) for number in numbers])


PDF = pdf_of(NUMBER)


def encoded(data):
    return base64.b64encode(data).decode()


def unit(**changes):
    values = {
        "unitId": "R-1",
        "unitNo": NUMBER,
        "uniqueNo": "00EX0001",
        "label": encoded(PDF),
        "unitTrackingLink": "https://www.gls-info.nl/tracking?parcelNo=1",
    }
    return {**values, **changes}


def envelope(**changes):
    return {"error": False, "status": "200", "message": None, "errors": None, **changes}


def created(*units, **changes):
    return as_json(envelope(units=list(units or [unit()]), **changes))


@pytest.fixture
def server():
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def client(server):
    return connect(server)


@pytest.fixture
def tracking(server):
    return GlsTracking(USER, PASSWORD, base_url=server.url, timeout=(2, 5))


def connect(server, timeout=(2, 5), **changes):
    return Gls(USER, PASSWORD, base_url=server.url, timeout=timeout, **changes)


# --- what is sent ---------------------------------------------------------------------


def test_the_login_stands_in_the_body_and_nowhere_else(server):
    server.reply(created())
    connect(server, customer_no="12345678", version="19.0.1").create_label(shipment())
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("POST", "/api/Label/Create?api-version=1.0")
    assert asked.headers["Content-Type"] == "application/json"
    assert "Authorization" not in asked.headers
    assert "Ocp-Apim-Subscription-Key" not in asked.headers
    told = {key: asked.json[key] for key in asked.json if key in LOGIN_AND_SYSTEM}
    assert told == LOGIN_AND_SYSTEM


LOGIN_AND_SYSTEM = {
    "username": USER,
    "password": PASSWORD,
    "customerNo": "12345678",
    "shippingSystemName": "Odoo",
    "shippingSystemVersion": "19.0.1",
}


def test_a_login_of_the_machine_does_not_get_into_the_request(
    server, client, tmp_path, monkeypatch
):
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.reply(created())
    client.create_label(shipment())
    assert "Authorization" not in server.asked[0].headers


def test_a_subscription_key_is_a_header(server):
    server.reply(created())
    connect(server, subscription_key="key").create_label(shipment())
    assert server.asked[0].headers["Ocp-Apim-Subscription-Key"] == "key"


def test_the_login_of_tracking_is_spelt_otherwise(server, tracking):
    server.reply(as_json({"parcels": []}), as_json({"parcels": []}))
    tracking.track_parcels([NUMBER])
    tracking.find_parcels("R-1", date(2026, 11, 21))
    login = {"userName": USER, "password": PASSWORD}
    assert [asked.target for asked in server.asked] == [
        "/api/parcel/v1/details",
        "/api/parcel/v1/search",
    ]
    assert server.asked[0].json == {**login, "parcelNumbers": [NUMBER]}
    assert server.asked[1].json == {
        **login,
        "customerRef": "R-1",
        "from": "2026-11-21",
    }


@pytest.mark.parametrize(
    ("ask", "target", "body"),
    [
        (
            lambda c: c.delete_label(NUMBER),
            "Label/Delete",
            {"shippingSystemName": "Odoo", "shiptype": "p", "unitNo": NUMBER},
        ),
        (
            lambda c: c.confirm_labels([NUMBER], date(2026, 11, 23)),
            "Label/Confirm",
            {"shiptype": "p", "unitNo": NUMBER, "shippingDate": "2026-11-23"},
        ),
        (
            lambda c: c.confirm_labels([NUMBER, RETURN]),
            "Label/ConfirmMultiple",
            {"shiptype": "p", "unitNos": [NUMBER, RETURN]},
        ),
        (
            lambda c: c.delete_pickup(NUMBER),
            "Pickup/Delete",
            {"shippingSystemName": "Odoo", "shiptype": "p", "unitNo": NUMBER},
        ),
        (
            lambda c: c.find_parcel_shops(recipient(), 3),
            "ParcelShop/GetParcelShops",
            {
                "countryCode": "NL",
                "zipCode": "3500AA",
                "street": "Voorbeeldstraat",
                "houseNo": "12",
                "city": "Utrecht",
                "amountOfShops": 3,
            },
        ),
        (
            lambda c: c.read_delivery_options("nl", "3500 AA", date(2026, 11, 23)),
            "DeliveryOptions/GetDeliveryOptions",
            {"countryCode": "NL", "zipCode": "3500AA", "shippingDate": "2026-11-23"},
        ),
        (lambda c: c.validate_login(), "Authentication/ValidateLogin", {}),
    ],
)
def test_each_question_has_its_path_and_body(server, client, ask, target, body):
    server.reply(as_json(envelope()))
    ask(client)
    (asked,) = server.asked
    assert asked.target == f"/api/{target}?api-version=1.0"
    assert asked.json == {"username": USER, "password": PASSWORD, **body}


def test_a_password_that_is_too_long_is_not_sent(server):
    client = Gls(USER, "x" * 21, base_url=server.url)
    with pytest.raises(Refused) as caught:
        client.validate_login()
    assert [problem.field for problem in caught.value.problems] == ["password"]
    assert server.asked == []


def test_one_reference_twice_in_a_shipment_is_refused(server, client):
    for references in (("R-1", "R-1"), ("R/1", "R-1")):
        with pytest.raises(ValueError, match="twice"):
            client.create_label(shipment(*references))
    assert server.asked == []


def test_a_plain_http_address_of_the_world_is_refused():
    with pytest.raises(Unavailable):
        Gls(USER, PASSWORD, base_url="http://api.gls.nl/v1")
    with pytest.raises(Unavailable):
        GlsTracking(USER, PASSWORD, base_url="http://api.gls.nl/tt/V1")


# --- labels, wherever they stand ------------------------------------------------------


def test_a_parcel_is_read_with_all_that_gls_tells(server, client):
    server.reply(created())
    (label,) = client.create_label(shipment())
    assert (label.reference, label.unit_no) == ("R-1", NUMBER)
    assert (label.unique_no, label.label_format) == ("00EX0001", "pdf")
    assert label.tracking_url == "https://www.gls-info.nl/tracking?parcelNo=1"
    assert label.label.startswith(PDF.rstrip())
    assert (label.return_unit_no, label.return_label) == ("", b"")


@pytest.mark.parametrize(
    ("changes", "shipment_link", "link"),
    [
        ({}, "https://example.com/s", "https://www.gls-info.nl/tracking?parcelNo=1"),
        ({"unitTrackingLink": None}, "https://example.com/s", "https://example.com/s"),
        (
            {"unitTrackingLink": "javascript:alert(1)"},
            None,
            f"https://www.gls-info.nl/tracking?parcelNo={NUMBER}&zipcode=3500AA",
        ),
    ],
)
def test_the_nearest_link_is_taken_or_made(
    server, client, changes, shipment_link, link
):
    server.reply(created(unit(**changes), shipmentTrackingLink=shipment_link))
    (label,) = client.create_label(shipment())
    assert label.tracking_url == link


def test_a_label_at_the_top_goes_before_one_in_the_unit(server, client):
    other = pdf_of(RETURN)
    server.reply(created(unit(label=encoded(other)), labels=encoded(PDF)))
    (label,) = client.create_label(shipment())
    assert label.label.startswith(PDF.rstrip())


def test_one_document_for_all_is_cut_by_the_numbers_on_its_pages(server, client):
    second = unit(unitId="R-2", unitNo=RETURN, label=None)
    document = pdf_of(RETURN, NUMBER)
    server.reply(created(unit(label=None), second, labels=encoded(document)))
    labels = client.create_label(shipment("R-1", "R-2"))
    for label, number in zip(labels, (NUMBER, RETURN), strict=True):
        assert label.unit_no == number
        assert number in text_of_page(label.label)


def test_the_way_back_is_a_page_of_the_document_for_all(server, client):
    document = pdf_of(NUMBER, RETURN)
    with_return = unit(label=None, unitNoShopReturn=RETURN)
    server.reply(created(with_return, labels=encoded(document)))
    options = {"shopReturnService": True}
    (label,) = client.create_label(shipment(options=options))
    assert NUMBER in text_of_page(label.label)
    assert RETURN in text_of_page(label.return_label)


def test_a_document_that_cannot_be_cut_is_on_no_parcel(server, client):
    second = unit(unitId="R-2", unitNo=RETURN, label=None)
    server.reply(created(unit(label=None), second, labels=encoded(PDF)))
    labels = client.create_label(shipment("R-1", "R-2"))
    assert [label.label for label in labels] == [b"", b""]
    assert [label.unit_no for label in labels] == [NUMBER, RETURN]


def text_of_page(document):
    (page,) = PdfReader(io.BytesIO(document)).pages
    return page.extract_text()


@pytest.mark.parametrize("tail", [b"", b"\n", b"\n\n   \n", b" " * 5000, b"\x00" * 9])
def test_bytes_after_the_end_of_the_document_are_left_off(server, client, tail):
    server.reply(created(unit(label=encoded(PDF.rstrip() + tail))))
    (label,) = client.create_label(shipment())
    assert label.label == PDF.rstrip() + b"\n"


def test_a_document_that_was_changed_after_its_first_end_keeps_both(server, client):
    longer = PDF.rstrip() + b"\n1 0 obj\n<<>>\nendobj\n%%EOF"
    server.reply(created(unit(label=encoded(longer))))
    (label,) = client.create_label(shipment())
    assert label.label == longer + b"\n"


def test_base64_in_lines_is_read(server, client):
    lines = base64.encodebytes(PDF).decode()
    server.reply(created(unit(label=lines)))
    (label,) = client.create_label(shipment())
    assert label.label.startswith(PDF.rstrip())


@pytest.mark.parametrize(
    "zpl", ["^XA^FO50,50^FDÉva^FS^XZ", "\n^XA^XZ\n", "~SD20^XA^XZ^XA^XZ"]
)
@pytest.mark.parametrize("is_encoded", [True, False])
def test_the_language_of_a_label_printer_is_kept_byte_for_byte(
    server, client, zpl, is_encoded
):
    told = encoded(zpl.encode()) if is_encoded else zpl
    server.reply(created(unit(label=told)))
    (label,) = client.create_label(shipment(label_type="zpl"))
    assert (label.label, label.label_format) == (zpl.encode(), "zpl")


@pytest.mark.parametrize(
    "label",
    [None, "", "not base64!", encoded(b"hello"), encoded(PDF[:200]), 7, ["x"], {}],
)
def test_a_parcel_without_a_usable_label_keeps_its_number(server, client, label):
    server.reply(created(unit(label=label)))
    (read,) = client.create_label(shipment())
    assert (read.unit_no, read.label, read.label_format) == (NUMBER, b"", "")


def test_a_lone_parcel_that_lost_its_name_is_ours(server, client):
    server.reply(created(unit(unitId=None)))
    assert client.create_label(shipment())[0].reference == "R-1"


@pytest.mark.parametrize(
    "units",
    [
        [],
        [unit(unitId="R-9")],
        [unit(unitId="R-9"), unit(unitId="R-9", unitNo=RETURN)],
        [unit(unitNo="")],
        [unit(unitNo=None)],
        [unit(), unit()],
        [unit(), unit(unitId="R-2")],
        ["rubbish"],
    ],
)
def test_an_answer_that_does_not_number_each_parcel_once_is_unclear(
    server, client, units
):
    server.reply(as_json(envelope(units=units)))
    with pytest.raises(Unclear) as caught:
        client.create_label(shipment())
    assert caught.value.reason == "incomplete"


@pytest.mark.parametrize(
    "others",
    [
        [],
        [unit(unitId="R-2", unitNo="")],
        [unit(unitId="R-9", unitNo=RETURN)],
        [unit(unitId="R-2", unitNo=RETURN), unit(unitId="R-2", unitNo="1")],
        ["rubbish"],
    ],
)
def test_what_is_numbered_once_comes_although_another_parcel_is_not(
    server, client, others
):
    server.reply(created(unit(), *others))
    labels = client.create_label(shipment("R-1", "R-2"))
    assert [(label.reference, label.unit_no) for label in labels] == [("R-1", NUMBER)]


def test_two_parcels_never_get_one_number(server, client):
    server.reply(created(unit(), unit(unitId="R-2")))
    with pytest.raises(Unclear):
        client.create_label(shipment("R-1", "R-2"))


def test_a_label_shows_nobody_in_its_repr(server, client):
    server.reply(created())
    asked = shipment(email="eva@example.com")
    (label,) = client.create_label(asked)
    for shown in (repr(asked), repr(label)):
        assert "Voorbeeld" not in shown
        assert "eva@" not in shown
        assert "gls-info" not in shown


# --- failures -------------------------------------------------------------------------


def refusal(status="422", **changes):
    values = {"error": True, "message": "V009: not valid", "errors": None}
    return envelope(**{**values, "status": status, **changes})


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (as_json(refusal(), 200), Refused),
        (as_json(refusal(), 422), Refused),
        (as_json(refusal("200"), 200), Refused),
        (as_json(refusal(error="True"), 200), Refused),
        (as_json(refusal(error=1), 200), Refused),
        (as_json(envelope(status="400"), 200), Refused),
        (as_json(envelope(), 400), Refused),
        (as_json({"statusCode": 404, "message": "Resource not found"}, 404), Refused),
        (Reply(400, b"<html>Bad Request</html>"), Refused),
        (as_json(refusal("401"), 200), Unauthorized),
        (as_json(refusal("401"), 401), Unauthorized),
        (as_json({"statusCode": 401, "message": "Access denied"}, 401), Unauthorized),
        (as_json(refusal("403"), 200), Unauthorized),
        (as_json(refusal("429"), 200), Throttled),
        (as_json({"message": "Try again in 9 seconds."}, 429), Throttled),
        (as_json(refusal("424"), 424), Unclear),
        (as_json(refusal("424"), 200), Unclear),
        (as_json(refusal("500"), 200), Unclear),
        (as_json(refusal("500"), 500), Unclear),
        (Reply(503, b"<html>busy</html>"), Unclear),
        (Reply(408), Unclear),
        (Reply(302, b"", {"Location": "/elsewhere"}), Unclear),
        (Reply(200, b""), Unclear),
        (Reply(200, b"<html>Welcome</html>"), Unclear),
        (Reply(200, b"[]"), Unclear),
        (Reply(200, b"{}"), Unclear),
        (Reply(204), Unclear),
        (Reply(200, b'{"error": false', announce=400), Unclear),
        (CUT, Unclear),
        # A refusal that numbers a parcel: who knows.
        (as_json(refusal(units=[unit()]), 200), Unclear),
        (as_json(refusal(units=[unit()]), 400), Unclear),
        (as_json(envelope(units=[unit()], status="207"), 200), None),
        (as_json(envelope(units=[unit()], status="OK"), 200), None),
        (as_json({"units": [unit()]}, 201), None),
    ],
)
def test_an_answer_is_what_all_its_parts_say(server, client, reply, kind):
    server.reply(reply)
    if kind is None:
        assert client.create_label(shipment())[0].unit_no == NUMBER
        return
    with pytest.raises(CarrierError) as caught:
        client.create_label(shipment())
    assert type(caught.value) is kind
    assert len(server.asked) == 1


def test_who_never_answers_is_unclear(server):
    server.reply(HANG)
    with pytest.raises(Unclear) as caught:
        connect(server, timeout=(2, 0.3)).create_label(shipment())
    assert caught.value.reason == "timeout"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"Retry-After": "7"}, "Try again in 9 seconds.", 7),
        ({}, "Rate limit is exceeded. Try again in 9 seconds.", 9),
        ({}, "Try again in 1 second.", 1),
        ({}, "Try again later.", None),
        ({}, None, None),
    ],
)
def test_the_wait_is_in_the_header_or_the_sentence(
    server, tracking, headers, message, seconds
):
    server.reply(as_json({"statusCode": 429, "message": message}, 429, **headers))
    with pytest.raises(Throttled) as caught:
        tracking.find_parcels("R-1")
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (
            {"addresses.deliveryAddress.houseNo": ["too long"]},
            [("R-1", "recipient.number", "V009", "too long")],
        ),
        (
            {"Addresses.DeliveryAddress.Name1": ["too", "long"]},
            [("R-1", "recipient.name", "V009", "too; long")],
        ),
        (
            {"$.addresses.pickupAddress.zipCode": "odd"},
            [("R-1", "sender.postal_code", "V009", "odd")],
        ),
        ({"zipCode": ["odd"]}, [("R-1", "recipient.postal_code", "V009", "odd")]),
        ({"units[0].weight": ["odd"]}, [("R-1", "weight_grams", "V009", "odd")]),
        ({"Units[0].UnitId": ["odd"]}, [("R-1", "reference", "V009", "odd")]),
        ({"units.0.weight": ["odd"]}, [("R-1", "weight_grams", "V009", "odd")]),
        ({"units[7].weight": ["odd"]}, [(None, "weight_grams", "V009", "odd")]),
        (
            {"services.expressService": ["odd"]},
            [("R-1", "options.expressService", "V009", "odd")],
        ),
        ({"customerNo": ["V012: odd"]}, [("R-1", "customer_no", "V012", "odd")]),
        ({"shippingDate": []}, [("R-1", "shipping_date", "V009", "")]),
        ({"something.new": [None, 7]}, [("R-1", "something.new", "V009", "7")]),
        (
            {"reference": ["a"], "addresses.deliveryAddress.city": ["b"]},
            [("R-1", "order_ref", "V009", "a"), ("R-1", "recipient.city", "V009", "b")],
        ),
        (None, [("R-1", "", "V009", "not valid")]),
        ({}, [("R-1", "", "V009", "not valid")]),
        (["odd"], [("R-1", "", "V009", "not valid")]),
    ],
)
def test_a_refusal_is_told_by_parcel_and_field(server, client, errors, expected):
    server.reply(as_json(refusal(errors=errors)))
    with pytest.raises(Refused) as caught:
        client.create_label(shipment("R-1"))
    found = [
        (problem.reference, problem.field, problem.code, problem.message)
        for problem in caught.value.problems
    ]
    assert found == expected


def test_of_several_parcels_the_one_is_named_by_its_place():
    errors = {"units[1].weight": ["odd"], "addresses.deliveryAddress.city": ["odd"]}
    problems = read_problems(refusal(errors=errors), ["R-1", "R-2"], 400)
    assert [(problem.reference, problem.field) for problem in problems] == [
        ("R-2", "weight_grams"),
        (None, "recipient.city"),
    ]


@pytest.mark.parametrize(
    ("message", "code", "sentence"),
    [
        ("V008: Shiptype is unknown", "V008", "Shiptype is unknown"),
        ("A001 no access", "A001", "no access"),
        ("Vehicle: missing", "http_422", "Vehicle: missing"),
        (None, "http_422", ""),
        (17, "http_422", "17"),
    ],
)
def test_a_code_is_read_from_the_front_of_the_sentence(message, code, sentence):
    (problem,) = read_problems({"message": message}, ["R-1"], 422)
    assert problem == Problem("R-1", "", code, sentence)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ("error", "status", "message", "errors", "units", "unitNo", "labels")
            )
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(body=JSON, status=st.sampled_from([200, 201, 204, 400, 401, 422, 424, 429, 500]))
@settings(max_examples=300, deadline=None)
def test_any_answer_is_a_success_or_a_typed_error(body, status):
    answer = Answer(status, {}, json.dumps(body).encode())
    try:
        read = read_envelope(answer, ["R-1"])
    except Refused as refused:
        assert refused.problems
        assert not numbers_in(body)
    except CarrierError:
        pass
    else:
        assert status < 300
        said = str(read.get("error")).strip().lower()
        assert said in ("none", "false", "0", "")


def numbers_in(body):
    units = body.get("units") if isinstance(body, dict) else None
    return [
        entry["unitNo"]
        for entry in (units if isinstance(units, list) else ())
        if isinstance(entry, dict)
        and isinstance(entry.get("unitNo"), str)
        and entry["unitNo"].strip()
    ]


@given(body=JSON)
@settings(max_examples=200, deadline=None)
def test_any_answer_to_a_purchase_is_whole_or_unclear(body):
    tree = body if isinstance(body, dict) else {"units": body}
    try:
        labels = read_labels(tree, {"R-1": "R-1"}, "3500AA")
    except Unclear:
        return
    assert [label.reference for label in labels] == ["R-1"]
    assert labels[0].unit_no


# --- other answers --------------------------------------------------------------------


def a_pickup():
    fetched = dataclasses.replace(shipment(), sender=recipient("DE"))
    return GlsPickup(fetched, recipient("NL"), date(2026, 11, 24))


def test_a_pickup_that_gls_takes_is_ordered_without_a_number_too(server, client):
    server.reply(as_json(envelope()))
    assert client.create_pickup(a_pickup()) == ()


@pytest.mark.parametrize("body", [{}, {"error": None}, {"units": []}])
def test_an_answer_that_does_not_say_that_a_pickup_is_ordered_is_unclear(
    server, client, body
):
    server.reply(as_json(body))
    with pytest.raises(Unclear):
        client.create_pickup(a_pickup())


@pytest.mark.parametrize(
    ("customers", "expected"),
    [
        ([], ()),
        (None, ()),
        (["rubbish", {}], ()),
        ([{"apiCustomerNo": "12345678"}], (GlsCustomer("12345678", ""),)),
        (
            [
                {
                    "apiCustomerNo": "12345678",
                    "subjects": [
                        {"subjectName": "Een", "custNos": ["12345678", "2345678"]},
                        {"subjectName": "Twee", "custNos": ["2345678", None]},
                        {"subjectName": "Drie", "custNos": None},
                    ],
                }
            ],
            (GlsCustomer("12345678", "Een"), GlsCustomer("2345678", "Een")),
        ),
    ],
)
def test_each_customer_number_is_told_once(server, client, customers, expected):
    server.reply(as_json(envelope(customers=customers)))
    assert client.validate_login() == expected


def test_options_below_others_are_told_too(server, client):
    below = {"service": "T9", "title": "9 uur", "expectedDeliveryDate": "2026-11-24"}
    above = {"service": "Express", "subDeliveryOptions": [below, {}, "rubbish"]}
    server.reply(as_json(envelope(deliveryOptions=[above, None])))
    options = client.read_delivery_options("NL", "3500AA")
    assert [option.service for option in options] == ["Express", "T9"]
    assert options[1].expected == "2026-11-24"


def test_a_shop_is_read_without_what_is_odd(server, client):
    shops = [{"parcelShopId": 7, "name": None, "distanceMeters": True}, {}, None]
    server.reply(as_json(envelope(parcelShops=shops)))
    (shop,) = client.find_parcel_shops(recipient())
    assert (shop.parcel_shop_id, shop.name, shop.metres) == ("7", "", None)


@pytest.mark.parametrize("body", [{}, {"parcels": None}, [], {"parcels": {}}])
def test_a_list_of_parcels_that_cannot_be_read_is_unclear_not_empty(
    server, tracking, body
):
    server.reply(as_json(body))
    with pytest.raises(Unclear):
        tracking.find_parcels("R-1")


def test_a_tracked_parcel_is_read_without_what_is_odd(server, tracking):
    odd = {"parcelNo": NUMBER, "events": [None, {"descriptionEN": "Delivered"}]}
    server.reply(as_json({"parcels": [odd, {}, "rubbish", {"parcelNo": ""}]}))
    (parcel,) = tracking.track_parcels([NUMBER])
    assert (parcel.unit_no, parcel.reference, parcel.state) == (NUMBER, "", "")
    assert parcel.events == ("", "Delivered")


def test_problem_details_of_tracking_are_an_unauthorized_login(server, tracking):
    body = {"type": "about:blank", "title": "Unauthorized", "status": 401}
    server.reply(as_json(body, 401))
    with pytest.raises(Unauthorized):
        tracking.track_parcels([NUMBER])


# --- nothing of people or secrets gets out --------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        created(),
        as_json(refusal(errors={"city": ["Eva Voorbeeld in Utrecht"]})),
        Reply(500, b"Eva Voorbeeld"),
        Reply(200, b"Eva Voorbeeld"),
        CUT,
    ],
)
def test_no_secret_and_no_person_reaches_the_log_or_an_error(
    server, client, caplog, reply
):
    caplog.set_level(logging.DEBUG)
    server.reply(reply)
    shown = [repr(client)]
    try:
        client.create_label(shipment(email="eva@example.com"))
    except CarrierError as error:
        shown += [str(error), repr(error), repr(getattr(error, "problems", ""))]
    text = "\n".join([*shown, *(record.getMessage() for record in caplog.records)])
    assert "Label/Create" in text
    for secret in (PASSWORD, USER, "Eva", "eva@", "Utrecht", "402-0000001"):
        assert secret not in text

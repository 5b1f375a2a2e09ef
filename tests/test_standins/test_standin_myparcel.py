"""The MyParcel stand-in: concept, registered, barcode; all or nothing; three forms."""

from __future__ import annotations

import threading

import pytest
import requests

LINK = "application/vnd.shipment_label_link+json;charset=utf8"
PROBLEM = "application/problem+json"
NORWAY = {"cc": "NO", "postal_code": "0150", "email": "a@example.com"}
CUSTOMS = {
    "contents": 1,
    "invoice": "402-1",
    "weight": 500,
    "items": [
        {
            "description": "Book",
            "amount": 1,
            "weight": 500,
            "item_value": {"amount": 1000, "currency": "EUR"},
            "classification": "490199",
            "country": "NL",
        }
    ],
}


GERMANY = {"cc": "DE", "postal_code": "10115"}
MAILED = {"recipient": {"email": "a@example.com"}}
RETURN_TYPE = "application/vnd.return_shipment+json;charset=utf-8;version=1.1"


def euros(amount):
    return {"amount": amount * 100, "currency": "EUR"}


# Creating


@pytest.mark.parametrize(
    "changes",
    [
        {"carrier": 9, "options": {"hide_sender": 1}},
        {"carrier": 9, "options": {"package_type": 7}},
        {"options": {"package_type": 2, "priority_delivery": 1}},
        {"options": {"insurance": euros(500)}, "recipient": GERMANY},
        {"options": {"large_format": 1}, "recipient": GERMANY},
        {"carrier": 4, "options": {"insurance": euros(520)}, **MAILED},
        {"options": {"insurance": euros(100), "receipt_code": 1}, **MAILED},
    ],
)
def test_what_a_carrier_offers_is_taken(myparcel, shipment, standins, changes):
    assert myparcel.create(shipment("a", **changes)).status_code == 200
    assert not standins.violations


def test_creation_makes_concepts_without_barcode_or_price(myparcel, shipment, standins):
    answer = myparcel.create(shipment("a"), shipment("b"))
    rows = answer.json()["data"]["ids"]
    assert [row["reference_identifier"] for row in rows] == ["a", "b"]
    shown = myparcel.shipments([row["id"] for row in rows])
    assert [s["status"] for s in shown] == [1, 1]
    assert not any(s["barcode"] or s["price"] for s in shown)
    assert not standins.violations


def test_same_reference_may_be_created_again(myparcel, shipment, standins):
    assert myparcel.ids(shipment("a")) != myparcel.ids(shipment("a"))
    assert len(standins.myparcel.with_reference("a")) == 2
    assert standins.myparcel.count("POST /shipments", "a") == 2


def test_one_bad_shipment_leaves_nothing_created_and_every_bad_one_is_named(
    myparcel, shipment, standins
):
    refused = myparcel.create(
        shipment("a"),
        shipment("b", recipient={"postal_code": "XXX"}),
        shipment("c", recipient={"phone": "000"}),
    )
    assert refused.status_code == 422
    assert not standins.myparcel.shipments
    errors = refused.json()["errors"]
    assert [list(error) for error in errors] == [["3505"], ["3512"]]
    fields = [detail["fields"] for error in errors for detail in error.values()]
    assert fields == [
        ["data.shipments[1].recipient.postal_code"],
        ["data.shipments[2].recipient.phone"],
    ]


def test_flat_form_by_setting(myparcel, shipment, standins):
    standins.myparcel.error_form = "flat"
    refused = myparcel.create(shipment("b", recipient={"postal_code": "XXX"})).json()
    assert refused["errors"][0]["code"] == 3505
    assert refused["request_id"] in refused["message"]


def test_problem_form_by_accept_header(myparcel, shipment):
    bad = shipment("b", recipient={"postal_code": "XXX"})
    refused = myparcel.create(shipment("a"), bad, accept=PROBLEM)
    assert refused.headers["Content-Type"] == PROBLEM
    [error] = refused.json()["errors"]
    assert error["instance"] == "/data/shipments/1/recipient/postal_code"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"options": {"insurance": {"amount": 10000, "currency": "EUR"}}}, "3705"),
        ({"options": {"age_check": 1}}, "3705"),
        ({"physical_properties": {"weight": 30_001}}, "3730"),
        (
            {"options": {"package_type": 2}, "physical_properties": {"weight": 2001}},
            "3730",
        ),
        ({"recipient": {"postal_code": "12345"}}, "3505"),
        ({"carrier": 9, "recipient": GERMANY}, "3516"),
        ({"carrier": 10}, "3516"),
        ({"options": {"package_type": 7}}, "3733"),
        ({"options": {"package_type": 4}, "recipient": GERMANY}, "3733"),
        ({"options": {"package_type": 2, "signature": 1}}, "3705"),
        ({"options": {"hide_sender": 1}}, "3705"),
        ({"options": {"only_recipient": 1}, "recipient": GERMANY}, "3705"),
        ({"options": {"insurance": euros(1000)}, "recipient": GERMANY}, "3743"),
        ({"carrier": 9, "options": {"insurance": euros(5001)}}, "3743"),
        ({"carrier": 4, "options": {"insurance": euros(500)}, **MAILED}, "3743"),
    ],
)
def test_right_shape_with_wrong_content_is_refused_but_no_violation(
    myparcel, shipment, standins, changes, code
):
    refused = myparcel.create(shipment("a", **changes))
    assert refused.status_code == 422
    assert code in refused.json()["errors"][0]
    assert not standins.violations


@pytest.mark.parametrize(
    "changes",
    [
        {"carrier": 5},
        {"options": {"package_type": 9}},
        {"recipient": {"street": "x" * 41}},
        {"recipient": {"person": "x" * 41}},
        {"recipient": {"cc": "nld"}},
        {"reference_identifier": 12},
    ],
)
def test_flaw_in_the_shape_is_refused_and_remembered(
    myparcel, shipment, standins, changes
):
    body = shipment("a")
    body.update({k: v for k, v in changes.items() if not isinstance(v, dict)})
    for key in ("options", "recipient"):
        body[key].update(changes.get(key, {}))
    assert myparcel.create(body).status_code == 422
    assert standins.violations


@pytest.mark.parametrize("amount", [0, 101])
def test_one_to_a_hundred_shipments_a_call(myparcel, shipment, standins, amount):
    refused = myparcel.create(*(shipment(str(n)) for n in range(amount)))
    assert refused.status_code == 422
    assert not standins.myparcel.shipments


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/vnd.shipment+json;charset=utf-8",
        "application/vnd.shipment+json;version=1.1",
    ],
)
def test_other_media_types_are_refused(myparcel, shipment, standins, content_type):
    refused = myparcel.create(shipment("a"), content_type=content_type)
    assert refused.status_code == 415
    assert standins.violations


def test_whole_shipments_come_back_with_accept_version(myparcel, shipment):
    accept = "application/json;charset=utf-8;version=1.2"
    [shown] = myparcel.create(shipment("a"), accept=accept).json()["data"]["shipments"]
    assert (shown["reference_identifier"], shown["status"]) == ("a", 1)


def test_answer_can_come_in_another_order(myparcel, shipment, standins):
    standins.myparcel.answer_order = "reversed"
    rows = myparcel.create(shipment("a"), shipment("b")).json()["data"]["ids"]
    assert [row["reference_identifier"] for row in rows] == ["b", "a"]


def test_carrier_that_the_account_lacks_is_refused(myparcel, shipment, standins):
    standins.myparcel.carriers = [1]
    refused = myparcel.create(shipment("a", carrier=9))
    assert "3728" in refused.json()["errors"][0]


# Headers


@pytest.mark.parametrize("scheme", ["bearer", "Bearer", "basic"])
def test_key_is_accepted_as_bearer_and_basic(myparcel, scheme):
    value = myparcel.headers["Authorization"].replace("bearer", scheme)
    answer = myparcel.call("GET", "/whoami", {"Authorization": value})
    assert answer.json()["data"]["shop_ids"]


@pytest.mark.parametrize("value", ["", "bearer standin-myparcel-key", "bearer eA=="])
def test_wrong_key_is_refused(myparcel, value):
    for path in ("/whoami", "/accounts", "/shipments"):
        refused = myparcel.call("GET", path, {"Authorization": value})
        assert refused.status_code == 401


def test_root_answers_anyone(standins):
    assert requests.get(standins.myparcel.url + "/", timeout=10).ok


@pytest.mark.parametrize("agent", [None, "python-requests/2.32"])
def test_user_agent_of_its_own_is_required(myparcel, standins, agent):
    refused = myparcel.call("GET", "/accounts", {"User-Agent": agent})
    assert refused.status_code == 400
    assert standins.violations


# Labels


def test_label_request_registers_and_the_barcode_appears(
    myparcel, shipment, read_pdf, standins
):
    ids = myparcel.ids(shipment("a"), shipment("b"))
    answer = myparcel.labels(ids)
    assert answer.headers["Content-Type"] == "application/pdf"
    shown = myparcel.shipments(ids)
    assert [s["status"] for s in shown] == [2, 2]
    pages, sizes = read_pdf(answer.content)
    assert sizes == {(298, 420)}
    for page, parcel in zip(pages, shown, strict=True):
        assert parcel["barcode"] in page
        assert parcel["barcode"].startswith("3S")
        assert parcel["price"] == {"amount": 675, "currency": "EUR"}
    assert not standins.violations


def test_label_shows_carrier_and_address(myparcel, shipment, read_pdf):
    ids = myparcel.ids(shipment("a", options={"label_description": "Order 402"}))
    [page], _ = read_pdf(myparcel.labels(ids).content)
    for text in ("PostNL", "Testklant Eén", "Voorbeeldstraat 12 a", "3500AA Utrecht"):
        assert text in page
    assert "Order 402" in page and "0.50 kg" in page


def test_name_that_the_printers_font_lacks_still_gives_a_label(
    myparcel, shipment, read_pdf
):
    ids = myparcel.ids(shipment("a", recipient={"person": "Zoë Wałęsa 東"}))
    [page], _ = read_pdf(myparcel.labels(ids).content)
    assert "Zoë Wa?esa ?" in page


def test_reprint_gives_the_same_barcode_and_counts(myparcel, shipment, standins):
    ids = myparcel.ids(shipment("a"))
    first, second = myparcel.labels(ids), myparcel.labels(ids)
    assert first.content == second.content
    assert standins.myparcel.shipments[ids[0]].label_requests == 2


def test_labels_stand_in_the_order_of_the_ids(myparcel, shipment, read_pdf):
    ids = myparcel.ids(*(shipment(f"ref-{n}") for n in range(5)))
    pages, _ = read_pdf(myparcel.labels(ids[::-1]).content)
    assert ["ref-4" in pages[0], "ref-0" in pages[4]] == [True, True]


def test_a4_holds_four_and_the_positions_count_on_the_first_sheet(
    myparcel, shipment, read_pdf
):
    ids = myparcel.ids(*(shipment(f"ref-{n}") for n in range(5)))
    pages, sizes = read_pdf(myparcel.labels(ids, query="format=A4").content)
    assert (len(pages), sizes) == (2, {(595, 842)})
    query = "format=A4&positions=3;4"
    pages, _ = read_pdf(myparcel.labels(ids, query=query).content)
    assert "ref-1" in pages[0] and "ref-2" in pages[1]


@pytest.mark.parametrize("query", ["format=A5", "format=A4&positions=5"])
def test_other_formats_are_refused_and_register_nothing(
    myparcel, shipment, standins, query
):
    ids = myparcel.ids(shipment("a"))
    assert myparcel.labels(ids, query=query).status_code == 422
    assert standins.myparcel.shipments[ids[0]].status == 1


@pytest.mark.parametrize("separator", ["%3B", "%3b"])
def test_encoded_semicolon_in_the_path_is_answered_500(
    myparcel, shipment, standins, separator
):
    ids = separator.join(map(str, myparcel.ids(shipment("a"), shipment("b"))))
    refused = myparcel.call("GET", f"/shipment_labels/{ids}?format=A6")
    assert refused.status_code == 500
    assert {s.status for s in standins.myparcel.shipments.values()} == {1}
    assert standins.violations


def test_encoded_semicolon_in_the_query_is_answered_500(myparcel, shipment):
    [one] = myparcel.ids(shipment("a"))
    query = {"format": "A4", "positions": "1;2"}  # requests encodes it
    refused = myparcel.call("GET", f"/shipment_labels/{one}", params=query)
    assert refused.status_code == 500


def test_customs_labels_come_on_a4(myparcel, shipment, read_pdf):
    world = shipment("a", recipient=NORWAY, customs_declaration=CUSTOMS)
    ids = myparcel.ids(world)
    [label, form], sizes = read_pdf(myparcel.labels(ids).content)
    assert sizes == {(595, 842)}
    barcode = myparcel.shipments(ids)[0]["barcode"]
    assert barcode.endswith("NL")
    assert barcode in label and "Customs" not in label
    assert barcode in form and "Customs" in form


def declaration(item=None, **values):
    items = [{**CUSTOMS["items"][0], **(item or {})}]
    return {**CUSTOMS, "items": items, **values}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"customs_declaration": None}, 3702),
        ({"customs_declaration": declaration(invoice="")}, 3703),
        ({"physical_properties": {}}, 3704),
        ({"customs_declaration": declaration({"weight": 0})}, 3704),
        ({"customs_declaration": declaration({"country": ""})}, 3702),
        ({"customs_declaration": declaration({"classification": "4901"})}, 3702),
        (
            {
                "carrier": 4,
                "customs_declaration": declaration({"classification": "490199"}),
            },
            3702,
        ),
        (
            {
                "customs_declaration": declaration(
                    {"item_value": {"amount": 99, "currency": "EUR"}}
                )
            },
            3765,
        ),
    ],
)
def test_a_declaration_that_is_not_complete_is_refused(
    standins, shipment, changes, code
):
    asked = shipment("a", recipient=NORWAY, customs_declaration=CUSTOMS)
    asked = {key: val for key, val in {**asked, **changes}.items() if val is not None}
    refused = {found[1] for found in standins.myparcel._objections(asked)}
    assert code in refused


def test_dpd_takes_nothing_to_the_united_kingdom_without_the_senders_numbers(
    standins, shipment
):
    british = {"cc": "GB", "postal_code": "SW1A 1AA"}
    numbers = {"eori_number": "NL123456789", "vat_number": "NL123456789B01"}
    code = {"classification": "49019900"}
    for given, refused in (({}, numbers), (numbers, {})):
        asked = shipment(
            "a",
            carrier=4,
            recipient=british,
            customs_declaration=declaration(code, **given),
        )
        found = {field for field, *_ in standins.myparcel._objections(asked)}
        assert found == {f"customs_declaration.{name}" for name in refused}


@pytest.mark.parametrize(
    "changes",
    [
        {"carrier": 4, "secondary_shipments": [{}]},
        {"secondary_shipments": [{}] * 20},
        {"recipient": GERMANY, "secondary_shipments": [{}]},
        {"options": {"package_type": 2}, "secondary_shipments": [{}]},
    ],
)
def test_multi_collo_that_myparcel_does_not_make_is_refused(
    myparcel, shipment, standins, changes
):
    assert myparcel.create(shipment("a", **changes)).status_code == 422
    assert standins.myparcel.shipments == {}


@pytest.mark.parametrize(
    ("named", "expected"), [("own", "b"), ("main", "a"), ("none", None)]
)
def test_other_parcels_of_a_shipment_are_called_as_was_asked(
    myparcel, shipment, standins, named, expected
):
    standins.myparcel.collo_references = named
    other = {"reference_identifier": "b"}
    ids = myparcel.ids(shipment("a", secondary_shipments=[other]))
    [main] = myparcel.shipments(ids)
    [collo] = main["secondary_shipments"]
    assert (main["reference_identifier"], collo["reference_identifier"]) == (
        "a",
        expected,
    )
    # Once its id is known, it can be read by it.
    [alone] = myparcel.shipments([collo["id"]])
    assert alone["multi_collo_main_shipment_id"] == main["id"]


@pytest.mark.parametrize(("kind", "status"), [(3, 12), (4, 14)])
def test_what_nobody_follows_has_no_barcode_and_none_on_its_label(
    myparcel, shipment, read_pdf, kind, status
):
    ids = myparcel.ids(shipment("a", options={"package_type": kind}))
    [page], _ = read_pdf(myparcel.labels(ids).content)
    [shown] = myparcel.shipments(ids)
    assert (shown["status"], shown["barcode"]) == (status, "")
    assert "3S" not in page


def test_multi_collo_gives_a_label_and_a_barcode_per_parcel(
    myparcel, shipment, read_pdf
):
    ids = myparcel.ids(shipment("a", secondary_shipments=[{}, {}]))
    pages, _ = read_pdf(myparcel.labels(ids).content)
    [main] = myparcel.shipments(ids)
    barcodes = [main["barcode"]]
    barcodes += [collo["barcode"] for collo in main["secondary_shipments"]]
    assert len(set(barcodes)) == len(pages) == 3
    assert all(code in page for code, page in zip(barcodes, pages, strict=True))


def test_pdf_behind_a_link_is_404_until_it_is_ready(myparcel, shipment, standins):
    ids = myparcel.ids(*(shipment(str(n)) for n in range(30)))
    answer = myparcel.labels(ids, LINK)
    url = standins.myparcel.url + answer.json()["data"]["pdfs"]["url"]
    statuses = [requests.get(url, timeout=10).status_code for _ in range(3)]
    assert statuses == [404, 200, 200]
    assert requests.get(url, timeout=10).content.startswith(b"%PDF")


def test_json_form_gives_a_relative_link_that_works_at_once(
    myparcel, shipment, standins
):
    ids = myparcel.ids(shipment("a"))
    answer = myparcel.labels(ids, "application/json;charset=utf8")
    url = answer.json()["data"]["pdfs"]["url"]
    assert url.startswith("/")
    assert requests.get(standins.myparcel.url + url, timeout=10).ok


def test_direct_pdf_of_25_labels_is_refused_and_registers_nothing(
    myparcel, shipment, standins
):
    ids = myparcel.ids(*(shipment(str(n)) for n in range(25)))
    assert myparcel.labels(ids).status_code == 422
    assert {s.status for s in standins.myparcel.shipments.values()} == {1}
    assert myparcel.labels(ids[:24]).ok


def test_zpl_is_one_label_of_postnl(myparcel, shipment):
    zpl = "application/vnd.shipment_label+zpl"
    one, other = myparcel.ids(shipment("a"), shipment("b", carrier=9))
    answer = myparcel.labels([one], zpl)
    assert answer.text.startswith("^XA")
    assert myparcel.shipments([one])[0]["barcode"] in answer.text
    assert myparcel.labels([other], zpl).status_code == 422
    assert myparcel.labels([one, one], zpl).status_code == 422


def test_payment_instructions_come_instead_of_labels(myparcel, shipment, standins):
    standins.myparcel.payment_required = True
    ids = myparcel.ids(shipment("a"))
    answer = myparcel.labels(ids)
    assert answer.status_code == 402
    instructions = answer.json()["data"]["payment_instructions"]
    assert instructions["payment_url"].startswith("https://")
    assert instructions["price"]["amount"] == 675
    assert standins.myparcel.shipments[ids[0]].status == 1


def test_expired_label_is_refused(myparcel, shipment, standins):
    ids = myparcel.ids(shipment("a"))
    standins.myparcel.shipments[ids[0]].status = 16
    assert myparcel.labels(ids).json()["errors"][0]["code"] == 3746


def test_unknown_shipment_has_no_label(myparcel):
    assert myparcel.labels([1]).status_code == 404


@pytest.mark.parametrize(
    ("carrier", "recipient", "start", "length"),
    [
        (1, {}, "3S", 15),
        (2, {}, "3232", 24),
        (4, {"email": "a@example.com"}, "05", 14),
        (9, {}, "JVGL", 24),
        (12, {"email": "a@example.com", "phone": "+31600000000"}, "1Z", 18),
        (14, {}, "79", 12),
    ],
)
def test_barcodes_look_like_the_carriers(
    myparcel, shipment, carrier, recipient, start, length
):
    ids = myparcel.ids(shipment("a", carrier=carrier, recipient=recipient))
    assert myparcel.labels(ids).ok
    barcode = myparcel.shipments(ids)[0]["barcode"]
    assert barcode.startswith(start) and len(barcode) == length


# Reading, finding, deleting


def test_unknown_ids_are_missing_from_the_answer(myparcel, shipment):
    ids = myparcel.ids(shipment("a"))
    assert [s["id"] for s in myparcel.shipments([*ids, 1])] == ids


def test_more_than_a_hundred_ids_are_refused(myparcel):
    assert myparcel.read(range(1, 102)).status_code == 400


def test_find_by_several_references(myparcel, shipment):
    myparcel.ids(shipment("a"), shipment("b"), shipment("c"))
    answer = myparcel.call("GET", "/shipments?reference_identifier=a;c")
    found = answer.json()["data"]["shipments"]
    assert [s["reference_identifier"] for s in found] == ["a", "c"]
    nothing = myparcel.call("GET", "/shipments?reference_identifier=x")
    assert nothing.json()["data"]["shipments"] == []


def test_find_has_pages(myparcel, shipment):
    myparcel.ids(*(shipment(str(n)) for n in range(35)))
    sizes = [
        len(myparcel.call("GET", f"/shipments?page={n}").json()["data"]["shipments"])
        for n in (1, 2)
    ]
    assert sizes == [30, 5]
    assert myparcel.call("GET", "/shipments?size=10").status_code == 400


def test_search_envelope_can_be_the_manuals(myparcel, shipment, standins):
    standins.myparcel.search_envelope = "search_results"
    myparcel.ids(shipment("a"))
    data = myparcel.call("GET", "/shipments?q=a").json()["data"]
    assert len(data["search_results"]["shipments"]) == 1


def test_consumer_portal_link_comes_on_request(myparcel, shipment):
    ids = myparcel.ids(shipment("a"))
    myparcel.labels(ids)
    [shown] = myparcel.read(ids, "?link_consumer_portal=1").json()["data"]["shipments"]
    assert shown["barcode"] in shown["link_consumer_portal"]
    assert "3500AA/NL" in shown["link_consumer_portal"]


def test_only_concepts_can_be_deleted(myparcel, shipment, standins):
    one, two = myparcel.ids(shipment("a"), shipment("b"))
    myparcel.labels([two])
    refused = myparcel.call("DELETE", f"/shipments/{one};{two}")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == 3723
    assert len(standins.myparcel.shipments) == 2
    deleted = myparcel.call("DELETE", f"/shipments/{one}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert [s["id"] for s in myparcel.shipments([one, two])] == [two]


def test_tracktrace_shows_the_status(myparcel, shipment, standins):
    ids = myparcel.ids(shipment("a"))
    standins.myparcel.shipments[ids[0]].status = 7
    answer = myparcel.call("GET", f"/tracktraces/{ids[0]}").json()
    assert answer["data"]["tracktraces"][0]["status"]["current"] == 7


# Rates and threads


def test_window_refuses_with_retry_after_and_counts_refused_calls(clients, shipment):
    from tests.standins import Standins

    with Standins(rates={"POST /shipments": (2, 300)}) as standins:
        client = clients[1](standins.myparcel)
        statuses = [client.create(shipment("a")).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        standins.clock.advance(200)
        assert client.create(shipment("a")).headers["Retry-After"]
        standins.clock.advance(299)
        assert client.create(shipment("a")).status_code == 200
        assert client.read([1]).status_code == 200


def test_two_threads_create_every_shipment_once(myparcel, shipment, standins):
    def create(part):
        for number in part:
            myparcel.labels(myparcel.ids(shipment(f"ref-{number}")))

    parts = (range(0, 40, 2), range(1, 40, 2))
    threads = [threading.Thread(target=create, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = standins.myparcel.shipments.values()
    assert sorted(s.reference for s in made) == sorted(f"ref-{n}" for n in range(40))
    assert len({s.barcode for s in made}) == 40
    assert standins.myparcel.counts() == {
        "POST /shipments": 40,
        "GET /shipment_labels": 40,
    }
    assert standins.myparcel.references("GET /shipment_labels")["ref-7"] == 1


# Returns


def ask_return(myparcel, parent, query="?send_return_mail=0", **changes):
    shipment = {
        "parent": parent,
        "carrier": 1,
        "email": "shop@example.com",
        "name": "Shop",
        "reference_identifier": "ret",
        "options": {"package_type": 1},
        **changes,
    }
    return myparcel.call(
        "POST",
        f"/shipments{query}",
        {"Content-Type": RETURN_TYPE},
        json={"data": {"return_shipments": [shipment]}},
    )


def test_return_of_a_registered_shipment_gets_a_number_of_its_own(
    myparcel, shipment, standins
):
    ids = myparcel.ids(shipment("a"))
    assert ask_return(myparcel, ids[0]).status_code == 422
    myparcel.labels(ids)
    (made,) = ask_return(myparcel, ids[0]).json()["data"]["ids"]
    myparcel.labels([made["id"]])
    rows = standins.myparcel.shipments
    assert rows[made["id"]].barcode not in ("", rows[ids[0]].barcode)
    assert not standins.violations


def test_return_from_outside_the_eu_or_of_nothing_is_refused(
    myparcel, shipment, standins
):
    ids = myparcel.ids(shipment("a", recipient=NORWAY, customs_declaration=CUSTOMS))
    myparcel.labels(ids)
    assert "3715" in ask_return(myparcel, ids[0]).json()["errors"][0]
    assert "3001" in ask_return(myparcel, 1).json()["errors"][0]
    assert not standins.violations


@pytest.mark.parametrize("changes", [{"carrier": 12}, {"email": "x"}, {"name": ""}])
def test_flaw_in_a_return_is_refused_and_remembered(
    myparcel, shipment, standins, changes
):
    ids = myparcel.ids(shipment("a"))
    myparcel.labels(ids)
    assert ask_return(myparcel, ids[0], **changes).status_code == 422
    assert standins.violations


def test_mail_to_a_buyer_is_remembered(myparcel, shipment, standins):
    ids = myparcel.ids(shipment("a"))
    myparcel.labels(ids)
    ask_return(myparcel, ids[0], query="?send_return_mail=1")
    assert standins.violations

"""The GLS Netherlands stand-in: labels in every place, errors inside HTTP 200."""

from __future__ import annotations

import base64
import re

import pytest
import requests

WEBSHOP = {
    "name1": "Webshop",
    "street": "Weg",
    "zipCode": "4321BA",
    "city": "Ede",
    "countryCode": "NL",
}


def pdf_of(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def units_of(response) -> list[dict]:
    answer = response.json()
    assert (response.status_code, answer["error"]) == (200, False), answer
    return answer["units"]


def assert_refused(response, status: int, code: str, inside_200=False) -> dict:
    answer = response.json()
    assert response.status_code == (200 if inside_200 else status)
    assert (answer["error"], answer["status"]) == (True, str(status))
    assert answer["message"].startswith(code)
    return answer["errors"]


# Login


def test_login_tells_the_customer_number(gls, standins):
    answer = gls.post("Authentication/ValidateLogin").json()
    [customer] = answer["customers"]
    assert customer["apiCustomerNo"] == "12345678"
    assert customer["subjects"][0]["custNos"] == ["12345678"]
    assert not standins.violations


def test_wrong_password_is_401_in_the_envelope(gls):
    refused = gls.post("Authentication/ValidateLogin", password="other")
    assert_refused(refused, 401, "A001")


def test_too_long_password_is_v009(gls, standins):
    refused = gls.post("Authentication/ValidateLogin", password="x" * 21)
    assert "password" in assert_refused(refused, 400, "V009")
    assert standins.violations


def test_test_and_production_have_different_logins(gls, standins):
    refused = gls.post("Authentication/ValidateLogin", base=standins.gls.test_url)
    assert refused.status_code == 401
    login = {
        "username": standins.gls.test_username,
        "password": standins.gls.test_password,
    }
    url = standins.gls.test_url
    assert gls.post("Authentication/ValidateLogin", base=url, **login).ok


def test_subscription_key_is_asked_for_when_set(gls, standins):
    standins.gls.subscription_key = "key"
    assert gls.post("Authentication/ValidateLogin").status_code == 401


def test_health_probe_answers_a_head_request(standins):
    url = f"{standins.gls.url}/api/Monitor/HealthProbe"
    answer = requests.head(url, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")


# Creating


def test_unit_has_number_link_and_label(gls, read_pdf, standins):
    [unit] = units_of(gls.create())
    assert unit["unitId"] == "OUT1-1"
    assert len(unit["unitNo"]) == 14 and unit["unitNo"].startswith("12345678")
    assert len(unit["uniqueNo"]) == 8
    assert unit["unitNo"] in unit["unitTrackingLink"]
    data = pdf_of(unit["label"])
    [page], sizes = read_pdf(data)
    assert unit["unitNo"] in page and "Voorbeeld Ontvanger" in page
    assert sizes == {(298, 420)}
    assert not standins.violations


def test_check_digit_fits_the_published_samples(standins):
    assert standins.gls._unit_no(1) == "12345678000019"
    assert standins.gls._unit_no(2) == "12345678000026"
    assert standins.gls._unit_no(3) == "12345678000033"


def test_pdf_goes_on_after_its_end(gls):
    [unit] = units_of(gls.create())
    data = pdf_of(unit["label"])
    assert data.rstrip().endswith(b"%%EOF")
    assert data != data.rstrip()


@pytest.mark.parametrize("label_type", ["pdf", "pdfA6U"])
def test_unit_labels_stand_in_the_units(gls, label_type):
    answer = gls.create(2, label_type)
    assert all(pdf_of(unit["label"]) for unit in units_of(answer))
    assert answer.json()["labels"] is None


@pytest.mark.parametrize(
    ("label_type", "pages", "size"),
    [("pdfA6S", 3, (298, 420)), ("pdf2A4", 2, (595, 842)), ("pdf4A4", 1, (595, 842))],
)
def test_combined_labels_stand_at_the_top(gls, read_pdf, label_type, pages, size):
    answer = gls.create(3, label_type)
    assert not any("label" in unit for unit in units_of(answer))
    read, sizes = read_pdf(pdf_of(answer.json()["labels"]))
    assert (len(read), sizes) == (pages, {size})
    for unit in units_of(answer):
        assert any(unit["unitNo"] in page for page in read)


def test_start_position_moves_the_first_label(gls, read_pdf):
    answer = gls.create(2, "pdf4A4", labelA4StartPosition=4)
    pages, _ = read_pdf(pdf_of(answer.json()["labels"]))
    assert len(pages) == 2


def test_zpl_is_plain_text(gls):
    [unit] = units_of(gls.create(label_type="zpl"))
    assert unit["label"].startswith("^XA")


def test_no_label_type_none(gls):
    [unit] = units_of(gls.create(label_type="none"))
    assert "label" not in unit


def test_without_link_type_neither_links_nor_labels_come(gls):
    answer = gls.create(trackingLinkType=None)
    [unit] = units_of(answer)
    assert "unitTrackingLink" not in unit
    assert not {"labels", "shipmentTrackingLink"} & set(answer.json())


def test_shipment_link_by_type_s(gls):
    answer = gls.create(trackingLinkType="s").json()
    assert "parcelNo=" in answer["shipmentTrackingLink"]
    assert "unitTrackingLink" not in answer["units"][0]


def test_shop_return_adds_a_label_to_the_unit(gls, read_pdf):
    [unit] = units_of(gls.create(services={"shopReturnService": True}))
    [page], _ = read_pdf(pdf_of(unit["labelShopReturn"]))
    assert unit["unitNoShopReturn"] in page


def test_shop_return_adds_a_page_to_the_combined_document(gls, read_pdf):
    services = {"shopReturnService": True}
    answer = gls.create(1, "pdfA6S", services=services)
    pages, _ = read_pdf(pdf_of(answer.json()["labels"]))
    assert len(pages) == 2


def test_asking_twice_buys_twice(gls, standins):
    first, second = units_of(gls.create())[0], units_of(gls.create())[0]
    assert first["unitNo"] != second["unitNo"]
    assert standins.gls.count("Label/Create", "402-0000001-0000001") == 2
    assert len(standins.gls.with_reference("402-0000001-0000001")) == 2


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"address": {"houseNo": "123456"}}, "addresses.deliveryAddress.houseNo"),
        ({"address": {"name1": "x" * 31}}, "addresses.deliveryAddress.name1"),
        ({"address": {"zipCode": ""}}, "addresses.deliveryAddress.zipCode"),
        ({"reference": "x" * 21}, "reference"),
        ({"reference": "WH/OUT/1"}, "reference"),
        ({"units": []}, "units"),
        ({"units": [{"unitId": "A#1", "weight": 1}]}, "units[0].unitId"),
        ({"units": [{"unitId": "A"}]}, "units[0].weight"),
        (
            {"units": [{"unitId": "A", "weight": 1, "unitType": "parcel"}]},
            "units[0].unitType",
        ),
    ],
)
def test_flawed_field_is_v009_by_name(gls, standins, changes, named):
    errors = assert_refused(gls.create(**changes), 400, "V009")
    assert list(errors) == [named]
    assert standins.violations and not standins.gls.units


def test_missing_ship_type_is_v008(gls, standins):
    assert_refused(gls.create(shiptype=None), 400, "V008")
    assert standins.violations


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"address": {"zipCode": "12345"}}, "addresses.deliveryAddress.zipCode"),
        ({"units": [{"unitId": "A", "weight": 33}]}, "units[0].weight"),
        (
            {"units": [{"unitId": "A", "weight": 1, "unitType": "pl"}]},
            "units[0].unitType",
        ),
        (
            {"services": {"shopDeliveryService": True}},
            "services.shopDeliveryParcelShopId",
        ),
        (
            {
                "services": {"shopReturnService": True},
                "address": {"countryCode": "BE", "zipCode": "2000"},
            },
            "services.shopReturnService",
        ),
        (
            {
                "services": {"expressService": "t9"},
                "address": {"countryCode": "BE", "zipCode": "2000"},
            },
            "services.expressService",
        ),
        ({"customerNo": "7654321"}, "customerNo"),
    ],
)
def test_refusal_can_come_inside_http_200(gls, standins, changes, named):
    refused = gls.create(**changes)
    errors = assert_refused(refused, 422, "V999", inside_200=True)
    assert list(errors) == [named]
    assert not standins.gls.units and not standins.violations


def test_a_login_of_several_customers_has_to_say_for_whom(gls, standins):
    standins.gls.customer_nos = ["12345678", "2345678"]
    refused = assert_refused(gls.create(), 422, "V999", inside_200=True)
    assert list(refused) == ["customerNo"]
    assert units_of(gls.create(customerNo="2345678"))


def test_a_parcel_for_which_customs_wait_is_a_violation(gls, standins):
    gls.create(address={"countryCode": "CH", "zipCode": "8001"})
    assert [v.path for v in standins.violations] == ["countryCode"]


def test_refusal_comes_with_its_own_status_when_so_set(gls, standins):
    standins.gls.errors_inside_200 = False
    assert_refused(gls.create(address={"zipCode": "12345"}), 422, "V999")


# Deleting, confirming


def test_deleted_unit_cannot_be_deleted_again(gls, standins):
    unit_no = units_of(gls.create())[0]["unitNo"]
    answer = gls.post("Label/Delete", unitNo=unit_no, shiptype="p")
    assert answer.json()["error"] is False
    assert standins.gls.units[unit_no].deleted
    again = gls.post("Label/Delete", unitNo=unit_no, shiptype="p")
    assert_refused(again, 422, "V999", inside_200=True)


def test_parcel_under_way_cannot_be_deleted(gls, standins):
    unit_no = units_of(gls.create())[0]["unitNo"]
    standins.gls.units[unit_no].state = "OutForDelivery"
    refused = gls.post("Label/Delete", unitNo=unit_no, shiptype="p")
    assert_refused(refused, 422, "V999", inside_200=True)


@pytest.mark.parametrize("name", ["Label/Delete", "Label/Confirm", "Pickup/Delete"])
def test_unknown_unit_is_refused(gls, name):
    refused = gls.post(name, unitNo="1", shiptype="p")
    assert "unitNo" in assert_refused(refused, 422, "V999", inside_200=True)


def test_units_are_confirmed_one_by_one_or_together(gls, standins):
    numbers = [unit["unitNo"] for unit in units_of(gls.create(3))]
    gls.post("Label/Confirm", unitNo=numbers[0], shiptype="p")
    confirmed = [standins.gls.units[n].confirmed for n in numbers]
    assert confirmed == [True, False, False]
    gls.post("Label/ConfirmMultiple", unitNos=numbers, shiptype="p")
    assert all(standins.gls.units[n].confirmed for n in numbers)


def test_confirm_without_ship_type_is_v008(gls):
    unit_no = units_of(gls.create())[0]["unitNo"]
    assert_refused(gls.post("Label/Confirm", unitNo=unit_no), 400, "V008")


# Shops, options, pickups, returns


def test_as_many_parcel_shops_as_asked_for(gls):
    answer = gls.post("ParcelShop/GetParcelShops", zipCode="1234AB", amountOfShops=3)
    shops = answer.json()["parcelShops"]
    assert len({shop["parcelShopId"] for shop in shops}) == 3
    assert shops[0]["zipcode"] == "1234AB"


def test_express_is_an_option_inland_only(gls):
    def services(country_code, zip_code):
        answer = gls.post(
            "DeliveryOptions/GetDeliveryOptions",
            countryCode=country_code,
            zipCode=zip_code,
        )
        return [option["service"] for option in answer.json()["deliveryOptions"]]

    assert "T9" in services("NL", "1234AB")
    assert "T9" not in services("DE", "10115")


def test_pickup_can_be_ordered_and_called_off(gls, standins):
    addresses = {"deliveryAddress": WEBSHOP}
    answer = gls.post("Pickup/Create", pickupDate="2026-11-23", addresses=addresses)
    [unit] = units_of(answer)
    gls.post("Pickup/Delete", unitNo=unit["unitNo"], shiptype="p")
    assert standins.gls.units[unit["unitNo"]].deleted


def test_return_label_can_stand_alone(gls, read_pdf):
    answer = gls.post(
        "ShopReturn/Create",
        shiptype="p",
        labelType="pdfA6U",
        units=[{"unitId": "RET1", "weight": 1}],
        addresses={"deliveryAddress": WEBSHOP},
    )
    [unit] = units_of(answer)
    [page], _ = read_pdf(pdf_of(unit["label"]))
    assert "RETURN" in page


# Track & Trace


def test_tracking_leaves_unknown_numbers_out(gls):
    unit_no = units_of(gls.create())[0]["unitNo"]
    answer = gls.track("parcel/v1/details", parcelNumbers=[unit_no, "1"])
    [parcel] = answer.json()["parcels"]
    assert (parcel["parcelNo"], parcel["state"]) == (unit_no, "Announced")
    assert parcel["customerReference"] == "402-0000001-0000001"


def test_tracking_of_nothing_known_is_204(gls):
    assert gls.track("parcel/v1/details", parcelNumbers=["1"]).status_code == 204
    assert gls.track("parcel/v1/search", customerRef="x").status_code == 204


def test_tracking_takes_twenty_numbers(gls, standins):
    numbers = [str(n) for n in range(21)]
    refused = gls.track("parcel/v1/details", parcelNumbers=numbers)
    assert refused.status_code == 400
    assert standins.violations


def test_search_finds_by_reference_also_what_was_deleted(gls):
    unit_no = units_of(gls.create())[0]["unitNo"]
    gls.post("Label/Delete", unitNo=unit_no, shiptype="p")
    answer = gls.track("parcel/v1/search", customerRef="402-0000001-0000001")
    [parcel] = answer.json()["parcels"]
    assert parcel["events"][0]["descriptionEN"] == "data deleted"


def test_search_may_know_the_shipments_reference_only(gls, standins):
    units = [{"unitId": "A", "weight": 1, "customerUnitReference": "try-7"}]
    gls.create(units)
    standins.gls.searched_by = ("reference",)
    answer = gls.track("parcel/v1/search", customerRef="try-7")
    assert answer.status_code == 204
    assert gls.track("parcel/v1/search", customerRef="402-0000001-0000001").ok


@pytest.mark.parametrize(
    ("job_date", "pattern"),
    [
        ("moment", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("local", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"),
        ("day", r"\d{4}-\d\d-\d\d"),
    ],
)
def test_tracking_writes_moments_as_told(gls, standins, job_date, pattern):
    standins.gls.job_date = job_date
    gls.create()
    answer = gls.track("parcel/v1/search", customerRef="402-0000001-0000001")
    [parcel] = answer.json()["parcels"]
    assert re.fullmatch(pattern, parcel["jobDate"])


def test_search_finds_by_the_units_own_reference(gls):
    units = [{"unitId": "A", "weight": 1, "customerUnitReference": "try-7"}]
    unit_no = units_of(gls.create(units))[0]["unitNo"]
    wanted = {"customerRef": "try-7", "from": "2020-01-01"}
    answer = gls.track("parcel/v1/search", **wanted)
    assert [p["parcelNo"] for p in answer.json()["parcels"]] == [unit_no]


def test_tracking_login_is_spelt_otherwise(gls, standins):
    url = f"{standins.gls.tracking_url}/api/parcel/v1/details"
    body = {"username": gls.gls.username, "password": gls.gls.password}
    assert requests.post(url, json=body, timeout=10).status_code == 400
    assert standins.violations


def test_tracking_may_not_be_switched_on(gls, standins):
    standins.gls.tracking_enabled = False
    refused = gls.track("parcel/v1/details", parcelNumbers=["1"])
    assert refused.status_code == 401


def test_proof_of_delivery_exists_once_delivered(gls, standins):
    unit_no = units_of(gls.create())[0]["unitNo"]
    assert gls.track("pod/v1", parcelNumbers=[unit_no]).status_code == 204
    standins.gls.units[unit_no].state = "Delivered"
    assert gls.track("pod/v1", parcelNumbers=[unit_no]).json()["pods"]


def test_tracking_is_limited_by_the_minute(published, clients):
    client = clients[2](published.gls)
    numbers = {"parcelNumbers": ["1"]}
    while client.track("parcel/v1/details", **numbers).status_code != 429:
        pass
    refused = client.track("parcel/v1/details", **numbers)
    assert "Try again in" in refused.json()["message"]
    published.clock.advance(61)
    assert client.track("parcel/v1/details", **numbers).status_code == 204

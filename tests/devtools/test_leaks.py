"""The words that no log may hold are those of the test data."""

import pytest

from devtools.leaks import find_leaks
from devtools.processes import complaints
from tests.driver import unshipped_report as report
from tests.standins.gls import Gls
from tests.standins.lwa import Sellers
from tests.standins.myparcel import MyParcel

PEOPLE = [name for names in report.NAMES.values() for name in names]
STREETS = [*report.DUTCH_STREETS, *report.GERMAN_STREETS, *report.FRENCH_STREETS]
SECRETS = [Sellers.client_secret, MyParcel.api_key, Gls.password, Gls.test_password]


@pytest.mark.parametrize("word", [*PEOPLE, *STREETS, *SECRETS, "Atzr|standin-A1"])
def test_people_streets_and_secrets_of_the_test_data_are_found(word):
    line = f"2026-11-17 12:00:00,000 1 INFO db odoo.addons.x: said {word} aloud"
    for written in (line, line.casefold()):
        assert find_leaks(f"before\n{written}\nafter") == [written]


def test_a_leak_is_a_complaint_at_every_level_and_never_expected():
    line = "2026-11-17 12:00:00,000 1 INFO db werkzeug: GET /x?q=Siem Ooievaar"
    assert complaints(f"quiet\n{line}", ["werkzeug"]) == [line]


def test_what_is_no_person_is_no_leak():
    assert find_leaks("INFO odoo.modules.loading: 68 modules loaded") == []

"""A whole day as each of the groups, in two languages and at two widths; and no screen
that it leads to keeps anybody out.

One Odoo for all tests of this module; each day brings orders of its own.
"""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Page, expect

from tests.driver.accessibility import Fault, find_faults
from tests.driver.client import OdooClient
from tests.driver.leftovers import find, leave_behind
from tests.driver.shop import (
    MANAGER,
    USER,
    connect_shop,
    create_user,
    put_in_stock,
    set_up,
)
from tests.driver.unshipped_report import PRODUCTS
from tests.driver.web_client import open_menu, press, press_on_tab, show_tab
from tests.driver.working_day import WorkingDay, make_orders
from tests.standins import Standins

from .conftest import own_database, serving

GROUPS = {"clerk": USER, "boss": MANAGER}
# Of each language, what the list of deliveries is called in it.
LANGUAGES = {"en_US": "Deliveries", "nl_NL": "Leveringen"}
WIDTHS = {
    "desktop": {"width": 1366, "height": 768},
    "tablet": {"width": 820, "height": 1180},
}
DAYS = list(itertools.product(GROUPS, LANGUAGES, WIDTHS))
# A selling account for each language: more days on end of one of them would ask
# Amazon more than it allows.
SHOPS = {"en_US": "Amazon Mugs & More", "nl_NL": "Amazon Mokken en Meer"}
SELLERS = {"en_US": "A1STANDINSELLER", "nl_NL": "A2STANDINSELLER"}
ROWS, CARDS = ".o_data_row", ".o_kanban_record:not(.o_kanban_ghost)"
FORM, CHART, DIALOG = ".o_form_view", ".o_graph_renderer canvas", ".modal .o_form_view"
ANY = f"{ROWS}, .o_view_nocontent"
# Of the page of settings, which is Odoo's.
SETTINGS = [
    *("#amazon_app", "#myparcel", "#gls", "#customs", "#amazon_shipping"),
    "#amazon_retention",
]
MYPARCEL_TABS = ("myparcel_nl_configuration", "label_options")
GLS_TABS = ("gls_nl_configuration", "amazon")
PARCEL_SHOP = ("extra", "action_choose_parcel_shop")
CARRIERS = "action-delivery.action_delivery_carrier_form"
IMPORT_LISTS = "amazon-imports/{import}/action-amazon_carrier_connector.amazon_order"
MENUS_OF_DIALOGS = [
    ("menu_amazon_imports_root", "menu_amazon_import_from_shops"),
    ("menu_amazon_imports_root", "menu_amazon_upload"),
    ("menu_amazon_imports_root", "menu_amazon_fetch"),
    ("menu_amazon_labels", "menu_amazon_day_list"),
    ("menu_amazon_configuration", "menu_amazon_erasure"),
]
# Where each is, what shows that it is there, and what opens the dialogs or tabs that
# are looked at instead of it.
ODOOS_SCREENS = [
    ("inventory", CARDS),
    ("settings", ".o_setting_container"),
    ("deliveries", ROWS),
    ("deliveries?view_type=kanban", CARDS),
    ("deliveries/{delivery}", FORM),
    ("sales", ROWS),
    ("sales/{sale}", FORM),
    ("products", CARDS),
    ("products/1", FORM),
    ("users/2", FORM),
    (CARRIERS + "/{odoos_carrier}", FORM, (show_tab, "destination")),
    ("sales/{sale}", FORM, (press, "action_quotation_send")),
]
OUR_SCREENS = [
    ("amazon", CARDS),
    ("amazon-shops", CARDS),
    ("amazon-shops?view_type=list", ROWS),
    ("amazon-shops/{shop}", FORM),
    ("amazon-shops/{other_shop}", FORM),
    ("amazon-shops/new", FORM),
    ("amazon-deliveries", ROWS),
    ("amazon-deliveries?view_type=kanban", CARDS),
    ("amazon-deliveries/{waiting}", FORM),
    ("amazon-deliveries/{done}", FORM),
    ("amazon-deliveries/{to_parcel_shop}", FORM, (press_on_tab, *PARCEL_SHOP)),
    ("amazon-orders", ROWS),
    ("amazon-orders/{order}", FORM),
    ("amazon-addresses", ROWS),
    ("amazon-addresses/{address}", FORM),
    ("amazon-kept-buyers", ANY),
    ("amazon-skus-to-match", ANY),
    ("amazon-listings", ANY),
    ("amazon-imports", ROWS),
    ("amazon-imports/{import}", FORM),
    ("amazon-imports/{done_import}", FORM),
    (IMPORT_LISTS + "_import_line_action", ROWS),
    (IMPORT_LISTS + "_import_problem_action", ROWS),
    ("label-runs", ROWS),
    ("label-runs/{run}", FORM),
    ("label-runs/{checked_run}", FORM),
    ("parcels", ROWS),
    ("parcels/{parcel}", FORM),
    ("parcels/{lost}", FORM, (press, "action_decide")),
    ("amazon-scan", "input"),
    ("amazon-confirmations", ROWS),
    ("amazon-confirmations/{confirmation}", FORM),
    ("amazon-confirmation-files", ANY),
    ("shipment-analysis", CHART),
    ("shipment-analysis?view_type=pivot", ".o_pivot"),
    ("amazon-shipping-rules", ANY),
    ("amazon-shipping-rules/new", FORM),
    ("amazon-carrier-codes", ROWS),
    ("amazon-carriers", ROWS),
    ("amazon-markets", ROWS),
    ("amazon-keys", ANY),
    ("amazon-audit-trail", ROWS),
    ("gls-accounts", ANY),
    ("gls-accounts/new", FORM),
    (CARRIERS + "/{myparcel}", FORM, *((show_tab, name) for name in MYPARCEL_TABS)),
    (CARRIERS + "/{gls}", FORM, *((show_tab, name) for name in GLS_TABS)),
    ("gls-pickups", ANY),
    ("gls-pickups/new", FORM),
    (
        "amazon-deliveries",
        ROWS,
        (press, "action_print_new_labels"),
        (press, "action_merge"),
    ),
    ("amazon-shops/{other_shop}", FORM, (press, "action_connect")),
    ("amazon", CARDS, *((open_menu, *names) for names in MENUS_OF_DIALOGS)),
]
# And there, what only a manager finds.
ONLY_MANAGERS = [
    ("amazon", CARDS, "[data-menu-xmlid$=menu_amazon_configuration]"),
    ("amazon-shops", CARDS, ".o-kanban-button-new"),
    ("amazon-shops/{shop}", FORM, "button[name=action_remove]"),
    ("amazon-shops/{other_shop}", FORM, "button[name=action_connect]"),
    ("amazon-orders/{order}", FORM, "button[name=action_erase_buyer]"),
]


@pytest.fixture(scope="module")
def server(environment, request):
    with (
        own_database(environment, "day") as name,
        serving(environment, name, request.node) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def standins(server):
    """Amazon and MyParcel, with the shops at work and a person of each group."""
    admin = OdooClient(server.url, server.database, "admin", "admin")
    speak_dutch(admin)
    for login, group in GROUPS.items():
        create_user(admin, login, group, name=login.capitalize())
    put_in_stock(admin, PRODUCTS)
    with Standins(rates="fast") as running:
        set_up(admin, running.connection(), name=SHOPS["en_US"])
        second = running.lwa.sellers.add(SELLERS["nl_NL"])
        connect_shop(admin, running.connection(second), name=SHOPS["nl_NL"])
        yield running
        assert running.violations == []


@pytest.fixture(scope="module")
def leftovers(server, standins):
    admin = OdooClient(server.url, server.database, "admin", "admin")
    shop_id = find(admin, "amazon.shop", ("name", "=", SHOPS["en_US"]))
    return leave_behind(admin, standins, shop_id)


@pytest.mark.parametrize("login, language, width", DAYS, ids=map("-".join, DAYS))
def test_a_day_from_the_file_to_what_amazon_knows(
    server, standins, browsing, login, language, width
):
    set_language(server, login, language)
    page = browsing.log_in(login, login)
    page.set_viewport_size(WIDTHS[width])
    page.goto(f"{server.url}/odoo/amazon")
    day = WorkingDay(page, server, standins, SELLERS[language])
    report = make_orders(DAYS.index((login, language, width)))
    day.import_file(report, SHOPS[language])
    expect(page.locator(".o_breadcrumb .active")).to_have_text(LANGUAGES[language])
    day.check_labels()
    day.correct_address()
    day.create_labels()
    day.push()
    day.end()


@pytest.mark.parametrize("login", GROUPS)
def test_only_a_manager_is_offered_what_only_a_manager_may(
    server, leftovers, browsing, login
):
    page = browsing.log_in(login, login)
    for path, ready, place in ONLY_MANAGERS:
        visit(page, server, path.format(**leftovers), ready)
        expect(page.locator(place)).to_have_count(int(login == "boss"))


def test_no_screen_has_a_grave_fault_that_odoos_own_screens_have_not(
    server, leftovers, browsing
):
    page = browsing.log_in("admin", "admin")
    # What is fading in has not its colours yet.
    page.emulate_media(reduced_motion="reduce")

    def look(path, ready, *openers):
        visit(page, server, path.format(**leftovers), ready)
        if not openers:
            return find_faults(page)
        return set().union(*(look_at_opened(page, *opener) for opener in openers))

    known = set().union(*(look(*screen) for screen in ODOOS_SCREENS))
    assert known
    found = [
        f"{screen[0]}: {fault}"
        for screen in OUR_SCREENS
        for fault in look(*screen) - known
    ]
    look("action-stock.action_stock_config_settings", SETTINGS[0])
    found += map(str, find_faults(page, *SETTINGS) - known)
    if found:
        pytest.fail("\n".join(found))


def visit(page: Page, server, path: str, ready: str) -> None:
    """Open a screen, and wait until what it shows is there."""
    page.goto(f"{server.url}/odoo/{path}")
    expect(page.locator(ready).first).to_be_visible()


def look_at_opened(page: Page, opener, *names: str) -> set[Fault]:
    """What is wrong with a tab, or with a dialog, which is closed again."""
    opener(page, *names)
    if opener is show_tab:
        return find_faults(page, ".o_notebook")
    dialog = page.locator(DIALOG)
    expect(dialog).to_be_visible()
    faults = find_faults(page, ".modal")
    page.locator(".modal-header .btn-close").click()
    expect(dialog).to_have_count(0)
    return faults


def speak_dutch(admin: OdooClient) -> None:
    languages = admin.search(
        "res.lang", [("code", "=", "nl_NL"), ("active", "in", [True, False])]
    )
    (wizard,) = admin.create(
        "base.language.install", {"lang_ids": [(6, 0, languages)], "overwrite": True}
    )
    admin.press("base.language.install", wizard, "lang_install")


def set_language(server, login: str, language: str) -> None:
    admin = OdooClient(server.url, server.database, "admin", "admin")
    admin.write(
        "res.users", admin.search("res.users", [("login", "=", login)]), lang=language
    )

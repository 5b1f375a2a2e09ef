"""Who opens a connection to the outside is known by name, and asks whether it may."""

import ast
from pathlib import Path

ADDON = Path(__file__).parents[2] / "amazon_carrier_connector"
PLAIN = ("amazon", "carriers")
# What can reach another machine.
LIBRARIES = frozenset(
    "aiohttp asyncio ftplib http.client httpx requests smtplib socket socketserver"
    " sp_api subprocess telnetlib urllib3 websocket xmlrpc zeep".split()
)
# The modules that use one, for whatever; urllib itself takes addresses apart only.
USERS = {
    *("amazon.login", "amazon.order_search", "amazon.report_requests"),
    *("amazon.seller_access", "amazon.selling_partner", "amazon.transport"),
    "carriers.transport",
}
# What connects: our transports, and the clients that use them.
CLIENTS = frozenset(
    ("Door", "Gls", "GlsTracking", "MyParcel", "SellingPartner", "StrictTransport")
    + ("Transport", "exchange_code")
)
# Where the addon makes one: each place refuses in a copy of the database. A new one
# comes here, and into test_neutralize.py.
DOORS = {
    ("models/amazon_shop.py", "_get_selling_partner", "SellingPartner"),
    ("models/delivery_carrier_myparcel.py", "_myparcel_nl_get_client", "MyParcel"),
    ("models/gls_account.py", "_connect", "Gls"),
    ("models/gls_account.py", "_connect_tracking", "GlsTracking"),
    ("wizards/amazon_consent_wizard.py", "_claim", "exchange_code"),
}
CHECK = "_check_outside_allowed"


def files(*, plain):
    for path in sorted(ADDON.rglob("*.py")):
        name = path.relative_to(ADDON).as_posix()
        folder = name.partition("/")[0]
        if folder not in ("tests", "migrations") and (folder in PLAIN) == plain:
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
        else:
            continue
        yield from names
        yield from (name.partition(".")[0] for name in names)


def named(node):
    """The names of clients in a piece of code, but in annotations and imports."""
    for part in ast.walk(node):
        if isinstance(part, (ast.Name, ast.Attribute)):
            name = part.id if isinstance(part, ast.Name) else part.attr
            if name in CLIENTS:
                yield name


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def test_libraries_that_connect_are_used_in_known_places_only():
    used = {
        name.removesuffix(".py").replace("/", ".")
        for name, tree in files(plain=True)
        if LIBRARIES & set(imported(tree))
    }
    assert used == USERS
    outside = {
        name for name, tree in files(plain=False) if LIBRARIES & set(imported(tree))
    }
    assert outside == set()


def test_every_client_is_known():
    made = {
        node.name
        for _name, tree in files(plain=True)
        for node in tree.body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
        and any(
            isinstance(call, ast.Call)
            and getattr(call.func, "id", "") in (*CLIENTS, "Session")
            for call in ast.walk(node)
        )
    }
    # Besides the transports themselves.
    assert made - CLIENTS == set()


def test_every_door_asks_first_whether_it_may():
    doors = {}
    for name, tree in files(plain=False):
        for function in functions(tree):
            for client in named(function):
                doors[name, function.name, client] = function
    assert set(doors) == DOORS
    for door, function in doors.items():
        calls = [c for c in ast.walk(function) if isinstance(c, ast.Call)]
        asked = [c.lineno for c in calls if getattr(c.func, "attr", "") == CHECK]
        made = [
            part.lineno
            for part in ast.walk(function)
            if getattr(part, "id", getattr(part, "attr", "")) == door[2]
        ]
        assert asked and min(asked) < min(made), door

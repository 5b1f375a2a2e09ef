"""Keep buyers' data and secrets out of every log, whoever writes it.

Odoo logs every failed SQL statement with its parameters (``odoo.sql_db``), and some
of ours fail by design: a lock timeout, a serialization failure, the unique index that
is the last line against a second import. Those parameters hold names and streets, and
so do the errors of the database wherever they end up, the text of an error that quotes
a value, the queries of addresses that are called, and what users are told of a
carrier's refusal.

Records are cleaned when they are made: a filter would have to be at every logger, or
at every handler that somebody adds later.
"""

import logging
import re
import traceback
from pathlib import Path

from psycopg2 import Error

from odoo.exceptions import AccessError, UserError

ADDON = str(Path(__file__).parent)

_SQL_LITERAL = re.compile(r"(?:\b[EeXxBb])?'(?:[^'\\]|''|\\.)*'", re.DOTALL)
# 'invalid input syntax for type integer: "..."', in the server's language; names of
# tables and constraints stand before the colon.
_ERROR_VALUE = re.compile(r": [\"«»„“].*", re.DOTALL)
# Statements that are logged with --log-sql.
_PERSONAL_TABLE = re.compile(
    r"amazon_|base_import|bus_bus|delivery_|gls_|ir_attachment|mail_|myparcel_|privacy_"
    r"|res_company|res_partner|res_users|stock_move|stock_picking"
)
# The code of a consent, the state it is taken for, the token of a hook; also where a
# visitor is sent to log in first, with all of it encoded in the query.
_SECRET_PATH = re.compile(
    r"((?:/|%(?:25)*2F)amazon_carrier_connector(?:/|%(?:25)*2F)(?!static)\w+?)"
    r"(?:[?/]|%(?:25)*(?:2F|3F))\S*"
)
_QUERY = re.compile(r"\?[^\s\"'>]+")
# What core says of a record that somebody may not see: its kind, its name, which may
# be an address of several lines, its id.
_RECORD = re.compile(
    r"^- ([^,\n]+), (?:(?!\n- |\n\n).)*\(([\w.]+: \d+)", re.MULTILINE | re.DOTALL
)
# And of a record that belongs to another company: the field and its values.
_OTHER_COMPANY = re.compile(r"^- .*\((\w+): .*", re.MULTILINE)


# === WHAT A RECORD SAYS === #


def _clean_statement(record):
    """The text of a statement stays, and PostgreSQL's first line ("duplicate key value
    violates ..."): they name the table and the constraint.
    """
    if record.msg.startswith("bad query") or (
        "query:" in record.msg and _PERSONAL_TABLE.search(record.getMessage())
    ):
        record.args = tuple(_without_values(value) for value in record.args or ())


def _without_values(value):
    if isinstance(value, Exception):
        # Lines after the first quote the statement and the row.
        return _ERROR_VALUE.sub(": ?", str(value)).partition("\n")[0]
    if isinstance(value, float):
        return value
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return _SQL_LITERAL.sub("?", text).strip()


def _clean_paths(record):
    record.msg = _SECRET_PATH.sub(r"\1", record.msg)
    _replace_texts(record, lambda text: _SECRET_PATH.sub(r"\1", text))


def _clean_urls(record):
    """Leave out the queries of what was called: postal codes, signatures, tokens."""
    record.msg = _QUERY.sub("", record.msg)
    if isinstance(record.args, tuple):
        record.args = tuple(
            value if isinstance(value, (int, float)) else _QUERY.sub("", str(value))
            for value in record.args
        )


def _clean_call(record):
    """What methods are called with is whatever people type, passwords too."""
    if record.msg.startswith("call ") and isinstance(record.args, tuple):
        record.args = (*record.args[:-1], "...")


def _clean_export(record):
    """The search that found what is exported may be for a buyer's name."""
    if isinstance(record.args, tuple) and record.args[-2:-1] == ("Domain",):
        record.args = (*record.args[:-1], "...")


def _replace_texts(record, replace):
    if isinstance(record.args, tuple):
        record.args = tuple(
            replace(value) if isinstance(value, str) else value for value in record.args
        )


_CLEANERS = {
    "odoo.addons.web.controllers.export": _clean_export,
    "odoo.service.model": _clean_call,
    "odoo.sql_db": _clean_statement,
    "werkzeug": _clean_paths,
    "httpx": _clean_urls,
    "requests": _clean_urls,
    "urllib3": _clean_urls,
}


# === WHAT AN ERROR SAYS === #


def _clean_errors(record):
    """Errors as the message, among its values, and as the traceback."""
    if isinstance(record.msg, Error):
        record.msg, record.args = "%s", (_without_values(record.msg),)
    elif isinstance(record.msg, UserError):
        record.msg, record.args = "%s", (_describe_told(record.msg),)
    if isinstance(record.args, tuple) and any(
        isinstance(v, Error) for v in record.args
    ):
        record.args = tuple(
            _without_values(v) if isinstance(v, Error) else v for v in record.args
        )
    error = record.exc_info and record.exc_info[1]
    if error and any(isinstance(e, Error) or _is_ours(e) for e in _get_chain(error)):
        # Formatters take it as it is.
        record.exc_text = _format_chain(error)


def _describe_told(error):
    """What a user was told; a sentence of ours may quote what a carrier quotes."""
    frames = traceback.extract_tb(error.__traceback__)
    if frames and frames[-1].filename.startswith(ADDON):
        place = Path(frames[-1].filename).relative_to(ADDON)
        return (
            f"{type(error).__name__} from amazon_carrier_connector/{place}, line"
            f" {frames[-1].lineno}: its text is for the user alone"
        )
    if isinstance(error, AccessError):
        return leave_out_names(str(error))
    return _OTHER_COMPANY.sub(r"- (\1)", str(error))


def leave_out_names(text):
    """What core says of records that may not be seen: their kinds and ids only."""
    return _RECORD.sub(r"- \1 (\2", text)


def _is_ours(error):
    return any(
        frame.filename.startswith(ADDON)
        for frame in traceback.extract_tb(error.__traceback__)
    )


def _get_chain(error):
    """The error and those it came from, the last first."""
    chain = []
    while error is not None and error not in chain:
        chain.append(error)
        context = None if error.__suppress_context__ else error.__context__
        error = error.__cause__ or context
    return chain


def _format_chain(error):
    """Tracebacks without the sentences of errors: those quote values."""
    return "\n\nThis led to:\n\n".join(
        "Traceback (most recent call last):\n"
        + "".join(traceback.format_tb(item.__traceback__))
        + _describe_error(item)
        for item in reversed(_get_chain(error))
    )


def _describe_error(error):
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}"
    return f"{name}: {_without_values(error)}" if isinstance(error, Error) else name


# === EVERY RECORD === #


def clean(record):
    """Take out of a record what no log may hold."""
    cleaner = _CLEANERS.get(record.name) or _CLEANERS.get(record.name.partition(".")[0])
    if cleaner and isinstance(record.msg, str):
        cleaner(record)
    _clean_errors(record)
    return record


def install():
    make = logging.getLogRecordFactory()
    if not hasattr(make, "cleans"):

        def make_clean(*args, **kwargs):
            return clean(make(*args, **kwargs))

        make_clean.cleans = True
        logging.setLogRecordFactory(make_clean)


install()

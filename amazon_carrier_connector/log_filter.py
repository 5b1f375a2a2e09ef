"""Keep buyers' data and secrets out of Odoo's own log.

Odoo logs every failed SQL statement with its parameters (``odoo.sql_db``), and some
of ours fail by design: a lock timeout, a serialization failure, the unique index that
is the last line against a second import. Those parameters hold names and streets.
"""

import logging
import re

_SQL_LITERAL = re.compile(r"(?:\b[EeXxBb])?'(?:[^'\\]|''|\\.)*'", re.DOTALL)
# 'invalid input syntax for type integer: "..."', in the server's language; names of
# tables and constraints stand before the colon.
_ERROR_VALUE = re.compile(r": [\"«»„“].*", re.DOTALL)

# Secret until it is exchanged: the code of a consent, and the state it is taken for.
_CONSENT_QUERY = re.compile(r"(/amazon_carrier_connector/\w+)\?\S*")


class StatementParameterFilter(logging.Filter):
    """Replace the literals of a "bad query" record by ``?``; drop what the server adds.

    The text of the statement and PostgreSQL's first line ("duplicate key value
    violates ...") stay: they name the table and the constraint.
    """

    def filter(self, record):
        if isinstance(record.msg, str) and record.msg.startswith("bad query"):
            record.args = tuple(_without_values(value) for value in record.args or ())
        return True


def _without_values(value):
    if isinstance(value, Exception):
        # Lines after the first quote the statement and the row.
        return _ERROR_VALUE.sub(": ?", str(value)).partition("\n")[0]
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return _SQL_LITERAL.sub("?", text).strip()


class ConsentQueryFilter(logging.Filter):
    """Leave out of the log of requests what Amazon's redirects bring along."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(value) for value in record.args)
        return True


def _without_query(value):
    return _CONSENT_QUERY.sub(r"\1", value) if isinstance(value, str) else value


_FILTERS = {"odoo.sql_db": StatementParameterFilter, "werkzeug": ConsentQueryFilter}


def install():
    for name, kind in _FILTERS.items():
        logger = logging.getLogger(name)
        if not any(isinstance(item, kind) for item in logger.filters):
            logger.addFilter(kind())


install()

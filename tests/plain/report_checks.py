"""What holds for whatever the report reader is given."""

import re

from tests.plain import layers

layers.register()

from amazon.unshipped_report import (  # noqa: E402
    PROBLEM_CODES,
    REFUSAL_CODES,
    ReportRefused,
    UnshippedReport,
    read_unshipped_report,
)

ORDER_REF = re.compile(r"[0-9A-Z]{3}-\d{7}-\d{7}", re.ASCII)
ITEM_REF = re.compile(r"\d{14,}", re.ASCII)


def read_or_refuse(data, **options):
    """What comes of any bytes: a report that holds what it promises, or a refusal.

    Raises AssertionError, or whatever the reader should not have raised.
    """
    try:
        result = read_unshipped_report(data, **options)
    except ReportRefused as refused:
        assert refused.code in REFUSAL_CODES
        return refused
    assert isinstance(result, UnshippedReport)
    check_rows(result)
    check_orders(result)
    return result


def check_rows(result):
    """No row is lost, and none is told twice."""
    in_orders = [number for found in result.orders for number in found.rows]
    bad = [problem.row for problem in result.problems if not problem.order_kept]
    told = [*in_orders, *bad]
    assert len(set(told)) == len(told)
    assert len(told) + result.shipped_row_count == result.row_count
    assert result.shipped_row_count >= len(result.nothing_to_ship)
    assert all(number > 1 for number in told)
    for found in result.orders:
        assert found.rows == tuple(sorted(found.rows))


def check_orders(result):
    """Every order is whole, and stands in one place."""
    refs = [found.order_ref for found in result.orders]
    places = [*refs, *result.nothing_to_ship]
    assert len(set(places)) == len(places)
    assert all(map(ORDER_REF.fullmatch, places))
    for problem in result.problems:
        assert problem.code in PROBLEM_CODES
        assert len(problem.value) <= 80
        if problem.order_kept:
            assert problem.order_ref in places
        else:
            assert problem.order_ref not in places
    for found in result.orders:
        assert 1 <= len(found.items) <= len(found.rows)
        assert len({item.item_ref for item in found.items}) == len(found.items)
        for item in found.items:
            assert ITEM_REF.fullmatch(item.item_ref)
            assert item.sku
            assert item.quantity_to_ship > 0

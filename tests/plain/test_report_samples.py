"""The sample reports that stand beside the contracts, where those are."""

import os
from pathlib import Path

import pytest
from amazon.unshipped_report import ReportRefused, read_unshipped_report

if "CONTRACTS_DIR" in os.environ:
    SAMPLES = Path(os.environ["CONTRACTS_DIR"]).parent / "samples"

    @pytest.mark.parametrize(
        ("name", "encoding"),
        [
            ("unshipped_eu_standard_utf8.txt", "utf-8"),
            ("unshipped_eu_all_columns_cp1252.txt", "cp1252"),
        ],
    )
    def test_unshipped_samples_are_read_whole(name, encoding):
        result = read_unshipped_report((SAMPLES / name).read_bytes())
        assert (result.encoding, result.kind) == (encoding, "unshipped")
        assert result.problems == ()
        assert result.row_count == 5
        first, second, third, fourth = result.orders
        assert [o.order_ref[:11] for o in result.orders] == [
            "402-0000001",
            "402-0000002",
            "303-0000003",
            "303-0000004",
        ]
        assert first.recipient.name == "Testklant Eén"
        assert first.items[0].item_ref == "00000000000017"
        assert second.is_business
        assert second.po_number == "PO 77/2026"
        assert [
            (item.sku, item.quantity_ordered, item.quantity_to_ship)
            for item in second.items
        ] == [(second.items[0].sku, 3, 2), ("SKU-2", 1, 1)]
        assert third.items[0].title == '"27 Zoll Monitor, weiß'
        assert third.items[0].sku == "SKU-ÄÖ"
        assert third.recipient.postal_code == "01067"
        assert third.recipient.line2 == "Musterstraße 5"
        assert third.days_past_promise == 1
        assert fourth.recipient.line2 == "Packstation 101"

    def test_optional_columns_of_the_sample_are_read():
        name = "unshipped_eu_all_columns_cp1252.txt"
        orders = read_unshipped_report((SAMPLES / name).read_bytes()).orders
        assert [o.cancel_requested for o in orders] == [False, False, True, False]
        details = [dict(order.details) for order in orders]
        assert {found["address-type"] for found in details} == {"Residential"}
        assert details[1]["buyer-company-name"] == "Proefbedrijf B.V."
        assert details[2]["verge-of-lateshipment"] is True
        assert details[3]["is-pickup-point-order"] is True
        assert dict(orders[0].items[0].details) == {"number-of-items": 1}

    def test_new_orders_sample_is_refused_by_name_and_read_on_request():
        data = (SAMPLES / "new_orders_report_utf8.txt").read_bytes()
        with pytest.raises(ReportRefused) as refused:
            read_unshipped_report(data)
        assert refused.value.code == "new_orders"
        result = read_unshipped_report(data, accept_new_orders=True)
        assert (result.kind, result.problems) == ("new_orders", ())
        assert result.orders[0].items[0].quantity_to_ship == 1

"""What pooling saves: the same demand lived with pooling and without, and the difference of the two reports."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from b2b.core.actor import acting_as, system
from b2b.db.bulk import fetch, fetch_value
from b2b.market import comparison, play, report
from b2b.market.comparison import Comparison, Side
from b2b.tower.policies.value import Value

FIRST_DAY = date(2026, 3, 2)
DEMAND = """
    SELECT parent.external_reference, product.sku, sum(line.entered_quantity * line.pack_units)::bigint
    FROM orders_orderline line JOIN orders_order parent ON parent.id = line.order_id
    JOIN catalog_product product ON product.id = line.product_id
    GROUP BY 1, 2 ORDER BY 1, 2
"""


def sides(**changes: Any) -> dict[str, Any]:
    value = Value("CNY", ordered_quantity=100, delivered_quantity=80, ordered_amount=Decimal(900))
    shown = {name: str(one) if isinstance(one, Decimal) else one for name, one in value.as_dict().items()}
    made = {
        "value": shown, "bought": {"quantity": 110, "amount": "700.00"}, "counts": {"purchase orders": 3},
        "broken_invariants": [],
    }  # fmt: skip
    return made | {"value": shown | changes}


def test_a_unit_at_the_dealers_is_its_price_and_what_brings_it() -> None:
    found = Comparison(
        pooled=Side.of(sides(circulation_cost="40.00")),
        alone=Side.of(sides(ordered_amount="1000.00", circulation_cost="80.00")),
    )
    assert (found.pooled.landed, found.alone.landed) == (Decimal("9.5"), Decimal(11))
    assert (found.saving_per_unit, found.saving) == (Decimal("1.5"), Decimal(150))
    assert json.loads(json.dumps(found.as_dict()))["saving"] == "150.00"
    assert "pooling saves 1.5" in found.as_text()


def test_a_run_that_does_not_end_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "MANAGE", "/nowhere/manage.py")
    with pytest.raises(comparison.RunFailed, match="nowhere"):
        comparison.run(days=1, dealers=1, seed=1, first_day="2026-03-02")


def test_without_pooling_nobody_shares_a_purchase_order(committed_db: str) -> None:
    result = play.market(days=6, dealers=4, seed=7, first_day=FIRST_DAY, is_pooling=False)
    assert result.broken == ()
    assert result.counts["purchase orders"] > 0
    assert result.value.dealer_share == 0, "who buys alone shares with nobody"
    with acting_as(system("test")):
        together = fetch_value(
            """
            SELECT count(*) FROM (
                SELECT line.purchase_order_id FROM orders_peg peg
                JOIN orders_purchaseorderline line ON line.id = peg.purchase_order_line_id
                JOIN orders_purchaseorder parent ON parent.id = line.purchase_order_id
                WHERE peg.dealer_id IS NOT NULL GROUP BY 1 HAVING count(DISTINCT peg.dealer_id) > 1) shared
            """
        )
        orders = fetch_value("SELECT count(*) FROM orders_purchaseorder")
        assert fetch(DEMAND)
    # What a factory did not send waits for the next order of those goods, whoever places it.
    assert together * 5 <= orders
    assert Side.of(report.as_dict(result)).price > 0

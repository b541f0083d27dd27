"""What pooling saves: the same demand lived with pooling and without, and the difference of the two reports."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from b2b.market import comparison
from b2b.market.comparison import Comparison, Side
from b2b.tower.policies.value import Value


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

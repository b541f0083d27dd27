"""Freight, duty, fees and warehousing beside what pooling saved: per statement and line, as they are shared now."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from orders.models import CostKind, CostShare, SavingsStatement, SavingsStatementLine

KINDS: Final = {
    "freight": CostKind.FREIGHT,
    "duty": CostKind.DUTY,
    "fee": CostKind.FEE,
    "storage": CostKind.STORAGE,
}
_AMOUNT: Final[DecimalField[Any, Any]] = DecimalField(max_digits=18, decimal_places=3)


def _sums(**whose: OuterRef) -> dict[str, Coalesce]:
    return {
        name: Coalesce(
            Subquery(
                CostShare.objects.filter(kind=kind, **whose)
                .order_by()
                .values("kind")
                .annotate(total=Sum("amount"))
                .values("total")
            ),
            Value(Decimal(0)),
            output_field=_AMOUNT,
        )
        for name, kind in KINDS.items()
    }


def on_statements(statements: QuerySet[SavingsStatement]) -> QuerySet[SavingsStatement]:
    """Add `freight`, `duty`, `fee`, `storage` and `saved_after_costs`: the dealer's share less its costs."""
    sums = _sums(cycle=OuterRef("cycle"), dealer=OuterRef("dealer"))
    return statements.annotate(**sums).annotate(saved_after_costs=_after_costs())


def on_lines() -> QuerySet[SavingsStatementLine]:
    """Return statement lines with the same; the sums of a statement's lines are the statement's own."""
    sums = _sums(cycle=OuterRef("statement__cycle"), dealer=OuterRef("dealer"), product=OuterRef("product"))
    return (
        SavingsStatementLine.objects.select_related("product")
        .annotate(**sums)
        .annotate(saved_after_costs=_after_costs())
        .order_by("product__sku")
    )


def _after_costs() -> Any:
    return F("dealer_share") - F("freight") - F("duty") - F("fee") - F("storage")

"""Take a factory's awarded terms into the platform's sources and purchase prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from b2b.core.actor import Actor
from b2b.db.transactions import require_transaction
from orders.models import SourceBreak, SupplySource
from orders.policies.pricing import Break
from orders.services import terms_history
from orders.services.supply_source import SOURCE
from orders.services.terms_history import Change


@dataclass(frozen=True, slots=True)
class SupplierTerms:
    """On what terms a factory makes a product; quantities in base units."""

    factory_id: int
    product_id: int
    lead_time_days: int
    moq: int
    order_multiple: int
    breaks: tuple[Break, ...]


def put(
    terms: Sequence[SupplierTerms],
    *,
    currency: str,
    valid_from: date,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> None:
    """Make each factory a source of its product on these terms; the price table holds from `valid_from` on.

    A source that exists takes the new terms, one that is new comes after those there are. An earlier table of the same
    day is replaced. Statements grow with the products awarded, which are few.
    """
    require_transaction()
    changes = []
    for one in terms:
        others = SupplySource.objects.filter(product_id=one.product_id).exclude(factory_id=one.factory_id)
        source, _ = SupplySource.objects.update_or_create(
            factory_id=one.factory_id,
            product_id=one.product_id,
            defaults={
                "lead_time_days": one.lead_time_days,
                "moq": one.moq,
                "order_multiple": one.order_multiple,
                "is_active": True,
            },
            create_defaults={
                "lead_time_days": one.lead_time_days,
                "moq": one.moq,
                "order_multiple": one.order_multiple,
                "priority": 1 + max(others.values_list("priority", flat=True), default=0),
            },
        )
        SourceBreak.objects.filter(source=source, currency=currency, valid_from=valid_from).delete()
        SourceBreak.objects.bulk_create(
            SourceBreak(
                source=source,
                currency=currency,
                valid_from=valid_from,
                min_quantity=step.min_quantity,
                unit_price=step.unit_price,
            )
            for step in one.breaks
        )
        after = {**asdict(one), "currency": currency, "valid_from": valid_from}
        after["breaks"] = [[step.min_quantity, step.unit_price] for step in one.breaks]
        del after["factory_id"], after["product_id"]
        changes.append(Change(SOURCE, source.pk, one.factory_id, "award", None, after))
    terms_history.record(changes, by=by, at=at, reason=reason)

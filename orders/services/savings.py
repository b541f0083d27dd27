"""State to every dealer what pooling saved in a cycle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from b2b.contracts.orders import SavingsStated
from b2b.core.actor import Actor
from b2b.db.models import record
from b2b.directory.selectors import organization
from b2b.outbox.publish import publish
from orders.models import OrderCycle, SavingsStatement, SavingsStatementLine
from orders.services.repricing import Repriced

SHARES: Final = ("baseline", "pooled", "dealer_share", "platform_share", "factory_share")


def state(
    cycle: OrderCycle, repriced: Sequence[Repriced], *, by: Actor, at: datetime
) -> list[SavingsStatement]:
    """Write one statement per dealer with a line per product, and publish SavingsStated for each.

    The shares of every line and statement sum to its saving. A constant number of statements.
    """
    sums: dict[tuple[int, int], dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(SHARES, Decimal(0)))
    quantities: dict[tuple[int, int], int] = defaultdict(int)
    for one in repriced:
        key = (one.line.dealer_id, one.line.product_id)
        quantities[key] += one.line.pooled_quantity
        for name in SHARES:
            sums[key][name] += getattr(one.saving, name)
    dealers = organization.by_id(dealer for dealer, _ in sums)
    totals: dict[int, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(SHARES, Decimal(0)))
    for (dealer, _), shares in sums.items():
        for name in SHARES:
            totals[dealer][name] += shares[name]
    statements = {
        dealer: SavingsStatement(
            number=f"SV-{cycle.number}-{dealers[dealer].code}",
            dealer_id=dealer,
            cycle=cycle,
            currency=cycle.currency,
            created_at=at,
            updated_at=at,
            **shares,
        )
        for dealer, shares in sorted(totals.items())
    }
    SavingsStatement.objects.bulk_create(statements.values())
    SavingsStatementLine.objects.bulk_create(
        SavingsStatementLine(
            statement=statements[dealer],
            dealer_id=dealer,
            product_id=product,
            quantity=quantities[dealer, product],
            **shares,
        )
        for (dealer, product), shares in sorted(sums.items())
    )
    record(((one, "state", "", one.status) for one in statements.values()), by=by, at=at)
    publish(*(_event(one, at) for one in statements.values()))
    return list(statements.values())


def _event(statement: SavingsStatement, at: datetime) -> SavingsStated:
    return SavingsStated(
        occurred_at=at,
        statement_id=statement.pk,
        number=statement.number,
        dealer_id=statement.dealer_id,
        cycle_id=statement.cycle_id,
        currency=statement.currency,
        **{name: getattr(statement, name) for name in SHARES},
    )

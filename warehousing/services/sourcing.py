"""Choose the warehouses that serve orders, at least landed cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from b2b.core.errors import Invalid, Problem
from b2b.db.transactions import unit_of_work
from warehousing.models import SourcingCost
from warehousing.policies import sourcing
from warehousing.selectors import sourcing as facts
from warehousing.services import promise
from warehousing.services.promise import Wish

TRIES = 3


@unit_of_work()
def promise_at_least_cost(
    demand_ids: Collection[int], *, at: datetime, most: Mapping[int, int] | None = None
) -> dict[int, int]:
    """Promise demands what they lack and return demand -> newly promised, as `promise.make` does.

    Where several warehouses say what they cost (`SourcingCost`) the cheapest way to serve each order and place is
    taken (`policies.sourcing`) and every promise says why it is from there; otherwise warehouses go by priority. What
    somebody else was promised meanwhile is planned anew; the number of statements does not depend on the lines.
    """
    if not facts.is_declared():
        return promise.make(demand_ids, at=at, most=most)
    promised: dict[int, int] = {}
    for _ in range(TRIES):
        wishes = _plan(facts.question(demand_ids, today=at.date()), most)
        made = promise.by_demand(promise.grant(wishes, at=at))
        for key, quantity in made.items():
            promised[key] = promised.get(key, 0) + quantity
        if sum(made.values()) == sum(wish.quantity or 0 for wish in wishes):
            break
    # Warehouses that say nothing about costs, and goods a dealer owns, are left to their priority.
    for key, quantity in promise.make(demand_ids, at=at, most=most).items():
        promised[key] = promised.get(key, 0) + quantity
    return promised


@unit_of_work()
def declare(
    warehouse_id: int, *, leg: Decimal, km: Decimal, kg: Decimal, split: Decimal, currency: str = "CNY"
) -> SourcingCost:
    """Say what it costs to serve from a warehouse: a leg, a kilometre, a kilogram, and a split.

    :raises Invalid: in another currency than the other warehouses; costs of two cannot be compared.
    """
    other = SourcingCost.objects.exclude(warehouse_id=warehouse_id).exclude(currency=currency)
    if said := other.values_list("currency", flat=True).first():
        message = f"other warehouses say their costs in {said}, not in {currency}"
        remedy = f"say these in {said} too"
        raise Invalid(message, problems=[Problem("other_currency", message, "/currency", remedy=remedy)])
    cost, _ = SourcingCost.objects.update_or_create(
        warehouse_id=warehouse_id,
        defaults={
            "currency": currency,
            "leg_amount": leg,
            "km_amount": km,
            "kg_amount": kg,
            "split_amount": split,
        },
    )
    return cost


def _plan(question: facts.Question, most: Mapping[int, int] | None) -> list[Wish]:
    wishes: list[Wish] = []
    for group in question.groups:
        lacking = {
            row.demand_id: row.lacking
            if most is None
            else min(row.lacking, most[row.demand_id] - row.from_stock)
            for row in group.needs
        }
        wants: dict[int, int] = {}
        for row in group.needs:
            wants[row.product_id] = wants.get(row.product_id, 0) + max(0, lacking[row.demand_id])
        made = sourcing.plan(
            wants, question.offers(wants.keys()), opening=group.opening, split_penalty=group.split
        )
        shelves: dict[int, list[list[int]]] = {}
        for part in made.parts:
            question.free[part.warehouse, part.product] -= part.quantity
            shelves.setdefault(part.product, []).append([part.warehouse, part.quantity])
        for row in group.needs:
            rest = lacking[row.demand_id]
            for slot in shelves.get(row.product_id, []):
                part_quantity = min(rest, slot[1])
                if part_quantity > 0:
                    wishes.append(
                        Wish(
                            row.demand_id,
                            slot[0],
                            part_quantity,
                            most[row.demand_id] if most is not None else None,
                            made.reasons[row.product_id],
                        )
                    )
                    slot[1] -= part_quantity
                    rest -= part_quantity
    return wishes

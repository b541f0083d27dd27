"""What sourcing has to know: who wants what where, what each warehouse could promise, and what it costs from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from b2b.core.geo import GeoPoint, great_circle_m
from b2b.core.money import Money
from b2b.db.bulk import fetch, fetch_value
from warehousing.policies.sourcing import Offer
from warehousing.selectors import need

_FREE: Final = """
SELECT book.warehouse_id, book.product_id, greatest(0, coalesce(sum(there.on_hand), 0) - book.promised)::bigint,
    product.weight_g
FROM warehousing_promisebook book JOIN catalog_product product ON product.id = book.product_id
JOIN warehousing_warehouse house ON house.id = book.warehouse_id AND house.is_active
LEFT JOIN warehousing_usable there ON there.product_id = book.product_id AND there.warehouse_id = book.warehouse_id
    AND there.owner_id IS NULL AND (there.expiry_date IS NULL OR there.expiry_date > %(today)s)
WHERE book.product_id = ANY(%(products)s::bigint[]) AND book.owner_id IS NULL
GROUP BY book.id, product.weight_g
"""
_COSTS: Final = """
SELECT cost.warehouse_id, cost.currency, cost.leg_amount, cost.km_amount, cost.kg_amount, cost.split_amount,
    site.latitude, site.longitude
FROM warehousing_sourcingcost cost JOIN warehousing_warehouse house ON house.id = cost.warehouse_id AND house.is_active
JOIN directory_site site ON site.id = house.site_id
"""
_PLACES: Final = """
SELECT demand.id, demand.order_id, demand.ship_to_site_id, site.latitude, site.longitude
FROM warehousing_demand demand JOIN directory_site site ON site.id = demand.ship_to_site_id
WHERE demand.id = ANY(%(ids)s::bigint[]) AND demand.owner_id IS NULL
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Demands of one order for one place, with what it costs to serve it from each warehouse (minor units)."""

    needs: list[need.Need]
    opening: dict[int, int]
    split: int


@dataclass(slots=True)
class Question:
    """All that is to be sourced; `free` is (warehouse, product) -> base units and shrinks as groups are planned."""

    groups: list[Group]
    free: dict[tuple[int, int], int]
    unit_cost: dict[tuple[int, int], int]

    def offers(self, products: Collection[int]) -> list[Offer]:
        """Return what warehouses still have of these products."""
        return [
            Offer(house, product, quantity, self.unit_cost[house, product])
            for (house, product), quantity in self.free.items()
            if product in products and quantity > 0
        ]


def is_declared() -> bool:
    """Tell whether more than one warehouse says what it costs to be served from it."""
    return bool(fetch_value("SELECT count(*) > 1 FROM warehousing_sourcingcost"))


def question(demand_ids: Collection[int], *, today: date) -> Question:
    """Gather what the demands lack by order and place, the most urgent first; four statements."""
    given = {"ids": list(demand_ids)}
    needs = {row.demand_id: row for row in need.of_demands(demand_ids) if row.lacking > 0}
    costs = fetch(_COSTS)
    free: dict[tuple[int, int], int] = {}
    unit: dict[tuple[int, int], int] = {}
    by_house = {row[0]: row for row in costs}
    products = sorted({row.product_id for row in needs.values()})
    for house, product, quantity, weight_g in fetch(_FREE, {"products": products, "today": today}):
        if house in by_house:
            free[house, product] = quantity
            kg = Decimal(weight_g or 0) / 1000
            unit[house, product] = Money.of(by_house[house][4] * kg, by_house[house][1]).minor
    groups: dict[tuple[object, int], tuple[list[need.Need], GeoPoint]] = {}
    for demand_id, order_id, site_id, latitude, longitude in fetch(_PLACES, given):
        if demand_id in needs:
            there = GeoPoint(float(latitude), float(longitude))
            groups.setdefault((order_id, site_id), ([], there))[0].append(needs[demand_id])
    found = [Group(sorted(rows, key=need.urgency), *_legs(costs, there)) for rows, there in groups.values()]
    return Question(sorted(found, key=lambda group: need.urgency(group.needs[0])), free, unit)


def _legs(costs: Collection[tuple[object, ...]], there: GeoPoint) -> tuple[dict[int, int], int]:
    opening: dict[int, int] = defaultdict(int)
    split = 0
    for house, currency, leg, km, _, split_amount, latitude, longitude in costs:
        metres = great_circle_m(GeoPoint(float(latitude), float(longitude)), there)  # type: ignore[arg-type]
        amount = Decimal(str(leg)) + Decimal(str(km)) * metres / 1000
        opening[int(house)] = Money.of(amount, str(currency)).minor  # type: ignore[call-overload]
        split = max(split, Money.of(Decimal(str(split_amount)), str(currency)).minor)
    return dict(opening), split

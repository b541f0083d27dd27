"""Hold every change to a cycle that fills packs against the one rule: it must lower what a pack lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.catalog.models import Product
from b2b.core.actor import acting_as, system
from b2b.core.errors import Invalid, Problem
from b2b.db.bulk import fetch
from orders.models import Order, OrderCycle
from orders.policies import box_fill
from orders.policies.box_fill import Need
from orders.policies.order_row import RowResult
from orders.policies.progress import Disclosure
from orders.selectors import pool_needs, terms
from orders.selectors.terms import Terms
from orders.services import order_lines
from orders.services.cycle_membership import Wish

FILLS: Final = """
    cycle.status IN ('DRAFT', 'OPEN', 'BOXFILL')
    AND cycle.boxfill_at <= midstream_now() AND cycle.cutoff_at > midstream_now()
"""


class DoesNotFillPack(Invalid):
    """The cycle fills packs: it takes only what lowers the units a started pack lacks. Nothing was changed."""

    code = "does_not_fill_pack"


@dataclass(frozen=True, slots=True)
class Change:
    """By how many base units an order changes what a cycle wants of a product; negative when it wants less."""

    cycle_id: UUID
    product_id: int
    quantity: int
    tolerance: int = 0


def hold_for(wishes: Collection[Wish], *, currency: str) -> frozenset[UUID]:
    """Lock the cycles that fill packs now and that the wishes might join, and return them.

    Changes to them come one after the other until the transaction ends. Call it before any other lock.
    """
    if not wishes:
        return frozenset()
    return _hold(
        "cycle.currency = %(currency)s AND (cycle.factory_id = ANY(%(factories)s)"
        " OR cycle.category = ANY(%(categories)s))",
        {
            "currency": currency,
            "factories": list({wish.factory_id for wish in wishes}),
            "categories": list({wish.category for wish in wishes} - {""}),
        },
    )


def hold_of(order: Order) -> frozenset[UUID]:
    """Lock the cycles that fill packs now and that lines of an order joined, and return them."""
    return _hold(
        "cycle.id IN (SELECT line.cycle_id FROM orders_orderline line WHERE line.order_id = %(order)s)",
        {"order": order.pk},
    )


def _hold(which: str, key: Mapping[str, object]) -> frozenset[UUID]:
    with acting_as(system("orders")):
        rows = fetch(
            f"SELECT cycle.id FROM orders_ordercycle cycle WHERE {FILLS} AND {which} ORDER BY cycle.id"
            " FOR NO KEY UPDATE",
            key,
        )
    return frozenset(cycle_id for (cycle_id,) in rows)


def of_rows(rows: Iterable[RowResult], cycles: Mapping[Wish, UUID]) -> list[Change]:
    """Return what good rows would add to the cycles they join."""
    return [
        Change(cycles[wish], row.product.product_id, row.quantity, row.flex_up)
        for row in rows
        if row.product is not None and (wish := order_lines.wish(row)) in cycles
    ]


def of_order(order: Order, *, sign: int) -> list[Change]:
    """Return what an order adds to its cycles (`sign` 1), or takes from them when it is withdrawn (-1)."""
    rows = fetch(
        """
        SELECT cycle_id, product_id, sum(requested - cancelled - covered)::bigint, sum(flex_up)::bigint
        FROM orders_orderline WHERE order_id = %s AND cycle_id IS NOT NULL AND requested > cancelled + covered
        GROUP BY cycle_id, product_id
        """,
        [order.pk],
    )
    return [
        Change(cycle_id, product_id, sign * quantity, sign * flex)
        for cycle_id, product_id, quantity, flex in rows
    ]


def check(changes: Iterable[Change], held: Collection[UUID], *, dealer_id: int, at: datetime) -> None:
    """Check changes that are about to be written against the cycles that fill packs, which the caller holds.

    Cycles that are not held take any change. A constant number of statements for each cycle that fills packs.

    :raises DoesNotFillPack: naming each product that would not lack less, and how many units would help. The number
        is told when the dealer is alone or enough dealers have joined, by what the cycle declares.
    """
    wanted: Counter[tuple[UUID, int]] = Counter()
    tolerated: Counter[tuple[UUID, int]] = Counter()
    for change in changes:
        if change.cycle_id in held:
            wanted[change.cycle_id, change.product_id] += change.quantity
            tolerated[change.cycle_id, change.product_id] += change.tolerance
    if not wanted:
        return
    products = {product_id for _, product_id in wanted}
    pools = pool_needs.of_cycles({cycle_id for cycle_id, _ in wanted}, products, dealer_id=dealer_id)
    with acting_as(system("orders")):
        cycles = OrderCycle.objects.in_bulk({cycle_id for cycle_id, _ in wanted})
        skus = dict(Product.objects.filter(pk__in=products).values_list("pk", "sku"))
        rules = {
            cycle.pk: terms.of_products(
                products,
                buyer_id=dealer_id,
                currency=cycle.currency,
                day=at.date(),
                factory_id=cycle.factory_id,
            )
            for cycle in cycles.values()
        }
    problems = []
    for key in sorted(wanted, key=lambda one: skus[one[1]]):
        cycle_id, product_id = key
        pool, rule = pools.get(key, pool_needs.EMPTY), rules[cycle_id].get(product_id)
        after = Need(pool.need.quantity + wanted[key], pool.need.tolerance + tolerated[key])
        fault = _fault(skus[product_id], pool, after, rule, cycles[cycle_id])
        problems += [fault] if fault else []
    if problems:
        raise DoesNotFillPack(_headline(problems), problems=problems)


def _headline(problems: Sequence[Problem]) -> str:
    more = f" (and {len(problems) - 1} more products)" if len(problems) > 1 else ""
    return f"{problems[0].message}{more}"


def _fault(
    sku: str, pool: pool_needs.Pool, after: Need, rule: Terms | None, cycle: OrderCycle
) -> Problem | None:
    minimum, multiple = (rule.source_minimum, rule.source_multiple) if rule else (1, 1)
    if box_fill.admits(pool.need, after, minimum=minimum, multiple=multiple):
        return None
    lacking = box_fill.missing(pool.need, minimum=minimum, multiple=multiple)
    told = Disclosure(**cycle.policy.get("progress", {}))
    if not lacking:
        message = (
            f"{cycle.number} fills packs since {cycle.boxfill_at:%Y-%m-%d %H:%M %Z}; no pack of {sku} is open"
        )
        remedy = f"Order {sku} in the next cycle, after {cycle.cutoff_at:%Y-%m-%d %H:%M %Z}."
    elif pool.others == 0 or pool.dealers >= told.fewest_dealers:
        message = f"{cycle.number} fills packs: {lacking} more of {sku} fill one, this leaves more missing"
        remedy = f"Add {lacking} of {sku}, or fewer, beyond what you have ordered."
    else:
        message = (
            f"{cycle.number} fills packs of {multiple} {sku}; this does not lower what the open one lacks"
        )
        remedy = f"Too few dealers have joined to say how many are missing; add fewer than {multiple}."
    return Problem("does_not_fill_pack", message, field=sku, remedy=remedy)

"""Buy what a factory cannot deliver from the next source of the product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from b2b.core.actor import system
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.directory.selectors import organization
from orders.models import PurchaseOrder
from orders.policies.pooling import plan
from orders.policies.shortage import ShortageRule
from orders.selectors import terms
from orders.services import cycle_membership, cycle_plan
from orders.services.cycle_membership import Wish
from orders.states import BEFORE_CUTOFF

# Lines that came short and belong to no open pool, with the next source by priority that has not been tried for them.
_RESTS: Final = f"""
    SELECT line.id, line.product_id, product.category, line.ship_to_site_id, line.unit_price,
        line.requested - line.cancelled - line.covered - line.pooled, following.factory_id
    FROM orders_orderline line
    JOIN orders_order parent ON parent.id = line.order_id AND parent.status = 'CONFIRMED'
    JOIN catalog_product product ON product.id = line.product_id
    CROSS JOIN LATERAL (
        SELECT source.factory_id FROM orders_supplysource source
        WHERE source.product_id = line.product_id AND source.is_active AND NOT EXISTS (
            SELECT FROM orders_peg peg JOIN orders_purchaseorderline bought ON bought.id = peg.purchase_order_line_id
            WHERE peg.order_line_id = line.id AND bought.factory_id = source.factory_id)
        ORDER BY source.priority, source.id LIMIT 1) following
    LEFT JOIN orders_ordercycle cycle ON cycle.id = line.cycle_id AND cycle.status IN {BEFORE_CUTOFF}
    WHERE cycle.id IS NULL AND line.requested > line.cancelled + line.covered + line.pooled AND line.id IN (
        SELECT peg.order_line_id FROM orders_peg peg
        WHERE peg.purchase_order_line_id = ANY(%s) AND peg.allocated < peg.pegged)
    ORDER BY line.id
"""
# Those of the purchase lines whose product somebody else makes too: most have nobody, and their pegs need no look.
_ELSEWHERE: Final = """
    SELECT bought.id FROM orders_purchaseorderline bought
    WHERE bought.id = ANY(%s) AND EXISTS (
        SELECT FROM orders_supplysource source WHERE source.product_id = bought.product_id
            AND source.is_active AND source.factory_id <> bought.factory_id)
"""
_MOVED: Final = {"line_id": "bigint", "factory_id": "bigint", "cycle_id": "uuid"}


class Rest(NamedTuple):
    """What an order line still lacks, in base units, and who could make it; the price is what its dealer pays."""

    line_id: int
    product_id: int
    category: str
    ship_to_site_id: int
    unit_price: Decimal
    quantity: int
    factory_id: int

    @property
    def wish(self) -> Wish:
        """What decides which cycle the rest joins."""
        return Wish(self.factory_id, self.ship_to_site_id, self.category)


def pool_rest(order: PurchaseOrder, *, lines: Collection[int], rule: ShortageRule, at: datetime) -> int:
    """Let the rest of short order lines join the open cycle of their next source, or open one; return how many did.

    A source is passed over when it would cost more than the dealers pay. A new cycle is open for the declared hours
    and has the policy of the one that came short.
    """
    if not rule.second_source_hours:
        return 0
    elsewhere = [key for (key,) in fetch(_ELSEWHERE, [list(lines)])]
    rests = [Rest(*row) for row in fetch(_RESTS, [elsewhere])] if elsewhere else []
    chosen = [
        rest
        for factory_id in sorted({rest.factory_id for rest in rests})
        for rest in _covered(order, factory_id, [one for one in rests if one.factory_id == factory_id], at)
    ]
    if not chosen:
        return 0
    cycles = _cycles(order, chosen, rule, at)
    rows = ((rest.line_id, rest.factory_id, cycles[rest.wish]) for rest in chosen)
    return execute(
        f"""
        UPDATE orders_orderline line SET factory_id = given.factory_id, cycle_id = given.cycle_id
        FROM {unnest(_MOVED)} WHERE line.id = given.line_id
        """,
        transpose(list(_MOVED), rows),
    )


def _covered(order: PurchaseOrder, factory_id: int, rests: list[Rest], at: datetime) -> Iterable[Rest]:
    """Yield the rests that a factory sells, all of a product together, at no more than their dealers pay."""
    needs: dict[int, int] = defaultdict(int)
    for rest in rests:
        needs[rest.product_id] += rest.quantity
    pairs = [(factory_id, product_id) for product_id in needs]
    found = terms.of_supply(pairs, currency=order.currency, day=at.date())
    for rest in rests:
        if (one := found.get((factory_id, rest.product_id))) is None:
            continue
        bought = plan(
            needs[rest.product_id],
            minimum=one.minimum,
            multiple=one.multiple,
            breaks=one.breaks,
            agreed=one.agreed,
        )
        if bought is not None and bought.unit_price <= rest.unit_price:
            yield rest


def _cycles(
    order: PurchaseOrder, rests: Iterable[Rest], rule: ShortageRule, at: datetime
) -> dict[Wish, UUID]:
    wishes = {rest.wish for rest in rests}
    cycles = cycle_membership.open_for(wishes, currency=order.currency)
    missing = sorted({wish.factory_id for wish in wishes - set(cycles) if wish.factory_id is not None})
    makers = organization.by_id(missing)
    for factory_id in missing:
        opened = cycle_plan.open(
            makers[factory_id],
            warehouse=order.warehouse_site,
            opens_at=at,
            cutoff_at=at + timedelta(hours=rule.second_source_hours),
            currency=order.currency,
            window_days=order.cycle.window_days,
            policy=order.cycle.policy,
            by=system("second source"),
            at=at,
        )
        cycles |= {wish: opened.pk for wish in wishes - set(cycles) if wish.factory_id == factory_id}
    return cycles

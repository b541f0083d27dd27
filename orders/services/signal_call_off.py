"""Buy what a factory committed to make for the platform's buffers, and let what comes of it fulfil the signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from b2b.core.actor import Actor, system
from b2b.db.bulk import execute, fetch
from b2b.db.locks import lock
from b2b.directory.models import Site
from orders.models import (
    OrderCycle,
    Peg,
    ProductionSignal,
    PurchaseOrder,
    ScheduleLine,
    SignalCallOff,
    SignalTerms,
)
from orders.policies import tranche
from orders.policies.policy_seal import seal
from orders.policies.pooling import Commitment, Purchase
from orders.selectors import terms
from orders.services import cycle_plan, purchase_order
from orders.services.purchase_order import Pooled

# A week's goods may come until its Sunday.
_LAST_DAY: Final = timedelta(days=6)
_LEAST_CYCLE: Final = timedelta(microseconds=1)
_FULFILLED: Final = """
    UPDATE orders_productionsignalline line SET fulfilled_quantity = found.quantity
    FROM (SELECT off.line_id, sum(least(bought.received, off.quantity))::bigint AS quantity
        FROM orders_signalcalloff off JOIN orders_purchaseorderline bought ON bought.id = off.purchase_order_line_id
        WHERE off.line_id IN (SELECT id FROM orders_productionsignalline WHERE signal_id = ANY(%(signals)s))
        GROUP BY off.line_id) found
    WHERE line.id = found.line_id AND line.fulfilled_quantity <> found.quantity
"""
_SIGNALS_OF: Final = """
    SELECT DISTINCT line.signal_id FROM orders_signalcalloff off
    JOIN orders_purchaseorderline bought ON bought.id = off.purchase_order_line_id
    JOIN orders_productionsignalline line ON line.id = off.line_id
    WHERE bought.purchase_order_id = %s
"""
# Nothing more will come: all that was committed to is bought, and no purchase order of it is open.
_OVER: Final = """
    SELECT signal.id FROM orders_productionsignal signal
    WHERE signal.id = ANY(%s) AND NOT EXISTS (
        SELECT FROM orders_productionsignalline line
        WHERE line.signal_id = signal.id AND line.committed_quantity > line.ordered_quantity)
    AND NOT EXISTS (
        SELECT FROM orders_productionsignalline line JOIN orders_signalcalloff off ON off.line_id = line.id
        JOIN orders_purchaseorderline bought ON bought.id = off.purchase_order_line_id
        JOIN orders_purchaseorder parent ON parent.id = bought.purchase_order_id
        WHERE line.signal_id = signal.id AND parent.status NOT IN ('CLOSED', 'REJECTED', 'CANCELLED'))
"""


@dataclass(frozen=True, slots=True)
class _Open:
    """What of a signal line was committed to and is not bought yet."""

    line_id: int
    product_id: int
    week_start_date: date
    quantity: int


def buy(signal: ProductionSignal, *, by: Actor, at: datetime) -> PurchaseOrder | None:
    """Buy what the factory newly committed to as platform stock, at the prices of its supply terms.

    None when nothing is to be bought: a cycle's signal or an outlook, terms that say otherwise, no warehouse to
    deliver to, no price. The purchase order is accepted with the commitment, unless somebody has to approve it first.
    The caller holds the signal. Publishes PurchaseOrderPlaced and PurchaseOrderConfirmed. A constant number of
    statements.
    """
    if signal.run_id is None or not signal.is_order:
        return None
    agreed = SignalTerms.objects.filter(factory_id=signal.factory_id).first()
    if agreed is not None and not agreed.is_bought:
        return None
    warehouse = _warehouse(signal, agreed)
    if warehouse is None:
        return None
    found = _priced(signal, at=at)
    if not found:
        return None
    cycle = _cycle(signal, warehouse, by=by, at=at)
    [order], schedule = purchase_order.place(cycle, [one for _, one in found], by=by, at=at)
    _note([line for line, _ in found], schedule)
    if order.status == "SENT":
        cycle.advance("send", by=by, at=at)
        purchase_order.respond(order, rest="ACCEPT", note=f"committed to in {signal.number}", by=by, at=at)
    return order


def _warehouse(signal: ProductionSignal, agreed: SignalTerms | None) -> Site | None:
    if agreed is not None and agreed.warehouse_site is not None:
        return agreed.warehouse_site
    last = (
        OrderCycle.objects.filter(factory_id=signal.factory_id)
        .select_related("warehouse_site")
        .order_by("-cutoff_at", "-pk")
        .first()
    )
    if last is not None:
        return last.warehouse_site
    houses = list(Site.objects.filter(kind=Site.Kind.WAREHOUSE, is_active=True)[:2])
    return houses[0] if len(houses) == 1 else None


def _priced(signal: ProductionSignal, *, at: datetime) -> list[tuple[_Open, Pooled]]:
    """Return each open line with what is bought for it; lines without a price are left out."""
    rows = [
        _Open(*row)
        for row in fetch(
            """
            SELECT id, product_id, week_start_date, committed_quantity - ordered_quantity
            FROM orders_productionsignalline WHERE signal_id = %s AND committed_quantity > ordered_quantity
            ORDER BY line_number
            """,
            [signal.pk],
        )
    ]
    pairs = [(signal.factory_id, one.product_id) for one in rows]
    supplies = terms.of_supply(pairs, currency=signal.factory.currency, day=at.date()) if rows else {}
    agreed = {pair: supply.agreed for pair, supply in supplies.items()}
    found = []
    for number, (pair, line) in enumerate(zip(pairs, rows, strict=True)):
        if pair not in supplies:
            continue
        parts = tranche.cheapest(line.quantity, agreed[pair], supplies[pair].breaks)
        if not parts:
            continue
        agreed[pair] = tranche.left_of(agreed[pair], parts)
        several = parts if len(parts) > 1 else ()
        bought = Purchase(line.quantity, line.quantity, tranche.mean_price(parts), several)
        day = max(line.week_start_date + _LAST_DAY, at.date())
        found.append((line, Pooled(*pair, number, False, day, Commitment(bought, need=0, flexed=0))))
    return found


def _cycle(signal: ProductionSignal, warehouse: Site, *, by: Actor, at: datetime) -> OrderCycle:
    """Return a frozen cycle of the platform's own: nobody has seen it open."""
    cycle = cycle_plan.plan(
        signal.factory,
        warehouse=warehouse,
        opens_at=at,
        cutoff_at=at + _LEAST_CYCLE,
        window_days=None,
        for_stock=True,
        by=system("orders"),
        at=at,
    )
    cycle.advance("open", by=by, at=at, reason=signal.number)
    cycle.advance("freeze", by=by, at=at, policy_hash=seal(cycle.policy))
    return cycle


def _note(lines: Sequence[_Open], schedule: Sequence[Sequence[ScheduleLine]]) -> None:
    """Let all that was bought be the platform's, and keep which purchase line is of which signal line."""
    pairs = [(line, part) for line, parts in zip(lines, schedule, strict=True) for part in parts]
    Peg.objects.bulk_create(
        Peg(
            schedule_line=part,
            purchase_order_line_id=part.purchase_order_line_id,
            surplus_owner=Peg.SurplusOwner.PLATFORM,
            pegged=part.quantity,
        )
        for _, part in pairs
    )
    SignalCallOff.objects.bulk_create(
        SignalCallOff(
            line_id=line.line_id, purchase_order_line_id=part.purchase_order_line_id, quantity=part.quantity
        )
        for line, part in pairs
    )
    execute(
        """
        UPDATE orders_productionsignalline line SET ordered_quantity = found.quantity
        FROM (SELECT line_id, sum(quantity)::bigint AS quantity FROM orders_signalcalloff
            WHERE line_id = ANY(%s) GROUP BY 1) found
        WHERE line.id = found.line_id
        """,
        [[line.line_id for line in lines]],
    )


def follow(order: PurchaseOrder, *, by: Actor, at: datetime) -> None:
    """Bring the signals that a purchase order was bought for to what came of it; one of which all is over is fulfilled.

    Told twice, late or in any order it ends the same. The caller holds the purchase order.
    """
    keys = [key for (key,) in fetch(_SIGNALS_OF, [order.pk])]
    if not keys:
        return
    signals = lock(ProductionSignal.objects.filter(pk__in=keys))
    execute(_FULFILLED, {"signals": keys})
    over = {key for (key,) in fetch(_OVER, [keys])}
    for signal in signals:
        if signal.pk in over and ProductionSignal.machine.allows(signal.status, "fulfil"):
            signal.advance("fulfil", by=by, at=at, reason=order.number)

"""One purchase order per factory for what a cycle pools."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from b2b.contracts.orders import PurchaseLine, PurchaseOrderPlaced
from b2b.core.actor import Actor
from b2b.core.money import Money, round_to_currency
from b2b.db.models import advance_all, record
from b2b.db.sequences import number, take_each
from b2b.directory.selectors import organization
from b2b.outbox.publish import publish
from orders.models import OrderCycle, PurchaseOrder, PurchaseOrderLine, ScheduleLine
from orders.policies import pooling, tranche
from orders.policies.pooling import Commitment, Tier
from orders.policies.tranche import Part
from orders.services import approval, blanket_release, pool, response_deadline
from orders.services.pool import Demand, Sum
from orders.services.purchase_order_response import Answer, InvalidResponse, respond

__all__ = ["Answer", "InvalidResponse", "Pooled", "place", "plan", "respond", "send"]


@dataclass(frozen=True, slots=True)
class Pooled:
    """What is bought of a product for one window, and whether needs without a date go with it."""

    factory_id: int
    product_id: int
    window_number: int
    takes_undated: bool
    requested_date: date
    commitment: Commitment


def plan(demand: Demand, *, at: datetime) -> list[Pooled]:
    """Choose on each sum what is bought and who joins; what nobody may pay for is missing. In key order."""
    pooled = []
    for (factory_id, product_id), sums in _by_product(pool.sums(demand)).items():
        supply = demand.supplies[factory_id, product_id]
        agreed = supply.agreed
        earliest = min((one.window_number for one in sums if one.window_number >= 0), default=0)
        windows: dict[int, list[Sum]] = defaultdict(list)
        for one in sums:
            windows[earliest if one.window_number < 0 else one.window_number].append(one)
        for window_number, members in sorted(windows.items()):
            found = pooling.commit(
                [Tier(one.ceiling, one.quantity, one.flex_up, one.flex_down) for one in members],
                minimum=supply.minimum, multiple=supply.multiple, breaks=supply.breaks,
                agreed=agreed,
            )  # fmt: skip
            if found is None:
                continue
            agreed = tranche.left_of(
                agreed, found.purchase.priced
            )  # a later window buys of what is left then
            needed = min((one.need_by_date for one in members if one.need_by_date), default=None)
            asked = pool.requested_date(
                supply.lead_time_days, needed, window_number, handling_days=demand.handling_days, at=at
            )
            pooled.append(
                Pooled(factory_id, product_id, window_number, window_number == earliest, asked, found)
            )
    return pooled


def _by_product(sums: Iterable[Sum]) -> dict[tuple[int, int], list[Sum]]:
    found: dict[tuple[int, int], list[Sum]] = defaultdict(list)
    for one in sums:
        found[one.factory_id, one.product_id].append(one)
    return found


def place(
    cycle: OrderCycle, pooled: Sequence[Pooled], *, by: Actor, at: datetime
) -> tuple[list[PurchaseOrder], list[list[ScheduleLine]]]:
    """Write the purchase orders of a frozen cycle, one per factory; return them and the schedule lines of each pool.

    A pool has one purchase line, and one for each price where it buys more than is left of an agreement.

    They are sent at once unless a rule of the operator wants them approved first. The caller pegs the schedule lines.
    Publishes PurchaseOrderPlaced. The number of statements depends on agreements and approvals, not on the lines.
    """
    numbers = take_each("purchase_order", (one.factory_id for one in pooled))
    factories = organization.by_id(numbers)
    orders = {
        factory_id: PurchaseOrder(
            number=number("PO", factories[factory_id].code, numbers[factory_id]),
            factory_id=factory_id,
            cycle=cycle,
            warehouse_site_id=cycle.warehouse_site_id,
            currency=cycle.currency,
            total_net=Money.of(0, cycle.currency).amount,
            created_at=at,
            updated_at=at,
        )
        for factory_id in sorted(numbers)
    }
    lines: dict[int, list[PurchaseOrderLine]] = defaultdict(list)
    groups: list[list[PurchaseOrderLine]] = []
    for one in pooled:
        order, own = orders[one.factory_id], lines[one.factory_id]
        groups.append(_lines(order, len(own) + 1, one))
        own += groups[-1]
        order.total_net += sum(line.net_amount for line in groups[-1])
    placed = list(orders.values())
    PurchaseOrder.objects.bulk_create(placed)
    written = PurchaseOrderLine.objects.bulk_create(line for group in lines.values() for line in group)
    deliveries = ScheduleLine.objects.bulk_create(
        ScheduleLine(
            purchase_order_line=line,
            factory_id=line.factory_id,
            quantity=line.quantity,
            requested_date=line.requested_date,
        )
        for line in written
    )
    by_line = {one.purchase_order_line_id: one for one in deliveries}
    blanket_release.call_off(written, by=by, at=at)
    record(((order, "place", "", order.status) for order in placed), by=by, at=at)
    needed = approval.needed_for_purchases(placed)
    for order in placed:
        if order.pk in needed:
            order.advance("await_approval", by=by, at=at)
            approval.ask(order, needed[order.pk], by=by, at=at)
    ready = {order: lines[order.factory_id] for order in placed if order.pk not in needed}
    send(ready, by=by, at=at)
    return placed, [[by_line[line.pk] for line in group] for group in groups]


def send(orders: Mapping[PurchaseOrder, Sequence[PurchaseOrderLine]], *, by: Actor, at: datetime) -> None:
    """Send written purchase orders to their factories; publishes PurchaseOrderPlaced. The caller holds the orders."""
    if orders:
        advance_all(list(orders), "send", by=by, at=at, respond_by_at=response_deadline.respond_by())
        publish(*(_placed(order, lines, at) for order, lines in orders.items()))


def _lines(order: PurchaseOrder, line_number: int, one: Pooled) -> list[PurchaseOrderLine]:
    """Return a line for each price of a pool, each with its part of the surplus."""
    bought = one.commitment.purchase
    surplus = tranche.last_of(bought.surplus, [part.quantity for part in bought.priced])
    return [
        _line(order, one, line_number + number, number + 1, part, nobodys)
        for number, (part, nobodys) in enumerate(zip(bought.priced, surplus, strict=True))
    ]


def _line(
    order: PurchaseOrder, one: Pooled, line_number: int, part_number: int, part: Part, surplus: int
) -> PurchaseOrderLine:
    return PurchaseOrderLine(
        purchase_order=order,
        factory_id=order.factory_id,
        line_number=line_number,
        product_id=one.product_id,
        window_number=one.window_number,
        part_number=part_number,
        quantity=part.quantity,
        surplus_quantity=surplus,
        unit_price=part.unit_price,
        net_amount=round_to_currency(part.unit_price * part.quantity, order.currency),
        requested_date=one.requested_date,
    )


def _placed(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], at: datetime) -> PurchaseOrderPlaced:
    return PurchaseOrderPlaced(
        occurred_at=at,
        purchase_order_id=order.pk,
        number=order.number,
        factory_id=order.factory_id,
        warehouse_site_id=order.warehouse_site_id,
        currency=order.currency,
        lines=tuple(
            PurchaseLine(
                line_id=line.pk,
                line_number=line.line_number,
                product_id=line.product_id,
                quantity=line.quantity,
                unit_price=line.unit_price,
                requested_date=line.requested_date,
            )
            for line in lines
        ),
    )

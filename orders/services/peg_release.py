"""Find a new owner for what a dealer gives up of goods that are being bought, or ask the factory not to make them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from b2b.core.money import round_to_currency
from b2b.db.bulk import fetch_dicts
from b2b.db.locks import lock
from orders.models import Order, OrderChange, PurchaseOrder
from orders.policies.changed_line import Changed, Release
from orders.policies.order_change import Bought, Pegged, absorb, spread
from orders.selectors import leftover
from orders.services import allocation, purchase_order_change, repegging

_PEGS: Final = """
    SELECT peg.id, peg.order_line_id, peg.schedule_line_id, peg.purchase_order_line_id AS purchase_line_id,
        supply.purchase_order_id, supply.product_id, supply.factory_id, supply.despatched, peg.received,
        supply.response_version > 0 AS is_answered,
        CASE WHEN supply.response_version > 0 THEN peg.allocated ELSE peg.pegged END - coalesce((
            SELECT sum(request.quantity) FROM orders_cancellationrequest request
            WHERE request.peg_id = peg.id AND request.status = 'REQUESTED'), 0)::bigint AS held,
        CASE WHEN supply.response_version > 0 THEN supply.confirmed ELSE supply.quantity END - coalesce((
            SELECT sum(request.quantity) FROM orders_cancellationrequest request
            JOIN orders_peg other ON other.id = request.peg_id
            WHERE other.purchase_order_line_id = supply.id AND request.status = 'REQUESTED'), 0)::bigint AS promised,
        coalesce(source.moq, 1) AS minimum, coalesce(source.order_multiple, 1) AS multiple
    FROM orders_peg peg
    JOIN orders_purchaseorderline supply ON supply.id = peg.purchase_order_line_id
    LEFT JOIN orders_supplysource source
        ON source.product_id = supply.product_id AND source.factory_id = supply.factory_id
    WHERE peg.order_line_id = ANY(%s) ORDER BY peg.id DESC FOR NO KEY UPDATE OF peg
"""
# Lines that nobody serves, first come first: those of an open cycle are not bound to its price yet.
_WAITING: Final = """
    SELECT line.id, line.factory_id, line.product_id, line.dealer_id,
        line.requested - line.cancelled - line.covered - line.pooled AS units
    FROM orders_orderline line
    JOIN orders_order parent ON parent.id = line.order_id
    WHERE (line.cycle_id IS NULL OR line.cycle_id = ANY(%(leftovers)s))
        AND line.factory_id = ANY(%(factories)s) AND line.product_id = ANY(%(products)s)
        AND line.order_id <> %(order)s AND parent.currency = %(currency)s
        AND parent.status = 'CONFIRMED' AND line.requested > line.cancelled + line.covered + line.pooled
    ORDER BY parent.confirmed_at, line.id FOR NO KEY UPDATE OF line SKIP LOCKED
"""


@dataclass(slots=True)
class _Waiting:
    """A line that waits for units nobody bought."""

    line_id: int
    dealer_id: int
    units: int


def plan(order: Order, changed: Sequence[Changed], purchases: list[PurchaseOrder]) -> list[Changed]:
    """Return the lines with the releases of their pegs: to lines that wait, to platform stock, or asked of the factory.

    What is asked stays owed and priced until the factory agrees. A purchase order that was placed since the caller
    looked is locked now and added to `purchases`. Three statements; pegs and waiting lines are locked.
    """
    giving = {one.line.line_id: one for one in changed if one.line and one.move.given_up}
    pegs: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in fetch_dicts(_PEGS, [list(giving)]):
        pegs[row["order_line_id"]].append(row)
    bought = {row["purchase_order_id"] for rows in pegs.values() for row in rows}
    if late := bought - {one.pk for one in purchases}:
        purchases += lock(PurchaseOrder.objects.filter(pk__in=late).select_related("cycle"))
    waiting = _waiting(order, [row for rows in pegs.values() for row in rows])
    rules = {one.pk: one.cycle.policy.get("given_up", "ask") for one in purchases}
    taken: dict[int, list[tuple[dict[str, Any], int, int]]] = defaultdict(list)
    for line_id, one in giving.items():
        parts = spread(
            one.move.given_up, [Pegged(row["id"], row["held"], row["received"]) for row in pegs[line_id]]
        )
        for row, (total, came) in zip(pegs[line_id], parts, strict=True):
            if total:
                taken[row["purchase_line_id"]].append((row, total - came, came))
    releases: dict[int, list[Release]] = defaultdict(list)
    for parts_of_line in taken.values():
        row = parts_of_line[0][0]
        queue = waiting[row["factory_id"], row["product_id"]]
        for line_id, release in _absorbed(parts_of_line, queue, rules[row["purchase_order_id"]]):
            releases[line_id].append(release)
    return [_with(one, releases[one.line.line_id] if one.line else [], order) for one in changed]


def _waiting(order: Order, pegs: Sequence[dict[str, Any]]) -> dict[tuple[int, int], list[_Waiting]]:
    found: dict[tuple[int, int], list[_Waiting]] = defaultdict(list)
    factories = list({row["factory_id"] for row in pegs})
    key = {
        "factories": factories,
        "products": list({row["product_id"] for row in pegs}),
        "order": order.pk,
        "currency": order.currency,
        "leftovers": leftover.cycles(factories),
    }
    for row in fetch_dicts(_WAITING, key):
        found[row["factory_id"], row["product_id"]].append(
            _Waiting(row["id"], row["dealer_id"], row["units"])
        )
    return found


def _absorbed(
    parts: Sequence[tuple[dict[str, Any], int, int]], queue: list[_Waiting], rule: Any
) -> Iterator[tuple[int, Release]]:
    """Yield the order line and the release of each part given up of one purchase line."""
    row = parts[0][0]
    found = absorb(
        sum(to_come for _, to_come, _ in parts),
        Bought(row["promised"], row["despatched"], row["minimum"], row["multiple"]),
        waiting=sum(one.units for one in queue),
        rule=rule,
    )
    asked, passed_on = found.asked_of_factory, found.passed_on
    for peg, to_come_of_peg, came_of_peg in parts:
        to_come, came = to_come_of_peg, came_of_peg
        for owner, units in _owners(queue, min(to_come, passed_on)):
            passed_on, to_come = passed_on - units, to_come - units
            yield peg["order_line_id"], _release(peg, units, owner=owner)
        if request := min(to_come, asked):
            asked, to_come = asked - request, to_come - request
            yield peg["order_line_id"], _release(peg, request, is_asked=True)
        if to_come:
            yield peg["order_line_id"], _release(peg, to_come)
        for owner, units in _owners(queue, came):
            came -= units
            yield peg["order_line_id"], _release(peg, units, received=units, owner=owner)
        if came:
            yield peg["order_line_id"], _release(peg, came, received=came)


def _owners(queue: list[_Waiting], units: int) -> Iterator[tuple[_Waiting, int]]:
    while units and queue:
        first = queue[0]
        part = min(units, first.units)
        first.units -= part
        units -= part
        if not first.units:
            queue.pop(0)
        yield first, part


def _release(
    peg: dict[str, Any],
    units: int,
    *,
    received: int = 0,
    owner: _Waiting | None = None,
    is_asked: bool = False,
) -> Release:
    return Release(
        peg_id=peg["id"],
        schedule_line_id=peg["schedule_line_id"],
        purchase_line_id=peg["purchase_line_id"],
        purchase_order_id=peg["purchase_order_id"],
        quantity=units,
        received=received,
        promised=peg["promised"],
        is_answered=peg["is_answered"],
        is_asked=is_asked,
        owner=owner.line_id if owner else None,
        owner_dealer_id=owner.dealer_id if owner else None,
    )


def _with(one: Changed, releases: Sequence[Release], order: Order) -> Changed:
    asked = sum(part.quantity for part in releases if part.is_asked)
    if not asked or one.line is None:
        return replace(one, releases=tuple(releases))
    net = round_to_currency(one.unit_price * (one.quantity + asked), order.currency)
    tax = round_to_currency(net * one.line.tax_rate, order.currency)
    return replace(one, releases=tuple(releases), net_amount=net, tax_amount=tax)


def carry_out(
    made: OrderChange,
    lines: Sequence[Changed],
    purchases: Sequence[PurchaseOrder],
    *,
    at: datetime,
) -> None:
    """Move the pegs of a change to their new owners and ask the factories for the rest.

    Tells the warehouse of purchase orders that are shared otherwise now. The caller holds the purchase orders and has
    moved the buckets. A constant number of statements for each purchase order.
    """
    moved = [part for one in lines for part in one.releases if not part.is_asked]
    asked = [(one, part) for one in lines for part in one.releases if part.is_asked]
    if moved:
        repegging.move(moved)
    by_id = {one.pk: one for one in purchases}
    for key in sorted({part.purchase_order_id for part in moved if part.is_answered}):
        share_anew(by_id[key], at=at)
    if asked:
        purchase_order_change.request(made, asked, by_id, at=at)


def give_up_received(line_id: int, units: int, purchases: Sequence[PurchaseOrder], *, at: datetime) -> int:
    """Leave goods that came for an order line to the platform, and return how many units; its pegs are locked.

    The newest pegs first, of these purchase orders alone, which the caller holds. The caller moves the buckets.
    """
    by_id = {one.pk: one for one in purchases}
    parts, left = [], units
    for row in fetch_dicts(_PEGS, [[line_id]]):
        came = min(left, row["received"]) if row["purchase_order_id"] in by_id else 0
        if came:
            left -= came
            parts.append(_release(row, came, received=came))
    if parts:
        repegging.move(parts)
        for key in sorted({part.purchase_order_id for part in parts}):
            share_anew(by_id[key], at=at)
    return units - left


def share_anew(purchase: PurchaseOrder, *, at: datetime) -> None:
    """Tell how a purchase order is shared after pegs moved; its version counts it as it counts answers."""
    purchase.response_version += 1
    PurchaseOrder.objects.filter(pk=purchase.pk).update(
        response_version=purchase.response_version, updated_at=at
    )
    allocation.tell(purchase, at=at)

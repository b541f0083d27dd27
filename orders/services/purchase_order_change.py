"""Ask a factory not to make what dealers gave up, and take its answer (UBL OrderChange)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.contracts.order_changes import (
    PurchaseOrderChangeAnswered,
    PurchaseOrderChangeRequested,
    RequestedLine,
)
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError
from b2b.db.bulk import execute
from b2b.db.locks import lock, lock_one
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import (
    CancellationRequest,
    Order,
    OrderChange,
    PurchaseOrder,
    PurchaseOrderChange,
    PurchaseOrderChangeLine,
)
from orders.policies.changed_line import Changed, Release
from orders.services import purchase_order_closing, purchase_order_decrease
from orders.services.purchase_order_response import check_factory

REFUSED: Final = "the factory did not agree to make less"


class AlreadyDespatched(DomainError):
    """Some of it is on its way; refuse the request, and the dealer may return the goods."""

    code = "already_despatched"


def request(
    made: OrderChange,
    asked: Sequence[tuple[Changed, Release]],
    purchases: Mapping[UUID, PurchaseOrder],
    *,
    at: datetime,
) -> None:
    """Write one request to each factory for what a dealer gave up; publishes PurchaseOrderChangeRequested.

    The caller holds the purchase orders. Six statements for each of them.
    """
    grouped: dict[UUID, list[tuple[Changed, Release]]] = defaultdict(list)
    for one, part in asked:
        grouped[part.purchase_order_id].append((one, part))
    for key, parts in sorted(grouped.items()):
        purchase = purchases[key]
        change = _document(purchase, at=at)
        wanted: Counter[int] = Counter()
        for _, part in parts:
            wanted[part.purchase_line_id] += part.quantity
        promised = {part.purchase_line_id: part.promised for _, part in parts}
        lines = [
            PurchaseOrderChangeLine(
                change=change,
                factory_id=purchase.factory_id,
                purchase_order_line_id=line_id,
                from_quantity=promised[line_id],
                to_quantity=promised[line_id] - units,
            )
            for line_id, units in sorted(wanted.items())
        ]
        PurchaseOrderChangeLine.objects.bulk_create(lines)
        CancellationRequest.objects.bulk_create(
            CancellationRequest(
                order_change=made,
                dealer_id=made.dealer_id,
                order_line_id=one.line.line_id,
                peg_id=part.peg_id,
                purchase_order_change=change,
                quantity=part.quantity,
            )
            for one, part in parts
            if one.line
        )
        publish(_requested(change, purchase, lines, at))


def _document(purchase: PurchaseOrder, *, at: datetime) -> PurchaseOrderChange:
    change = PurchaseOrderChange(
        number=number("PC", purchase.number, take("purchase_order_change", purchase.factory_id).start),
        purchase_order=purchase,
        factory_id=purchase.factory_id,
        from_version=purchase.version,
        # The factory reads it: neither the dealer's words nor its order.
        reason="less is wanted",
        created_at=at,
        updated_at=at,
    )
    change.save(force_insert=True)
    record([(change, "request", "", change.status)], by=system("orders"), at=at)
    return change


def _requested(
    change: PurchaseOrderChange,
    purchase: PurchaseOrder,
    lines: Sequence[PurchaseOrderChangeLine],
    at: datetime,
) -> PurchaseOrderChangeRequested:
    numbers = dict(purchase.lines.values_list("pk", "line_number"))
    return PurchaseOrderChangeRequested(
        occurred_at=at,
        change_id=change.pk,
        number=change.number,
        purchase_order_id=purchase.pk,
        factory_id=purchase.factory_id,
        reason=change.reason,
        lines=tuple(
            RequestedLine(
                line_id=line.purchase_order_line_id,
                line_number=numbers[line.purchase_order_line_id],
                from_quantity=line.from_quantity,
                to_quantity=line.to_quantity,
            )
            for line in lines
        ),
    )


@unit_of_work()
def answer(
    change: PurchaseOrderChange, *, is_accepted: bool, reason: str = "", by: Actor, at: datetime
) -> PurchaseOrderChange:
    """Accept a request, so that purchase order, pegs, dealer's order and credit follow at once, or refuse it.

    Refused, the dealer still owes what it gave up. Publishes PurchaseOrderChangeAnswered and, when it was accepted,
    PurchaseOrderChanged, OrderChanged or OrderCancelled, and SupplyAllocated.

    :raises AlreadyDespatched: when what is asked for has left. :raises IllegalTransition: when it was answered.
    :raises Forbidden: for another factory.
    """
    check_factory(change.factory_id, by)
    verb = "accept" if is_accepted else "refuse"
    with acting_as(system("orders")):
        purchase = lock_one(PurchaseOrder.objects.select_related("cycle").filter(pk=change.purchase_order_id))
        asked = CancellationRequest.objects.filter(purchase_order_change=change)
        order = lock_one(Order.objects.filter(pk__in=asked.values("order_change__order_id")))
        locked = lock_one(PurchaseOrderChange.objects.filter(pk=change.pk))
        PurchaseOrderChange.machine.next(locked.status, verb)
        requests = lock(asked.select_related("peg"))
        if is_accepted:
            _check(locked)
            purchase_order_decrease.carry_out(purchase, order, requests, source=f"{locked.pk}", by=by, at=at)
        else:
            record(
                [(order, "refuse_change", order.status, order.status)], by=by, at=at, reason=reason or REFUSED
            )
        CancellationRequest.objects.filter(pk__in=[one.pk for one in requests]).update(
            status=PurchaseOrderChange.machine.next(locked.status, verb)
        )
        locked.advance(verb, by=by, at=at, reason=reason, to_version=purchase.version)
        publish(
            PurchaseOrderChangeAnswered(
                occurred_at=at,
                change_id=locked.pk,
                number=locked.number,
                purchase_order_id=purchase.pk,
                factory_id=purchase.factory_id,
                is_accepted=is_accepted,
            )
        )
        purchase_order_closing.close_when_complete(purchase, by=by, at=at)
    return locked


def _check(change: PurchaseOrderChange) -> None:
    gone = execute(
        """
        SELECT FROM orders_purchaseorderchangeline line
        JOIN orders_purchaseorderline supply ON supply.id = line.purchase_order_line_id
        WHERE line.change_id = %s AND line.from_quantity - line.to_quantity >
            CASE WHEN supply.response_version > 0 THEN supply.confirmed ELSE supply.quantity END - supply.despatched
        """,
        [change.pk],
    )
    if gone:
        raise AlreadyDespatched

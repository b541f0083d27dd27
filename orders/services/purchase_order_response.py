"""What a factory answers to a purchase order, in full or short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from b2b.contracts.orders import ConfirmedLine, PurchaseOrderConfirmed
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import (
    OrderResponse,
    OrderResponseLine,
    PurchaseOrder,
    PurchaseOrderLine,
    ResponseCode,
)
from orders.services import allocation, cycle_status, purchase_order_closing, supply

_COLUMNS: Final = {"line_id": "bigint", "quantity": "bigint", "promised": "date"}


class InvalidResponse(Invalid):
    """The response names lines or quantities that are not in the purchase order."""

    code = "invalid_order_response"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the factory promises for one line; no date keeps the one asked for."""

    line_number: int
    confirmed_quantity: int
    promised_date: date | None = None
    reason: str = ""


def check_factory(factory_id: int, by: Actor) -> None:
    """Check that `by` may act for the factory. :raises Forbidden: when it is another party."""
    if not by.sees_all and (by.kind, by.organization_id) != ("factory", factory_id):
        raise Forbidden("only the factory it was placed with answers a purchase order")


@unit_of_work()
def respond(
    purchase_order: PurchaseOrder,
    *,
    answers: Sequence[Answer] = (),
    external_reference: str = "",
    note: str = "",
    by: Actor,
    at: datetime,
) -> OrderResponse:
    """Take a response and share what it promises over the pegs, in one transaction; a later one replaces it.

    A line without an answer keeps its earlier one, and is accepted as ordered when there is none. Publishes
    PurchaseOrderConfirmed and SupplyAllocated. Closes the order when all it now promises has come. A constant number
    of statements.

    :raises InvalidResponse: for unknown lines, quantities above the order or below what has been despatched.
    :raises IllegalTransition: when the purchase order is closed.
    """
    check_factory(purchase_order.factory_id, by)
    with acting_as(system("orders")):
        order = lock_one(PurchaseOrder.objects.filter(pk=purchase_order.pk))
        lines = lock(PurchaseOrderLine.objects.filter(purchase_order=order))
        taken = _check(lines, answers, first=order.response_version == 0)
        verb = "confirm" if any(answer.confirmed_quantity for answer in taken.values()) else "reject"
        PurchaseOrder.machine.next(order.status, verb)
        version = order.response_version + 1
        response = _write(order, version, lines, taken, external_reference, note, at)
        order.advance(verb, by=by, at=at, reason=note, response_version=version)
        publish(_confirmed(order, lines, taken, at))
        allocation.share(order, is_first=version == 1, at=at)
        cycle_status.settle(order.cycle_id, by=by, at=at)
        # A lower answer may leave nothing to wait for.
        purchase_order_closing.close_when_complete(order, by=by, at=at)
    return response


def _check(
    lines: Sequence[PurchaseOrderLine], answers: Sequence[Answer], *, first: bool
) -> dict[int, Answer]:
    known = {line.line_number: line for line in lines}
    problems = []
    for index, answer in enumerate(answers):
        line = known.get(answer.line_number)
        if line is None:
            message, remedy = f"there is no line {answer.line_number}", "Name lines of this purchase order."
        elif not line.despatched <= answer.confirmed_quantity <= line.quantity:
            message = f"line {answer.line_number}: {answer.confirmed_quantity} is not within {line.despatched} despatched and {line.quantity} ordered"  # noqa: E501
            remedy = "Confirm at most what was ordered and at least what is on its way."
        else:
            continue
        problems.append(
            Problem(code="invalid_answer", message=message, pointer=f"/lines/{index}", remedy=remedy)
        )
    if len({answer.line_number for answer in answers}) != len(answers):
        problems.append(Problem(code="repeated_line", message="a line is answered twice", pointer="/lines"))
    if problems:
        raise InvalidResponse(problems=problems)
    taken = {answer.line_number: answer for answer in answers}
    for number, line in known.items():
        kept = line.quantity if first else line.confirmed
        taken.setdefault(number, Answer(number, kept, line.promised_date))
    return taken


def _write(
    order: PurchaseOrder,
    version: int,
    lines: Sequence[PurchaseOrderLine],
    taken: dict[int, Answer],
    external_reference: str,
    note: str,
    at: datetime,
) -> OrderResponse:
    response = OrderResponse.objects.create(
        purchase_order=order,
        factory_id=order.factory_id,
        response_version=version,
        external_reference=external_reference,
        note=note,
        created_at=at,
    )
    OrderResponseLine.objects.bulk_create(
        OrderResponseLine(
            response=response,
            factory_id=order.factory_id,
            purchase_order_line=line,
            code=_code(line, taken[line.line_number]),
            confirmed_quantity=taken[line.line_number].confirmed_quantity,
            promised_date=_promised(line, taken),
            reason=taken[line.line_number].reason,
        )
        for line in lines
    )
    supply.advance(
        (
            (line.pk, "confirmed", taken[line.line_number].confirmed_quantity - line.confirmed)
            for line in lines
        ),
        source=f"response:{response.pk}",
        at=at,
    )
    given = transpose(
        list(_COLUMNS),
        ((line.pk, taken[line.line_number].confirmed_quantity, _promised(line, taken)) for line in lines),
    )
    execute(
        f"UPDATE orders_purchaseorderline line SET promised_date = given.promised FROM {unnest(_COLUMNS)}"
        " WHERE line.id = given.line_id",
        given,
    )
    execute(
        f"""
        UPDATE orders_scheduleline schedule SET confirmed_quantity = given.quantity,
            promised_date = given.promised, response_version = %(version)s
        FROM {unnest(_COLUMNS)} WHERE schedule.purchase_order_line_id = given.line_id
        """,
        {**given, "version": version},
    )
    return response


def _code(line: PurchaseOrderLine, answer: Answer) -> str:
    if not answer.confirmed_quantity:
        return ResponseCode.REJECTED
    as_ordered = answer.confirmed_quantity == line.quantity and answer.promised_date in (
        None,
        line.requested_date,
    )
    return ResponseCode.ACCEPTED if as_ordered else ResponseCode.QUANTITY_CHANGED


def _promised(line: PurchaseOrderLine, taken: dict[int, Answer]) -> date:
    return taken[line.line_number].promised_date or line.promised_date or line.requested_date


def _confirmed(
    order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], taken: dict[int, Answer], at: datetime
) -> PurchaseOrderConfirmed:
    return PurchaseOrderConfirmed(
        occurred_at=at,
        purchase_order_id=order.pk,
        number=order.number,
        factory_id=order.factory_id,
        version=order.response_version,
        lines=tuple(
            ConfirmedLine(
                line_id=line.pk,
                line_number=line.line_number,
                confirmed_quantity=taken[line.line_number].confirmed_quantity,
                promised_date=_promised(line, taken),
            )
            for line in lines
        ),
    )

"""What a factory answers to a purchase order: in full or short, line by line, and anew as often as it must."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from b2b.catalog.selectors import product
from b2b.contracts.orders import ConfirmedLine, PurchaseOrderConfirmed
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid, Problem
from b2b.db.bulk import fetch
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import OrderResponse, PurchaseOrder
from orders.policies.order_answer import Answer, Ordered, Rest, Settled, Substitute, settle
from orders.policies.order_response import Delivery
from orders.services import (
    allocation,
    cycle_status,
    price_answer,
    purchase_order_closing,
    response_record,
    shortage,
    substitution,
)

__all__ = ["Answer", "Delivery", "InvalidResponse", "StaleResponse", "Substitute", "check_factory", "respond"]


class InvalidResponse(Invalid):
    """The response names lines, quantities or products that do not fit the purchase order."""

    code = "invalid_order_response"


class StaleResponse(DomainError):
    """The purchase order was answered meanwhile; read the last answer and answer anew."""

    code = "stale_response"


def check_factory(factory_id: int, by: Actor) -> None:
    """Check that `by` may act for the factory. :raises Forbidden: when it is another party."""
    if not by.sees_all and (by.kind, by.organization_id) != ("factory", factory_id):
        raise Forbidden("only the factory it was placed with answers a purchase order")


@unit_of_work()
def respond(
    purchase_order: PurchaseOrder,
    *,
    answers: Sequence[Answer] = (),
    rest: Rest | None = None,
    response_version: int | None = None,
    external_reference: str = "",
    note: str = "",
    by: Actor,
    at: datetime,
) -> OrderResponse:
    """Take an answer and share what it promises over the pegs, in one transaction; a later one replaces it by line.

    `rest` says what becomes of lines that are still open and not named: they stay open (LEAVE), or are accepted or
    rejected; without it they stay open, unless no line is named at all: then all is accepted. `response_version` is the
    version this answer shall be, one more than the last one read. Prices beyond the tolerance wait for the operator,
    substitutes for the dealers. Publishes PurchaseOrderConfirmed and SupplyAllocated. Closes the order when all it now
    promises has come. A constant number of statements.

    :raises InvalidResponse: naming each line that does not fit. :raises StaleResponse: when it was answered meanwhile.
    :raises IllegalTransition: when the purchase order is closed.
    """
    check_factory(purchase_order.factory_id, by)
    with acting_as(system("orders")):
        order = lock_one(PurchaseOrder.objects.select_related("cycle").filter(pk=purchase_order.pk))
        version = order.response_version + 1
        if response_version not in (None, version):
            raise StaleResponse(f"the next answer to {order.number} is version {version}", version=version)
        lines = response_record.lines_of(order)
        settled, problems = settle(lines, answers, rest=rest or ("LEAVE" if answers else "ACCEPT"))
        substitutes = _products(answers)
        problems += _unknown(answers, substitutes)
        if problems:
            raise InvalidResponse(problems=problems)
        taken = {one.line.line_id: one for one in settled}
        is_complete = all(line.response_version or line.line_id in taken for line in lines.values())
        verb = _verb(order, lines.values(), taken, is_complete=is_complete)
        PurchaseOrder.machine.next(order.status, verb)
        response = response_record.write(
            order, settled, version=version, is_complete=is_complete, substitutes=substitutes,
            external_reference=external_reference, note=note, at=at,
        )  # fmt: skip
        order.advance(
            verb, by=by, at=at, reason=note, response_version=version,
            answered_at=order.answered_at or (at if is_complete else None),
        )  # fmt: skip
        price_answer.note(order, settled, by=by, at=at)
        publish(_confirmed(order, at))
        first = {one.line.line_id for one in settled if not one.line.response_version}
        allocation.share(order, lines=list(taken), first=first, at=at)
        substitution.offer(order, settled, substitutes, at=at)
        shortage.follow(order, lines=list(taken), at=at)
        cycle_status.settle(order.cycle_id, by=by, at=at)
        # A lower answer may leave nothing to wait for.
        purchase_order_closing.close_when_complete(order, by=by, at=at)
    return response


def _products(answers: Iterable[Answer]) -> dict[str, int]:
    wanted = {answer.substitute.sku for answer in answers if answer.substitute}
    if not wanted:
        return {}
    return {sku: found.pk for sku, found in product.by_sku(system("orders"), wanted).items()}


def _unknown(answers: Sequence[Answer], known: Mapping[str, int]) -> list[Problem]:
    return [
        Problem(
            code="unknown_substitute",
            message=f"{answer.substitute.sku} is no product on sale",
            pointer=f"/lines/{index}/substitute/sku",
            remedy="Offer a product of the catalogue.",
        )
        for index, answer in enumerate(answers)
        if answer.substitute and answer.substitute.sku not in known
    ]


def _verb(
    order: PurchaseOrder, lines: Iterable[Ordered], taken: Mapping[int, Settled], *, is_complete: bool
) -> str:
    """Return what the answer does to the order: once confirmed it stays so until all of it is given up."""
    offered = any(one.answer.substitute for one in taken.values())
    promised = offered or any(
        taken[line.line_id].confirmed if line.line_id in taken else line.confirmed for line in lines
    )
    if promised or (order.status == "CONFIRMED" and not is_complete):
        return "confirm"
    return "reject" if is_complete else "answer"


def _confirmed(order: PurchaseOrder, at: datetime) -> PurchaseOrderConfirmed:
    answered = fetch(
        """
        SELECT id, line_number, confirmed, promised_date FROM orders_purchaseorderline
        WHERE purchase_order_id = %s AND response_version > 0 ORDER BY line_number
        """,
        [order.pk],
    )
    return PurchaseOrderConfirmed(
        occurred_at=at,
        purchase_order_id=order.pk,
        number=order.number,
        factory_id=order.factory_id,
        version=order.response_version,
        lines=tuple(
            ConfirmedLine(
                line_id=line_id, line_number=number, confirmed_quantity=confirmed, promised_date=promised
            )
            for line_id, number, confirmed, promised in answered
        ),
    )

"""Take note of what became of returned goods: counted, inspected, credited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import F

from b2b.contracts.finance import CreditedLine
from b2b.contracts.warehousing import DisposedLine, ReturnedLine
from b2b.core.actor import Actor
from b2b.core.errors import NotYet
from b2b.core.money import Money
from b2b.db.bulk import execute, fetch_value, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from orders.models import Order, ReturnAuthorisation
from orders.services import quantity

_COUNTED: Final = {"line_id": "bigint", "quantity": "bigint"}
_DISPOSED: Final = {"line_id": "bigint", "restocked": "bigint", "scrapped": "bigint", "sent_back": "bigint"}


class ReturnNotReceived(NotYet):
    """The return has not been noted as received yet."""

    code = "return_not_received"


@unit_of_work()
def note_received(return_id: UUID | None, lines: Sequence[ReturnedLine], *, by: Actor, at: datetime) -> None:
    """Let goods that came back be returned and no longer delivered; told twice, once.

    Goods refused at the door come without a return: they were noted when they were not taken. Leave of which nothing
    came lapses.
    """
    if return_id is None:
        return
    found = _hold(return_id)
    if not ReturnAuthorisation.machine.allows(found.status, "receive"):
        return
    counted: dict[int, int] = {}
    for line in lines:
        if line.return_line_id is not None:
            counted[line.return_line_id] = counted.get(line.return_line_id, 0) + line.quantity
    execute(
        f"UPDATE orders_returnline line SET received = given.quantity FROM {unnest(_COUNTED)}"
        " WHERE line.id = given.line_id",
        transpose(list(_COUNTED), counted.items()),
    )
    changes = [
        (line.order_line_id, bucket, sign * line.quantity)
        for line in lines
        for bucket, sign in (("delivered", -1), ("returned", 1))
    ]
    quantity.advance(changes, source=f"return:{return_id}", at=at)
    if any(counted.values()):
        found.advance("receive", by=by, at=at, received_at=at)
    else:
        found.advance("lapse", by=by, at=at, reason="nothing came back")


@unit_of_work()
def note_disposed(return_id: UUID | None, lines: Sequence[DisposedLine]) -> None:
    """Keep what became of returned goods; totals only grow, so that a late fact changes nothing.

    :raises ReturnNotReceived: when the goods have not been noted as received yet.
    """
    if return_id is None:
        return
    found = _hold(return_id)
    if found.received_at is None:
        raise ReturnNotReceived(f"{found.number} is {found.status}")
    execute(
        f"""
        UPDATE orders_returnline line SET restocked = greatest(line.restocked, given.restocked),
            scrapped = greatest(line.scrapped, given.scrapped), sent_back = greatest(line.sent_back, given.sent_back)
        FROM {unnest(_DISPOSED)} WHERE line.id = given.line_id
        """,
        transpose(
            list(_DISPOSED),
            (
                (
                    line.return_line_id,
                    line.restocked_quantity,
                    line.scrapped_quantity,
                    line.sent_back_quantity,
                )
                for line in lines
            ),
        ),
    )


@unit_of_work()
def note_credited(
    return_id: UUID,
    lines: Sequence[CreditedLine],
    *,
    credit_note_id: UUID,
    net: Money,
    gross: Money,
    by: Actor,
    at: datetime,
) -> None:
    """Let credited goods be invoiced no longer; a credit note counts once, and the last one ends the return.

    :raises ReturnNotReceived: when the goods have not been noted as received yet.
    :raises OutOfOrder: when the invoice has not been told yet.
    """
    found = _hold(return_id)
    if found.received_at is None:
        raise ReturnNotReceived(f"{found.number} is {found.status}")
    changes = [(line.order_line_id, "invoiced", -line.quantity) for line in lines]
    if not quantity.advance(changes, source=f"credit:{credit_note_id}", at=at):
        return
    execute(
        f"UPDATE orders_returnline line SET credited = line.credited + given.quantity FROM {unnest(_COUNTED)}"
        " WHERE line.id = given.line_id",
        transpose(list(_COUNTED), ((line.return_line_id, line.quantity) for line in lines)),
    )
    is_open = fetch_value(
        "SELECT EXISTS (SELECT FROM orders_returnline WHERE authorisation_id = %s AND credited < received)",
        [return_id],
    )
    found.advance(
        "credit_partly" if is_open else "credit",
        by=by,
        at=at,
        credited_net=F("credited_net") + net.amount,
        credited_gross=F("credited_gross") + gross.amount,
    )


def _hold(return_id: UUID) -> ReturnAuthorisation:
    """Lock the order before its return, as whoever asks for one does."""
    order_id = ReturnAuthorisation.objects.values_list("order_id", flat=True).get(pk=return_id)
    lock_one(Order.objects.filter(pk=order_id))
    return lock_one(ReturnAuthorisation.objects.filter(pk=return_id))

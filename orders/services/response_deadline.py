"""Answers that do not come: a reminder at the deadline, another after the grace, and then the declared rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from b2b.contracts.order_changes import PurchaseOrderResponseOverdue
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden
from b2b.db.bulk import fetch, fetch_value
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import PurchaseOrder
from orders.policies.order_answer import Answer
from orders.services import purchase_order_response

RESPOND_WITHIN: Final = timedelta(hours=24)
GRACE: Final = timedelta(hours=12)
REMINDERS: Final = 2
NOTE: Final = "no answer by the deadline"

_OVERDUE: Final = """
    SELECT id FROM orders_purchaseorder
    WHERE answered_at IS NULL AND respond_by_at IS NOT NULL AND status IN ('SENT', 'CONFIRMED')
        AND reminders < %(reminders)s AND respond_by_at + reminders * %(grace)s <= midstream_now()
"""


def respond_by() -> datetime:
    """Return until when a purchase order placed now is to be answered, by the database's clock."""
    now: datetime = fetch_value("SELECT midstream_now()")
    return now + RESPOND_WITHIN


def remind_overdue(*, by: Actor, at: datetime) -> list[PurchaseOrder]:
    """Remind of every purchase order whose answer is overdue, each in a transaction of its own; return them.

    :raises Forbidden: unless the platform or the operator asks.
    """
    if not by.sees_all:
        raise Forbidden("only the operator reminds a factory")
    with acting_as(system("orders")):
        due = [key for (key,) in fetch(f"{_OVERDUE} ORDER BY id", {"reminders": REMINDERS, "grace": GRACE})]
    reminded = (remind(key, by=by, at=at) for key in due)
    return [order for order in reminded if order is not None]


@unit_of_work()
def remind(order_id: UUID, *, by: Actor, at: datetime) -> PurchaseOrder | None:
    """Tell once that an answer is overdue; with the second reminder open lines are taken as their supply terms say.

    Publishes PurchaseOrderResponseOverdue. None when it was answered or reminded meanwhile, by the database's clock.
    """
    with acting_as(system("orders")):
        order = lock_one(PurchaseOrder.objects.filter(pk=order_id))
        if not fetch(f"{_OVERDUE} AND id = %(id)s", {"reminders": REMINDERS, "grace": GRACE, "id": order.pk}):
            return None
        order.reminders += 1
        PurchaseOrder.objects.filter(pk=order.pk).update(reminders=order.reminders, updated_at=at)
        record([(order, "remind", order.status, order.status)], by=by, at=at, reason=NOTE)
        silence = _open_lines(order)
        publish(
            PurchaseOrderResponseOverdue(
                occurred_at=at,
                purchase_order_id=order.pk,
                number=order.number,
                factory_id=order.factory_id,
                respond_by_at=order.respond_by_at or at,
                reminder=order.reminders,
                open_lines=tuple(silence),
            )
        )
        answers = [
            Answer(number, quantity if rule == "ACCEPT" else 0, reason=NOTE)
            for number, (quantity, rule) in silence.items()
            if rule != "LEAVE"
        ]
        if order.reminders == REMINDERS and answers:
            purchase_order_response.respond(order, answers=answers, rest="LEAVE", note=NOTE, by=by, at=at)
    return order


def _open_lines(order: PurchaseOrder) -> dict[int, tuple[int, str]]:
    """Return the quantity of each open line and what silence means for it, by line number."""
    return {
        number: (quantity, rule)
        for number, quantity, rule in fetch(
            """
            SELECT line.line_number, line.quantity, coalesce(source.silence, 'LEAVE')
            FROM orders_purchaseorderline line LEFT JOIN orders_supplysource source
                ON source.product_id = line.product_id AND source.factory_id = line.factory_id
            WHERE line.purchase_order_id = %s AND line.response_version = 0 ORDER BY line.line_number
            """,
            [order.pk],
        )
    }

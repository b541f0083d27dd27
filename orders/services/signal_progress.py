"""What becomes of a signal after it was raised: approved, called off, made, shipped, taken in, or never answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import lock, lock_one
from b2b.db.models import advance_all
from b2b.db.transactions import unit_of_work
from orders.models import ProductionSignal
from orders.services import plan_signals
from orders.services.cycle_plan import operators_only

_MADE: Final = {"line_number": "integer", "quantity": "bigint"}
_OVERDUE: Final = """
    SELECT signal.id FROM orders_productionsignal signal
    LEFT JOIN orders_signalterms terms ON terms.factory_id = signal.factory_id
    WHERE signal.run_id IS NOT NULL AND signal.status IN ('SENT', 'ACKNOWLEDGED') AND signal.is_order
        AND signal.updated_at < %(at)s - make_interval(hours => coalesce(terms.answer_within_hours, 48))
    ORDER BY signal.id
"""


@unit_of_work()
def approve(signal: ProductionSignal, *, by: Actor, at: datetime) -> ProductionSignal:
    """Approve a proposed signal and send it. Publishes ProductionSignalRaised.

    :raises Forbidden: unless the operator or the platform asks. :raises IllegalTransition: when it is not proposed.
    """
    operators_only(by)
    with acting_as(system("orders")):
        locked = lock_one(ProductionSignal.objects.filter(pk=signal.pk))
        locked.advance("approve", by=by, at=at)
        plan_signals.send([locked], by=by, at=at)
    return locked


@unit_of_work()
def cancel(signal: ProductionSignal, *, reason: str, by: Actor, at: datetime) -> ProductionSignal:
    """Call off a signal that was not sent. :raises Forbidden: unless the operator or the platform asks."""
    operators_only(by)
    with acting_as(system("orders")):
        locked = lock_one(ProductionSignal.objects.filter(pk=signal.pk))
        locked.advance("cancel", by=by, at=at, reason=reason)
    return locked


@unit_of_work()
def tell(signal: ProductionSignal, verb: str, *, by: Actor, at: datetime) -> ProductionSignal:
    """Note that the factory has begun to make (`produce`) or has shipped (`ship`) what it committed to.

    :raises Forbidden: for another factory. :raises Invalid: for another verb.
    """
    if not by.sees_all and (by.kind, by.organization_id) != ("factory", signal.factory_id):
        raise Forbidden("only the factory it was sent to tells what becomes of a signal")
    if verb not in ("produce", "ship"):
        raise Invalid(f"a factory tells that it produces or ships, not {verb}")
    with acting_as(system("orders")):
        locked = lock_one(ProductionSignal.objects.filter(pk=signal.pk))
        locked.advance(verb, by=by, at=at)
    return locked


@unit_of_work()
def take_in(
    signal: ProductionSignal, *, received: Mapping[int, int], by: Actor, at: datetime
) -> ProductionSignal:
    """Note what of a signal, by line number in base units, has come; with the last of it the signal is fulfilled.

    :raises Forbidden: unless the operator or the platform asks. :raises Invalid: for more than was committed to.
    """
    operators_only(by)
    with acting_as(system("orders")):
        locked = lock_one(ProductionSignal.objects.filter(pk=signal.pk))
        ProductionSignal.machine.next(locked.status, "fulfil")
        open_ = {
            number: 0 if ordered else (committed or 0) - fulfilled
            for number, committed, ordered, fulfilled in locked.lines.values_list(
                "line_number", "committed_quantity", "ordered_quantity", "fulfilled_quantity"
            )
        }
        problems = [
            Problem(
                code="more_than_committed",
                message=f"line {number}: {quantity} is not within 1 and {open_.get(number, 0)}",
                pointer=f"/lines/{index}",
                remedy="Tell at most what was committed to and has not come yet; receipts tell of what was bought.",
            )
            for index, (number, quantity) in enumerate(received.items())
            if not 1 <= quantity <= open_.get(number, 0)
        ]
        if problems:
            raise Invalid("that is more than the factory committed to", problems=problems)
        execute(
            f"""
            UPDATE orders_productionsignalline line SET fulfilled_quantity = fulfilled_quantity + given.quantity
            FROM {unnest(_MADE)} WHERE line.signal_id = %(signal)s AND line.line_number = given.line_number
            """,
            {**transpose(list(_MADE), received.items()), "signal": locked.pk},
        )
        if sum(open_.values()) == sum(received.values()):
            locked.advance("fulfil", by=by, at=at)
    return locked


@unit_of_work()
def expire_overdue(*, by: Actor, at: datetime) -> int:
    """Let signals lapse that no factory answered in the agreed hours; they are supply no longer. Three statements."""
    operators_only(by)
    with acting_as(system("orders")):
        keys = [key for (key,) in fetch(_OVERDUE, {"at": at})]
        locked = [
            one
            for one in lock(ProductionSignal.objects.filter(pk__in=keys))
            if one.status in ("SENT", "ACKNOWLEDGED")
        ]
        advance_all(locked, "expire", by=by, at=at, reason="nobody answered in time")
    return len(locked)

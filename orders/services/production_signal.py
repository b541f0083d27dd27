"""Tell a factory what to make next, and take its answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from b2b.contracts.orders import ProductionSignalRaised, SignalledLine
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.models import advance_all, record
from b2b.db.sequences import number, take_each
from b2b.db.transactions import unit_of_work
from b2b.directory.selectors import organization
from b2b.outbox.publish import publish
from orders.models import OrderCycle, ProductionSignal, ProductionSignalLine
from orders.policies import demand as demand_policy
from orders.services import signal_call_off
from orders.services.purchase_order import Pooled

WEEKS_OF_HISTORY: Final = 4
_COLUMNS: Final = {
    "signal": "uuid",
    "factory": "bigint",
    "line": "integer",
    "product": "bigint",
    "week": "date",
    "quantity": "bigint",
    "commitment": "text",
}


class InvalidAnswer(Invalid):
    """The answer names lines that are not in the signal, or commits to more than was asked."""

    code = "invalid_signal_answer"


def raise_(cycle: OrderCycle, pooled: Sequence[Pooled], *, by: Actor, at: datetime) -> list[ProductionSignal]:
    """Send each factory what this cycle firmly ordered and, as a forecast, what the week after will want.

    The forecast is the mean of the last four weeks' pooled demand less the surplus just bought. Publishes
    ProductionSignalRaised. A constant number of statements.
    """
    numbers = take_each("production_signal", (one.factory_id for one in pooled))
    factories = organization.by_id(numbers)
    signals = [
        ProductionSignal(
            number=number("PS", factories[factory_id].code, numbers[factory_id]),
            factory_id=factory_id,
            cycle=cycle,
            created_at=at,
            updated_at=at,
        )
        for factory_id in sorted(numbers)
    ]
    ProductionSignal.objects.bulk_create(signals)
    record(((signal, "propose", "", signal.status) for signal in signals), by=by, at=at)
    lines = _lines(numbers, pooled, at)
    _insert(signals, lines)
    advance_all(signals, "approve", by=by, at=at)
    advance_all(signals, "send", by=by, at=at)
    publish(*(_raised(signal, lines[signal.factory_id], at) for signal in signals))
    return signals


def _raised(signal: ProductionSignal, lines: Sequence[SignalledLine], at: datetime) -> ProductionSignalRaised:
    return ProductionSignalRaised(
        occurred_at=at,
        signal_id=signal.pk,
        number=signal.number,
        factory_id=signal.factory_id,
        lines=tuple(lines),
    )


def _insert(signals: Sequence[ProductionSignal], lines: Mapping[int, Sequence[SignalledLine]]) -> None:
    """Write the lines of all signals in one statement; they are as they are told."""
    rows = (
        (
            signal.pk, signal.factory_id, line.line_number, line.product_id, line.week_start_date, line.quantity,
            line.commitment,
        )
        for signal in signals
        for line in lines[signal.factory_id]
    )  # fmt: skip
    execute(
        f"""
        INSERT INTO orders_productionsignalline
            (signal_id, factory_id, line_number, product_id, week_start_date, quantity, commitment)
        SELECT {", ".join(_COLUMNS)} FROM {unnest(_COLUMNS)}
        """,
        transpose(list(_COLUMNS), rows),
    )


def _lines(
    factories: Iterable[int], pooled: Sequence[Pooled], at: datetime
) -> dict[int, list[SignalledLine]]:
    """Return the lines of each factory's signal: what was bought by week, and an outlook on the week after the last."""
    history = _weekly_demand(pooled, at)
    firm: dict[tuple[int, int], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    surplus: dict[tuple[int, int], int] = defaultdict(int)
    for one in pooled:
        key = (one.factory_id, one.product_id)
        firm[key][demand_policy.monday_of(one.requested_date)] += one.commitment.purchase.quantity
        surplus[key] += one.commitment.purchase.surplus
    lines: dict[int, list[SignalledLine]] = {factory_id: [] for factory_id in factories}
    for (factory_id, product_id), weeks in firm.items():
        wanted = [
            (week, quantity, ProductionSignalLine.Commitment.FIRM.value)
            for week, quantity in sorted(weeks.items())
        ]
        ahead = demand_policy.outlook(
            history.get((factory_id, product_id), []), supply=surplus[factory_id, product_id]
        )
        if ahead:
            after = max(weeks) + timedelta(days=7)
            wanted.append((after, ahead, ProductionSignalLine.Commitment.FORECAST.value))
        for week, quantity, commitment in wanted:
            lines[factory_id].append(
                SignalledLine(
                    line_number=len(lines[factory_id]) + 1,
                    product_id=product_id,
                    week_start_date=week,
                    quantity=quantity,
                    commitment=commitment,
                )
            )
    return lines


def _weekly_demand(pooled: Sequence[Pooled], at: datetime) -> dict[tuple[int, int], list[int]]:
    """Return the demand that was bought in the weeks since the first, at most four, latest last."""
    weeks: dict[tuple[int, int], dict[int, int]] = {}
    for factory_id, product_id, weeks_ago, quantity in fetch(
        """
        SELECT line.factory_id, line.product_id, floor(extract(epoch FROM %(at)s - parent.created_at) / 604800)::int,
            sum(line.quantity - line.surplus_quantity)::bigint
        FROM orders_purchaseorder parent JOIN orders_purchaseorderline line ON line.purchase_order_id = parent.id
        WHERE parent.factory_id = ANY(%(factories)s) AND line.product_id = ANY(%(products)s)
            AND parent.created_at > %(since)s AND parent.created_at <= %(at)s
        GROUP BY 1, 2, 3
        """,
        {
            "at": at,
            "since": at - timedelta(weeks=WEEKS_OF_HISTORY),
            "products": list({one.product_id for one in pooled}),
            "factories": list({one.factory_id for one in pooled}),
        },
    ):
        weeks.setdefault((factory_id, product_id), {})[weeks_ago] = quantity
    return {key: [found.get(ago, 0) for ago in range(max(found), -1, -1)] for key, found in weeks.items()}


def _own(signal: ProductionSignal, by: Actor) -> None:
    if not by.sees_all and (by.kind, by.organization_id) != ("factory", signal.factory_id):
        raise Forbidden("only the factory it was sent to answers a signal")


@unit_of_work()
def acknowledge(signal: ProductionSignal, *, by: Actor, at: datetime) -> ProductionSignal:
    """Note that the factory has read the signal. :raises IllegalTransition: when it is not open."""
    _own(signal, by)
    with acting_as(system("orders")):
        locked = lock_one(ProductionSignal.objects.filter(pk=signal.pk))
        locked.advance("acknowledge", by=by, at=at)
    return locked


@unit_of_work()
def answer(
    signal: ProductionSignal, *, committed: Mapping[int, int], reason: str = "", by: Actor, at: datetime
) -> ProductionSignal:
    """Take what the factory commits to, by line number in base units; nothing at all rejects the signal.

    Lines that are not named keep their earlier commitment, zero when there is none, and what of them is open stays
    open; what a named line is not committed to is rejected. What a plan asked for is bought with the commitment
    (`signal_call_off`).

    :raises InvalidAnswer: when a line is unknown or the commitment not within what was bought and asked.
    """
    _own(signal, by)
    with acting_as(system("orders")):
        locked = lock_one(ProductionSignal.objects.filter(pk=signal.pk))
        lines = list(locked.lines.values_list("line_number", "quantity", "ordered_quantity"))
        asked = {line_number: quantity for line_number, quantity, _ in lines}
        bought = {line_number: ordered for line_number, _, ordered in lines}
        problems = [
            Problem(
                code="invalid_commitment",
                message=f"line {line_number}: {quantity} is not within {bought.get(line_number, 0)} and"
                f" {asked.get(line_number, 0)}",
                pointer=f"/lines/{index}",
                remedy="Commit to at most the quantity asked. What was bought is changed by an answer to its purchase"
                " order.",
            )
            for index, (line_number, quantity) in enumerate(committed.items())
            if not bought.get(line_number, 0) <= quantity <= asked.get(line_number, -1)
        ]
        if problems:
            raise InvalidAnswer(problems=problems)
        verb = "commit" if any(committed.values()) else "reject"
        _write(locked, committed)
        locked.advance(verb, by=by, at=at, reason=reason)
        signal_call_off.buy(locked, by=by, at=at)
    return locked


def _write(signal: ProductionSignal, committed: Mapping[int, int]) -> None:
    columns = {"line_number": "integer", "quantity": "bigint"}
    execute(
        f"""
        UPDATE orders_productionsignalline line
        SET committed_quantity = coalesce(given.quantity, line.committed_quantity, 0),
            rejected_quantity = coalesce(own.quantity - given.quantity, line.rejected_quantity)
        FROM orders_productionsignalline own LEFT JOIN {unnest(columns)} ON given.line_number = own.line_number
        WHERE line.id = own.id AND own.signal_id = %(signal)s
        """,
        {**transpose(list(columns), committed.items()), "signal": signal.pk},
    )

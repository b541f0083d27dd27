"""Tell a factory what to make next, and take its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from b2b.contracts.orders import ProductionSignalRaised, SignalledLine
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Forbidden, Invalid, Problem
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.sequences import number, take
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from orders.models import OrderCycle, ProductionSignal, ProductionSignalLine
from orders.policies import demand as demand_policy
from orders.services.pool import Demand

WEEKS_OF_HISTORY: Final = 4


class InvalidAnswer(Invalid):
    """The answer names lines that are not in the signal, or commits to more than was asked."""

    code = "invalid_signal_answer"


def raise_(cycle: OrderCycle, demand: Demand, *, by: Actor, at: datetime) -> ProductionSignal:
    """Send the factory what this cycle firmly ordered and, as a forecast, what the week after will want.

    The forecast is the mean of the last four weeks' pooled demand less the surplus just bought. Publishes
    ProductionSignalRaised. A constant number of statements.
    """
    signal = ProductionSignal(
        number=number("PS", cycle.factory.code, take("production_signal", cycle.factory_id).start),
        factory_id=cycle.factory_id,
        cycle=cycle,
        created_at=at,
        updated_at=at,
    )
    signal.save(force_insert=True)
    record([(signal, "propose", "", signal.status)], by=by, at=at)
    lines = ProductionSignalLine.objects.bulk_create(_lines(signal, demand, at))
    signal.advance("approve", by=by, at=at)
    signal.advance("send", by=by, at=at)
    publish(
        ProductionSignalRaised(
            occurred_at=at,
            signal_id=signal.pk,
            number=signal.number,
            factory_id=signal.factory_id,
            lines=tuple(
                SignalledLine(
                    line_number=line.line_number,
                    product_id=line.product_id,
                    week_start_date=line.week_start_date,
                    quantity=line.quantity,
                    commitment=line.commitment,
                )
                for line in lines
            ),
        )
    )
    return signal


def _lines(signal: ProductionSignal, demand: Demand, at: datetime) -> list[ProductionSignalLine]:
    history = _weekly_demand(list(demand.purchases), signal.factory_id, at)
    wanted = []
    for product_id, bought in demand.purchases.items():
        week = demand_policy.monday_of(at.date() + timedelta(days=demand.lead_time_days[product_id]))
        wanted.append((product_id, week, bought.quantity, ProductionSignalLine.Commitment.FIRM))
        ahead = demand_policy.outlook(history.get(product_id, []), supply=bought.surplus)
        if ahead:
            later = week + timedelta(days=7)
            wanted.append((product_id, later, ahead, ProductionSignalLine.Commitment.FORECAST))
    return [
        ProductionSignalLine(
            signal=signal,
            factory_id=signal.factory_id,
            line_number=line_number,
            product_id=product_id,
            week_start_date=week,
            quantity=quantity,
            commitment=commitment,
        )
        for line_number, (product_id, week, quantity, commitment) in enumerate(wanted, start=1)
    ]


def _weekly_demand(product_ids: list[int], factory_id: int, at: datetime) -> dict[int, list[int]]:
    """Return pooled quantities of the weeks since the first demand, at most four, latest last."""
    weeks: dict[int, dict[int, int]] = {}
    for product_id, weeks_ago, quantity in fetch(
        """
        SELECT line.product_id, floor(extract(epoch FROM %(at)s - event.at) / 604800)::int, sum(event.quantity)::bigint
        FROM orders_quantityevent event JOIN orders_orderline line ON line.id = event.line_id
        WHERE event.kind = 'pooled' AND event.quantity > 0 AND line.product_id = ANY(%(products)s)
            AND line.factory_id = %(factory)s AND event.at > %(since)s AND event.at <= %(at)s
        GROUP BY 1, 2
        """,
        {
            "at": at,
            "since": at - timedelta(weeks=WEEKS_OF_HISTORY),
            "products": product_ids,
            "factory": factory_id,
        },
    ):
        weeks.setdefault(product_id, {})[weeks_ago] = quantity
    return {
        product_id: [found.get(ago, 0) for ago in range(max(found), -1, -1)]
        for product_id, found in weeks.items()
    }


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

    Lines that are not named keep their earlier commitment, zero when there is none.

    :raises InvalidAnswer: when a line is unknown or the commitment is not within what was asked.
    """
    _own(signal, by)
    with acting_as(system("orders")):
        locked = lock_one(ProductionSignal.objects.filter(pk=signal.pk))
        asked = dict(locked.lines.values_list("line_number", "quantity"))
        problems = [
            Problem(
                code="invalid_commitment",
                message=f"line {line_number}: {quantity} is not within 0 and {asked.get(line_number, 0)}",
                pointer=f"/lines/{index}",
                remedy="Commit to at most the quantity asked.",
            )
            for index, (line_number, quantity) in enumerate(committed.items())
            if not 0 <= quantity <= asked.get(line_number, -1)
        ]
        if problems:
            raise InvalidAnswer(problems=problems)
        verb = "commit" if any(committed.values()) else "reject"
        _write(locked, committed)
        locked.advance(verb, by=by, at=at, reason=reason)
    return locked


def _write(signal: ProductionSignal, committed: Mapping[int, int]) -> None:
    columns = {"line_number": "integer", "quantity": "bigint"}
    execute(
        f"""
        UPDATE orders_productionsignalline line
        SET committed_quantity = coalesce(given.quantity, line.committed_quantity, 0)
        FROM orders_productionsignalline own LEFT JOIN {unnest(columns)} ON given.line_number = own.line_number
        WHERE line.id = own.id AND own.signal_id = %(signal)s
        """,
        {**transpose(list(columns), committed.items()), "signal": signal.pk},
    )

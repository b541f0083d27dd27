"""What a cycle decided for each waiting line: its peg, its price, or why it goes on waiting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Final

from b2b.core.money import exponent
from b2b.db.bulk import execute, fetch, temporary, transpose, unnest
from b2b.db.transactions import Busy
from orders.models import OrderCycle, OrderLine, Peg, ScheduleLine
from orders.policies import tranche
from orders.policies.sharing import SharingRule
from orders.services import quantity
from orders.services.pool import Demand
from orders.services.purchase_order import Pooled
from orders.services.repricing_sql import repriced

# Where the needs of a factory, product and window go; needs without a date are window -1.
_ROUTE: Final = {
    "of_factory": "bigint",
    "of_product": "bigint",
    "of_window": "integer",
    "schedule_line_id": "bigint",
    "purchase_order_line_id": "bigint",
    "pool_unit_price": "numeric",
    "flexed": "bigint",
}
_PEGS: Final = {
    "schedule_id": "bigint",
    "purchase_line_id": "bigint",
    "line_id": "bigint",
    "dealer_id": "bigint",
    "owner": "text",
    "pegged": "bigint",
}
# Who may take more (or fewer) shares it by how much it may, in line order, by cumulative rounding: the parts sum to
# the whole and none is above its own limit.
_FLEXED: Final = """
    CASE WHEN route.flexed > 0 THEN div(route.flexed * sum(line.flex_up) OVER up, sum(line.flex_up) OVER pool)
            - div(route.flexed * (sum(line.flex_up) OVER up - line.flex_up), sum(line.flex_up) OVER pool)
        WHEN route.flexed < 0 THEN
            div(-route.flexed * (sum(line.flex_down) OVER up - line.flex_down), sum(line.flex_down) OVER pool)
            - div(-route.flexed * sum(line.flex_down) OVER up, sum(line.flex_down) OVER pool)
        ELSE 0 END
"""
_WINDOW: Final = """
    WINDOW pool AS (PARTITION BY route.schedule_line_id), up AS (PARTITION BY route.schedule_line_id ORDER BY line.id)
"""


def decide(
    cycle: OrderCycle, demand: Demand, pooled: Sequence[Pooled], schedule: Sequence[Sequence[ScheduleLine]]
) -> str:
    """Return the temporary table of what becomes of each line a cycle found waiting; one statement.

    A line has the first `schedule_line_id` of its pool when it joined, and a `waiting_reason` when it did not and stock
    did not cover it.
    """
    rows = []
    for one, (line, *_) in zip(pooled, schedule, strict=True):
        row = (
            line.pk, line.purchase_order_line_id, one.commitment.purchase.unit_price, one.commitment.flexed
        )  # fmt: skip
        rows.append((one.factory_id, one.product_id, one.window_number, *row))
        if one.takes_undated:
            rows.append((one.factory_id, one.product_id, -1, *row))
    is_flexed = any(one.commitment.flexed for one in pooled)
    joined = f"""
        SELECT line.*, route.schedule_line_id, route.purchase_order_line_id, route.pool_unit_price AS route_price,
            {"(" + _FLEXED + ")::bigint" if is_flexed else "0::bigint"} AS flexed
        FROM {demand.needs} line LEFT JOIN {unnest(_ROUTE, "route")}
            ON route.of_factory = line.factory_id AND route.of_product = line.product_id
            AND route.of_window = line.window_number AND line.need > 0
            AND (line.ceiling IS NULL OR line.ceiling >= route.pool_unit_price)
        {_WINDOW if is_flexed else ""}
    """
    sized = f"""
        SELECT joined.*, joined.priced_quantity + joined.flexed AS line_quantity,
            CASE WHEN schedule_line_id IS NOT NULL THEN need + flexed ELSE 0 END + taken AS pooled_quantity,
            -- What came of an earlier surplus is paid as it was bought.
            CASE WHEN taken = 0 THEN route_price * (need + flexed)
                ELSE taken_cost + coalesce(route_price * (need + flexed), 0) END AS pool_cost,
            CASE WHEN schedule_line_id IS NOT NULL OR need = 0 THEN ''
                WHEN is_on_sale THEN '{OrderLine.Waiting.PRICE}' ELSE '{OrderLine.Waiting.NOT_ON_SALE}'
            END AS waiting_reason
        FROM ({joined}) joined
    """
    rule = SharingRule(**cycle.policy["sharing"])
    return temporary(
        repriced(sized),
        {
            **demand.given,
            **transpose(list(_ROUTE), rows),
            "places": exponent(cycle.currency),
            "dealer": rule.dealer,
            "platform": rule.platform if rule.platform + rule.factory else 1,
            "others": rule.platform + rule.factory or 1,
        },
        name="pool_outcome",
    )


def write(
    cycle: OrderCycle,
    outcome: str,
    pooled: Sequence[Pooled],
    schedule: Sequence[Sequence[ScheduleLine]],
    *,
    lines: int,
    at: datetime,
) -> None:
    """Write pegs, quantities, prices and reasons of all `lines` of an outcome; three statements, or four.

    The pegs of a schedule line sum to its quantity: order lines first, the surplus to its named owner. Where a pool is
    bought in parts of several prices all its lines have the same mix of them. A line that was served belongs to this
    cycle from now on, one that was not to none.

    :raises Busy: when somebody moved a line meanwhile without holding it.
    """
    owner = cycle.policy.get("surplus", Peg.SurplusOwner.PLATFORM)
    divided = {group[0].pk: group for group in schedule if len(group) > 1}
    execute(
        f"""
        INSERT INTO orders_peg (schedule_line_id, purchase_order_line_id, order_line_id, dealer_id, surplus_owner,
            pegged, allocated, received)
        SELECT schedule_line_id, purchase_order_line_id, id, dealer_id, '', pooled_quantity - taken, 0, 0
        FROM {outcome} WHERE pooled_quantity > taken AND NOT schedule_line_id = ANY(%(divided)s)
        UNION ALL
        SELECT schedule_id, purchase_line_id, line_id, dealer_id, owner, pegged, 0, 0 FROM {unnest(_PEGS)}
        ORDER BY 2, 1, 3
        """,
        {
            **transpose(list(_PEGS), [*_mixed(outcome, divided), *_surplus(pooled, schedule, owner)]),
            "divided": list(divided),
        },
    )
    quantity.tell(
        f"""
        SELECT line.id, line.dealer_id, told.kind, told.quantity FROM {outcome} line
        CROSS JOIN LATERAL (VALUES ('requested', line.flexed), ('covered', line.newly_covered),
            ('pooled', line.pooled_quantity - line.taken)) told (kind, quantity)
        """,
        source=f"cycle:{cycle.pk}",
        at=at,
    )
    moved = execute(
        f"""
        UPDATE orders_orderline line SET
            quantity = line.quantity + found.flexed, requested = line.requested + found.flexed,
            flex_up = line.flex_up - greatest(found.flexed, 0), flex_down = line.flex_down + least(found.flexed, 0),
            covered = line.covered + found.newly_covered, pooled = line.pooled + found.pooled_quantity - found.taken,
            unit_price = found.new_unit_price,
            net_amount = CASE WHEN found.is_changed THEN found.new_net_amount ELSE line.net_amount END,
            tax_amount = CASE WHEN found.is_changed THEN found.new_tax_amount ELSE line.tax_amount END,
            waiting_reason = found.waiting_reason,
            cycle_id = CASE WHEN found.waiting_reason = '' THEN %(cycle)s END
        FROM {outcome} found
        WHERE line.id = found.id
            AND line.requested - line.cancelled - line.covered - line.pooled = found.waiting - found.taken
        """,
        {"cycle": cycle.pk},
    )
    if moved != lines:
        raise Busy("a line was moved while its cycle closed")


def _mixed(outcome: str, divided: Mapping[int, Sequence[ScheduleLine]]) -> Iterator[tuple[object, ...]]:
    """Yield the pegs of the lines whose pools are bought in parts."""
    if not divided:
        return
    found = fetch(
        f"""
        SELECT schedule_line_id, id, dealer_id, pooled_quantity - taken FROM {outcome}
        WHERE pooled_quantity > taken AND schedule_line_id = ANY(%s) ORDER BY schedule_line_id, id
        """,
        [list(divided)],
    )
    for first, rows in groupby(found, key=itemgetter(0)):
        group, needs = divided[first], list(rows)
        wanted = [units for *_, units in needs]
        surplus = sum(line.quantity for line in group) - sum(wanted)
        mix = tranche.spread([*wanted, surplus], [line.quantity for line in group])
        for line, parts in zip(group, mix, strict=True):
            for (_, line_id, dealer_id, _), units in zip(needs, parts[:-1], strict=True):
                if units:
                    yield line.pk, line.purchase_order_line_id, line_id, dealer_id, "", units


def _surplus(
    pooled: Sequence[Pooled], schedule: Sequence[Sequence[ScheduleLine]], owner: str
) -> Iterator[tuple[object, ...]]:
    """Yield the pegs of what nobody ordered."""
    for one, group in zip(pooled, schedule, strict=True):
        parts = tranche.last_of(one.commitment.purchase.surplus, [line.quantity for line in group])
        for line, units in zip(group, parts, strict=True):
            if units:
                yield line.pk, line.purchase_order_line_id, None, None, owner, units

"""Let orders replace the forecast of their weeks, and keep which order took the place of which week's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from b2b.db.bulk import execute, fetch, staged
from orders.policies import demand

if TYPE_CHECKING:
    from orders.services.production_plan import Asked

# Everything confirmed for these weeks that has not left, whoever serves it: it is no forecast any more. In one fixed
# order, so that a plan made again takes the same.
_CONFIRMED: Final = """
    SELECT line.product_id, greatest(0, (line.need_by_date - %(monday)s) / 7) AS week,
        line.requested - line.cancelled - line.shipped, line.id
    FROM orders_orderline line JOIN orders_order parent ON parent.id = line.order_id AND parent.status = 'CONFIRMED'
    WHERE line.factory_id = %(factory)s AND line.need_by_date < %(until)s AND line.product_id = ANY(%(products)s)
        AND line.requested > line.cancelled + line.shipped
    ORDER BY line.product_id, week, line.need_by_date, line.id
"""
Quantities = NDArray[np.int64]
_COLUMNS: Final = {
    "order_line_id": "bigint", "asked_week_date": "date", "week_start_date": "date", "quantity": "bigint",
}  # fmt: skip


def take(asked: Asked, gross: Quantities, place: Mapping[int, int]) -> Quantities:
    """Return what orders leave of a forecast (products x weeks; `place` is each product's row).

    What the plan before found is written anew. Three statements.
    """
    left = gross.copy()
    rows = list(_rows(asked, left, place))
    execute(
        """
        DELETE FROM orders_forecastconsumption USING orders_planrun run
        WHERE run.id = run_id AND run.factory_id = %(factory)s
        """,
        asked.params,
    )
    with staged(_COLUMNS, rows, analyzed=False) as table:
        names = ", ".join(_COLUMNS)
        execute(
            f"INSERT INTO orders_forecastconsumption (run_id, {names}) SELECT %s, {names} FROM {table}",
            [asked.run.pk],
        )
    return left


def _rows(asked: Asked, left: Quantities, place: Mapping[int, int]) -> Iterator[tuple[Any, ...]]:
    """Yield what each order takes, and take it out of `left`."""
    many, terms = left.shape[1], asked.terms
    until = demand.after(asked.mondays[-1])
    wanted = fetch(_CONFIRMED, {**asked.params, "until": until, "products": list(place)})
    for product, group in groupby(wanted, key=itemgetter(0)):
        lines = [(week, quantity, key) for _, week, quantity, key in group]
        weekly = left[place[product]]
        taken: dict[int, int] = defaultdict(int)
        for index, week, quantity in demand.consumption(
            weekly.tolist(), [line[:2] for line in lines],
            back=terms.consume_back_weeks, forward=terms.consume_forward_weeks,
        ):  # fmt: skip
            asked_week, _, key = lines[index]
            yield key, asked.mondays[asked_week], None if week is None else asked.mondays[week], quantity
            if week is not None:
                taken[week] += quantity
        weekly -= np.array([taken[week] for week in range(many)], dtype=np.int64)

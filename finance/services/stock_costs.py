"""Keep what goods cost beyond their price, and value them anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from b2b.contracts.returns import LandedCost
from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import execute, transpose
from b2b.db.transactions import unit_of_work
from finance.models import StockCost
from finance.services import chart, valuation
from finance.services import valuation_sql as sql


@unit_of_work()
def record(
    *, source: str, version: int, currency: str, lines: Iterable[LandedCost], by: Actor, at: datetime
) -> int:
    """Keep what a source costs the goods of purchase lines; return how many movements are worth something else now.

    It replaces what the source told before. Goods bear it by the quantity received, those that were sold in cost of
    sales; what is not received yet bears nothing.

    :raises RateMissing: for a currency the books are not kept in.
    """
    if currency != chart.seller().currency:
        raise valuation.RateMissing(f"no rate of {currency} is known")
    valuation.begin()
    rows = [(line.purchase_order_line_id, Money(line.amount, currency).minor) for line in lines]
    given = {"source": source, "version": version, "currency": currency, **transpose(list(sql.COST), rows)}
    if not execute(sql.FORGET_COSTS, given) + execute(sql.KEEP_COSTS, given):
        return 0
    touched = StockCost.objects.filter(source=source).values_list("purchase_order_line_id", flat=True)
    return valuation.revalue(purchase_lines=list(touched), by=by, at=at)

"""Give pooled lines the price of the pool, by the cycle's declared sharing rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from b2b.core.actor import Actor, acting_as, system
from b2b.core.money import Money, round_to_currency
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.models import advance_all
from b2b.outbox.publish import publish
from orders import ports
from orders.models import Order, OrderCycle
from orders.policies.sharing import LineSaving, SharingRule, reprice
from orders.selectors import ordered_lines
from orders.services.pool import Demand, PooledLine

_COLUMNS: Final = {
    "line_id": "bigint",
    "unit_price": "numeric",
    "net_amount": "numeric",
    "tax_amount": "numeric",
}


@dataclass(frozen=True, slots=True)
class Repriced:
    """A pooled line and what it saved."""

    line: PooledLine
    saving: LineSaving


def apply(cycle: OrderCycle, demand: Demand, *, by: Actor, at: datetime) -> list[Repriced]:
    """Lower the prices of the pooled lines and tell of every changed order (OrderChanged).

    Credit holds follow. A constant number of statements.
    """
    rule = SharingRule(**cycle.policy["sharing"])
    repriced = [Repriced(line, _saving(line, demand, cycle.currency, rule)) for line in demand.lines]
    changed = {one.line.order_id for one in repriced if one.saving.unit_price < one.line.unit_price}
    orders = [order for order in demand.orders if order.pk in changed]
    if orders:
        _write(repriced, cycle.currency)
        advance_all(orders, "reprice", by=by, at=at, reason=f"pooled in {cycle.number}")
        _total(orders)
        _lower_credit(orders, at=at)
        _tell(orders, cycle, at=at)
    return repriced


def _saving(line: PooledLine, demand: Demand, currency: str, rule: SharingRule) -> LineSaving:
    return reprice(
        quantity=line.quantity,
        pooled_quantity=line.pooled_quantity,
        unit_price=line.unit_price,
        solo_unit_price=line.solo_unit_price,
        pool_unit_price=demand.purchases[line.product_id].unit_price,
        currency=currency,
        rule=rule,
    )


def _write(repriced: list[Repriced], currency: str) -> None:
    rows = (
        (
            one.line.line_id,
            one.saving.unit_price,
            one.saving.net_amount,
            round_to_currency(one.saving.net_amount * one.line.tax_rate, currency),
        )
        for one in repriced
    )
    execute(
        f"""
        UPDATE orders_orderline line SET unit_price = given.unit_price, net_amount = given.net_amount,
            tax_amount = given.tax_amount
        FROM {unnest(_COLUMNS)} WHERE line.id = given.line_id
        """,
        transpose(list(_COLUMNS), rows),
    )


def _total(orders: list[Order]) -> None:
    by_id = {order.pk: order for order in orders}
    for order_id, net, tax, gross in fetch(
        """
        UPDATE orders_order parent
        SET total_net = sums.net, total_tax = sums.tax, total_gross = sums.net + sums.tax
        FROM (SELECT order_id, sum(net_amount) AS net, sum(tax_amount) AS tax FROM orders_orderline
              WHERE order_id = ANY(%s) GROUP BY order_id) sums
        WHERE parent.id = sums.order_id
        RETURNING parent.id, parent.total_net, parent.total_tax, parent.total_gross
        """,
        [list(by_id)],
    ):
        order = by_id[order_id]
        order.total_net, order.total_tax, order.total_gross = net, tax, gross


def _lower_credit(orders: list[Order], *, at: datetime) -> None:
    with acting_as(system("credit")):
        ports.credit().lower(
            amounts={order.pk: Money.of(order.total_gross, order.currency) for order in orders}, at=at
        )


def _tell(orders: list[Order], cycle: OrderCycle, *, at: datetime) -> None:
    lines = ordered_lines.of_orders(order.pk for order in orders)
    reason = f"pooled in {cycle.number}"
    publish(*(ordered_lines.changed(order, lines[order.pk], reason=reason, at=at) for order in orders))

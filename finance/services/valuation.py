"""Value the platform's own stock: what its movements are worth follows from the facts known, whenever they came."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import NotYet
from b2b.core.money import Money
from b2b.db.bulk import execute, fetch, literal, transpose
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from finance.policies import tax, valuation
from finance.policies.valuation import FIFO, Layer, Movement, Shipped, Stock, Valued
from finance.services import chart, gr_ir, stock_booking
from finance.services import valuation_sql as sql

CHECKPOINT_EVERY: Final = (
    100  # movements of one stock that a late fact makes us value anew, beyond those after it
)

Key = tuple[int, int]  # product, site


class RateMissing(NotYet):
    """Goods were bought in a currency that the books are not kept in, and no rate is known."""

    code = "rate_missing"


@dataclass(slots=True)
class Row:
    """A movement as it is kept, with what is known of its price."""

    id: int
    stock_id: int
    movement: UUID
    position: int
    quantity: int
    kind: str
    shipment_id: UUID | None
    is_void: bool
    is_valued: bool
    value: int
    absorbed: int
    extra: int
    document_type: str
    document_id: UUID
    effective_at: datetime
    purchase_order_line_id: int | None
    unit_price: Decimal | None
    currency: str | None
    factory_id: int | None
    received: int | None
    received_in_all: int | None
    costs: int
    is_transfer: bool
    sibling_cost: int | None
    method: str


@dataclass(slots=True)
class Held:
    """A stock that is valued anew from after `position` on; `stock` is its state there and follows."""

    id: int
    product_id: int
    site_id: int
    version: int
    position: int
    movements: int
    stock: Stock


@dataclass(frozen=True, slots=True)
class Worth:
    """What a movement turned out to be worth."""

    row: Row
    value: int
    absorbed: int
    extra: int

    @property
    def is_news(self) -> bool:
        """Whether this is not booked yet."""
        row = self.row
        return not row.is_valued or (row.value, row.absorbed, row.extra) != (
            self.value,
            self.absorbed,
            self.extra,
        )


def begin() -> None:
    """Wait until nobody else values: goods of one stock may be worth what those of another cost."""
    advisory_lock("finance.stock_value")


@unit_of_work()
def revalue(
    changed: Collection[int] = (), *, purchase_lines: Collection[int] = (), by: Actor, at: datetime
) -> int:
    """Derive anew what movements are worth from the first changed one on, and book what differs; return how many.

    `changed` are movements that are new or count otherwise than before, `purchase_lines` those whose price or costs
    changed. A constant number of statements, but for stocks that follow each other through several sites. Movements
    that were booked before are corrected by entries of the day of `at`.

    :raises RateMissing: when goods were bought in a currency of which no rate is known.
    """
    begin()
    if not changed and not purchase_lines:
        return 0
    seeds = fetch(sql.SEEDS, {"changed": list(changed), "purchase_lines": list(purchase_lines)})
    if not seeds:
        return 0
    currency = chart.seller().currency
    held = _held(_closure({(product, site): position for product, site, position in seeds}), currency)
    rows = _rows(held.values(), currency)
    passed = _after(held.values())
    worths, checkpoints = _value(rows, held)
    news = [worth for worth in worths if worth.is_news]
    if news:
        execute(sql.FORGET, passed)
        _keep(held.values(), checkpoints)
        columns = ((one.row.id, one.value, one.absorbed, one.extra) for one in news)
        execute(sql.WRITE_WORTH, transpose(list(sql.WORTH), columns))
        stock_booking.book(news, held, currency, by=by, at=at)
    gr_ir.accrue([row.id for row in rows if row.purchase_order_line_id], currency, by=by, at=at)
    return len(news)


def _closure(wanted: dict[Key, int]) -> dict[Key, int]:
    """Add the stocks that get goods out of these at what they cost there."""
    while True:
        rows = ((product, site, position) for (product, site), position in wanted.items())
        grown = dict(wanted)
        for product, site, position in fetch(sql.LINKED, transpose(list(sql.HELD), rows)):
            grown[product, site] = min(position, grown.get((product, site), position))
        if grown == wanted:
            return wanted
        wanted = grown


def _held(wanted: dict[Key, int], currency: str) -> dict[int, Held]:
    """Return the stocks with their last state before what is to be valued anew."""
    given = transpose(list(sql.HELD), ((*key, position) for key, position in sorted(wanted.items())))
    execute(sql.OPEN, {**given, "currency": currency})
    held = {}
    for key, product, site, version, position, movements, *state in fetch(sql.STATES, given):
        held[key] = Held(key, product, site, version, position or 0, movements or 0, _stock(state))
    return held


def _stock(state: Sequence[Any]) -> Stock:
    quantity, value, rate_quantity, rate_value, *layers = state
    if quantity is None:
        return Stock()
    known = [Layer(*layer) for layer in zip(*layers, strict=True)]
    return Stock(quantity, value, known, rate_quantity, rate_value)


def _after(held: Iterable[Held]) -> dict[str, str]:
    return transpose(list(sql.AFTER), ((one.id, one.product_id, one.site_id, one.position) for one in held))


def _rows(held: Iterable[Held], currency: str) -> list[Row]:
    rows = [Row(*row) for row in fetch(sql.ROWS, {**_after(held), "method": FIFO})]
    foreign = {row.currency for row in rows if row.currency not in (None, currency)}
    if foreign:
        raise RateMissing(
            f"the books are kept in {currency}: no rate of {', '.join(map(str, foreign))} is known"
        )
    return rows


def _value(rows: Sequence[Row], held: dict[int, Held]) -> tuple[list[Worth], list[Held]]:
    """Run the policy over the rows; return what each is worth, and states to keep on the way."""
    product_of = {one.id: one.product_id for one in held.values()}
    extras = [_extra(row) for row in rows]
    worths, checkpoints = [], []
    transfers = {
        row.movement: row.sibling_cost
        for row in rows
        if row.is_transfer and row.quantity > 0 and row.sibling_cost is not None
    }
    valued = valuation.run(
        (_movement(row, extra) for row, extra in zip(rows, extras, strict=True)),
        {one.id: one.stock for one in held.values()},
        transfers,
        _shipped(rows, held),
        product_of,
    )
    for row, extra, (_, result) in zip(rows, extras, valued, strict=True):
        worths.append(_worth(row, result, extra))
        stock = held[row.stock_id]
        stock.position = row.position
        stock.movements += 1
        if stock.movements % CHECKPOINT_EVERY == 0:
            state = stock.stock.copy()
            checkpoints.append(
                Held(
                    stock.id,
                    stock.product_id,
                    stock.site_id,
                    stock.version,
                    row.position,
                    stock.movements,
                    state,
                )
            )
    return worths, checkpoints


def _extra(row: Row) -> int:
    """Return the part of a receipt in what its purchase line costs beyond the price, by quantity received."""
    if row.is_void or not row.costs or row.received is None or not row.received_in_all:
        return 0
    upto = valuation.share(row.costs, row.received, row.received_in_all)
    return upto - valuation.share(row.costs, row.received - row.quantity, row.received_in_all)


def _movement(row: Row, extra: int) -> Movement:
    worth = None
    if row.unit_price is not None and row.received is not None and row.currency is not None:
        # From one sum to the next, so that the receipts of a line come to its price times its quantity.
        upto = tax.line_net(row.received, row.unit_price, row.currency)
        before = tax.line_net(row.received - row.quantity, row.unit_price, row.currency)
        worth = Money(upto - before, row.currency).minor + extra
    return Movement(
        row.id,
        row.stock_id,
        row.quantity,
        method=row.method,
        worth=worth,
        transfer=row.movement if row.is_transfer else None,
        shipment=row.shipment_id,
        is_void=row.is_void,
    )


def _worth(row: Row, result: Valued, extra: int) -> Worth:
    return Worth(row, result.value, result.absorbed, extra)


def _shipped(rows: Sequence[Row], held: dict[int, Held]) -> dict[tuple[UUID, int], Shipped]:
    first: dict[tuple[UUID, int], int] = {}
    for row in rows:
        if row.shipment_id is not None and row.quantity > 0 and not row.is_void:
            first.setdefault((row.shipment_id, held[row.stock_id].product_id), row.position)
    if not first:
        return {}
    given = {**_after(held.values()), **transpose(list(sql.BACK), ((*key, at) for key, at in first.items()))}
    return {(shipment, product): Shipped(*out) for shipment, product, *out in fetch(sql.SHIPPED, given)}


def _keep(held: Collection[Held], checkpoints: Sequence[Held]) -> None:
    """Write the present states, and replace the checkpoints that were passed."""
    execute(sql.WRITE_STATE, transpose(list(sql.KEPT), map(_state, held)))
    if checkpoints:
        execute(sql.KEEP, transpose(list(sql.KEPT), map(_state, checkpoints)))


def _state(one: Held) -> tuple[object, ...]:
    stock = one.stock
    return (
        one.id,
        one.position,
        one.movements,
        stock.quantity,
        stock.value,
        stock.rate_quantity,
        stock.rate_value,
        literal([layer.source_id for layer in stock.layers]),
        literal([layer.quantity for layer in stock.layers]),
        literal([layer.value for layer in stock.layers]),
        literal([layer.taken for layer in stock.layers]),
    )

"""What stock costs: layers that are used up to exactly nothing, in minor units (IAS 2, paragraphs 25 and 27)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

FIFO: Final = "FIFO"
MOVING_AVERAGE: Final = "MOVING_AVERAGE"


@dataclass(frozen=True, slots=True)
class Layer:
    """Units that came together, what they were worth then, and how many of them have gone."""

    source_id: int
    quantity: int
    value: int
    taken: int = 0

    @property
    def left(self) -> int:
        """Units that are still there."""
        return self.quantity - self.taken

    def cost(self, part: int) -> int:
        """Return what the next `part` units are worth.

        Rounded from one sum to the next: never more than half a minor unit off, and all parts come to the value.
        """
        gone = share(self.value, self.taken, self.quantity)
        return share(self.value, self.taken + part, self.quantity) - gone


@dataclass(slots=True)
class Stock:
    """One product at one site. Below zero there are no layers: what comes next fills the gap first.

    The rate is what `rate_quantity` units were worth when there last were any.
    """

    quantity: int = 0
    value: int = 0
    layers: list[Layer] = field(default_factory=list)
    rate_quantity: int = 0
    rate_value: int = 0

    def copy(self) -> Stock:
        """Return the state as it is now."""
        return replace(self, layers=list(self.layers))


@dataclass(frozen=True, slots=True)
class Movement:
    """Units that came (positive) or went (negative), base units.

    `worth` is what received goods cost, when a price says so. Goods that left one site for another are known by
    `transfer`, those that come back by `shipment`. A void one was taken back, or takes another back.
    """

    id: int
    stock_id: int
    quantity: int
    method: str = FIFO
    worth: int | None = None
    transfer: UUID | None = None
    shipment: UUID | None = None
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class Valued:
    """How a movement changed the value of its stock; `absorbed` is what filled a gap that goods had left before."""

    value: int = 0
    absorbed: int = 0


@dataclass(slots=True)
class Shipped:
    """What is out with a shipment and may come back at what it cost."""

    quantity: int = 0
    value: int = 0


def share(value: int, part: int, whole: int) -> int:
    """Return `part` of `whole` of a value, rounded half up; the whole of it is all of the value."""
    return (2 * value * part + whole) // (2 * whole)


def run(
    movements: Iterable[Movement],
    stocks: dict[int, Stock],
    transfers: dict[UUID, int],
    shipments: dict[tuple[UUID, int], Shipped],
    product_of: dict[int, int],
) -> Iterator[tuple[Movement, Valued]]:
    """Value movements one after the other, in the order of the stock ledger, and let `stocks` follow.

    What goes takes the oldest layers, or its part of the average; what comes is worth its price, what it was worth
    where it comes from, or the present rate. Nothing is left of a layer that is used up. What a movement is
    worth depends on nothing that comes after it.
    """
    for one in movements:
        stock = stocks[one.stock_id]
        if one.is_void:
            yield one, Valued()
            continue
        out = (
            shipments.setdefault((one.shipment, product_of[one.stock_id]), Shipped())
            if one.shipment
            else None
        )
        if one.method == MOVING_AVERAGE:
            _merge(stock)
        if one.quantity < 0:
            cost = _take(stock, -one.quantity)
            valued = Valued(-cost)
            if one.transfer is not None:
                transfers[one.transfer] = cost
            if out is not None:
                out.quantity -= one.quantity
                out.value += cost
        else:
            worth = _worth(one, stock, transfers, out)
            valued = _put(stock, one, worth)
            if out is not None:
                out.quantity -= one.quantity
                out.value -= worth
            if one.method == MOVING_AVERAGE:
                _merge(stock)
        if stock.quantity > 0:
            stock.rate_quantity, stock.rate_value = stock.quantity, stock.value
        yield one, valued


def _worth(one: Movement, stock: Stock, transfers: dict[UUID, int], out: Shipped | None) -> int:
    if one.worth is not None:
        return one.worth
    if one.transfer is not None and one.transfer in transfers:
        return transfers[one.transfer]
    if out is not None and out.quantity >= one.quantity:
        return share(out.value, one.quantity, out.quantity)
    return share(stock.rate_value, one.quantity, stock.rate_quantity) if stock.rate_quantity else 0


def _take(stock: Stock, quantity: int) -> int:
    """Take units out of the oldest layers and return what they were worth; what is not there is worth nothing."""
    stock.quantity -= quantity
    cost = used = 0
    for layer in stock.layers:
        if not quantity:
            break
        part = min(quantity, layer.left)
        cost += layer.cost(part)
        quantity -= part
        if part < layer.left:
            stock.layers[used] = replace(layer, taken=layer.taken + part)
            break
        used += 1
    del stock.layers[:used]
    stock.value -= cost
    return cost


def _put(stock: Stock, one: Movement, worth: int) -> Valued:
    gap = min(one.quantity, max(0, -stock.quantity))
    absorbed = share(worth, gap, one.quantity)
    stock.quantity += one.quantity
    stock.value += worth - absorbed
    if gap < one.quantity:
        stock.layers.append(Layer(one.id, one.quantity - gap, worth - absorbed))
    return Valued(worth - absorbed, absorbed)


def _merge(stock: Stock) -> None:
    if len(stock.layers) > 1:
        stock.layers[:] = [Layer(stock.layers[-1].source_id, stock.quantity, stock.value)]

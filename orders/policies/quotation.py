"""Compare what suppliers offer: the cost of each line at the quantity it really takes, and of whole scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from orders.policies.pooling import plan
from orders.policies.pricing import Break

BEST_PRICE: Final = "best_price"
FASTEST: Final = "fastest"
ONE_SUPPLIER: Final = "one_supplier"


@dataclass(frozen=True, slots=True)
class Offer:
    """A supplier's offer for a requested line; quantities in base units, `breaks` ascending by quantity."""

    offer_id: int
    supplier_id: int
    line_number: int
    moq: int
    order_multiple: int
    lead_time_days: int
    breaks: tuple[Break, ...]
    is_alternate: bool = False


@dataclass(frozen=True, slots=True)
class PricedOffer:
    """An offer with what has to be bought of it to cover the line, at which price, and the cost of that."""

    offer: Offer
    quantity: int
    unit_price: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way to buy all lines: which offer for which line, what it costs, how long the slowest takes.

    `missing` are the lines nobody in the scenario offers; only without them is it complete.
    """

    name: str
    supplier_id: int | None
    chosen: Mapping[int, PricedOffer]
    missing: tuple[int, ...]
    cost: Decimal
    lead_time_days: int

    @property
    def is_complete(self) -> bool:
        """Tell whether every requested line is covered."""
        return not self.missing


def price(offer: Offer, need: int) -> PricedOffer | None:
    """Return the cheapest way to cover `need` base units by an offer, None when its price table has none for it.

    The minimum, the multiple and a cheaper break above are taken into account: the cost is what is really paid.
    """
    bought = plan(need, minimum=offer.moq, multiple=offer.order_multiple, breaks=offer.breaks)
    if bought is None:
        return None
    return PricedOffer(offer, bought.quantity, bought.unit_price, bought.unit_price * bought.quantity)


def rank(needs: Mapping[int, int], offers: Sequence[Offer]) -> dict[int, list[PricedOffer]]:
    """Return the offers of every requested line, cheapest first; equal costs by lead time, then by age."""
    ranked: dict[int, list[PricedOffer]] = {number: [] for number in needs}
    for offer in offers:
        if offer.line_number in needs and (priced := price(offer, needs[offer.line_number])) is not None:
            ranked[offer.line_number].append(priced)
    for found in ranked.values():
        found.sort(key=lambda one: (one.cost, one.offer.lead_time_days, one.offer.offer_id))
    return ranked


def scenarios(needs: Mapping[int, int], offers: Sequence[Offer]) -> list[Scenario]:
    """Return the scenarios worth looking at: best price by line, fastest by line, and each supplier alone.

    Promise: no complete scenario costs less than the best price, none is faster than the fastest.
    """
    ranked = rank(needs, offers)
    found = [
        _scenario(BEST_PRICE, None, needs, {number: line[0] for number, line in ranked.items() if line}),
        _scenario(
            FASTEST,
            None,
            needs,
            {number: min(line, key=_speed) for number, line in ranked.items() if line},
        ),
    ]
    for supplier_id in sorted({offer.supplier_id for offer in offers}):
        own = {
            number: next((one for one in line if one.offer.supplier_id == supplier_id), None)
            for number, line in ranked.items()
        }
        chosen = {number: one for number, one in own.items() if one is not None}
        found.append(_scenario(ONE_SUPPLIER, supplier_id, needs, chosen))
    return found


def _speed(one: PricedOffer) -> tuple[int, Decimal, int]:
    return one.offer.lead_time_days, one.cost, one.offer.offer_id


def _scenario(
    name: str, supplier_id: int | None, needs: Mapping[int, int], chosen: Mapping[int, PricedOffer]
) -> Scenario:
    return Scenario(
        name=name,
        supplier_id=supplier_id,
        chosen=chosen,
        missing=tuple(number for number in needs if number not in chosen),
        cost=sum((one.cost for one in chosen.values()), Decimal(0)),
        lead_time_days=max((one.offer.lead_time_days for one in chosen.values()), default=0),
    )

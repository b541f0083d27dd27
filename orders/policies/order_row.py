"""Judge the rows of an order: each gets a result, each fault its row, field and remedy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any, Final, Literal, NamedTuple

from b2b.core.errors import Problem
from b2b.core.money import exponent, round_to_currency
from b2b.core.quantity import round_up_to_multiple
from orders.policies.cell import Fault
from orders.policies.order_facts import Facts, ProductFacts, TradeFacts
from orders.policies.pooling import smallest
from orders.policies.pricing import Break, choose, following
from orders.policies.raw_row import RawRow
from orders.policies.row_reading import Entry, Kind, Reader
from orders.policies.row_result import RowResult

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a product costs all rows of the order that want it, and what is wrong with all of them."""

    product: ProductFacts
    trade: TradeFacts
    wanted: int
    unit_price: Decimal
    next_break: Break | None
    expected_date: date
    faults: tuple[Fault, ...]


def judge(rows: Sequence[RawRow], facts: Facts) -> list[RowResult]:
    """Return one result per row, in order. The price break and the minimum hold on the order's sum of a product."""
    entries = Reader(facts).read(rows)
    by_kind: dict[Kind, int] = defaultdict(int)
    for _, kind, _, quantity, _ in entries:
        by_kind[kind] += quantity
    wanted: dict[int, int] = defaultdict(int)
    products: dict[int, ProductFacts] = {}
    for kind, quantity in by_kind.items():
        if product := kind.item.product:
            products[product.product_id] = product
            wanted[product.product_id] += quantity
    offers = {key: _offer(products[key], quantity, facts) for key, quantity in wanted.items()}
    results = _priced(entries, offers, facts)
    return _above_order_minimum(results, facts)


def judge_alone(rows: Sequence[RawRow], facts: Facts) -> list[RowResult]:
    """Judge until the good rows stand alone: no break or minimum rests on a row that is refused."""
    results = judge(rows, facts)
    kept = [index for index, result in enumerate(results) if not result.problems]
    while len(kept) < len(results):
        again = judge([rows[index] for index in kept], facts)
        for index, result in zip(kept, again, strict=True):
            results[index] = result
        if all(result.ok for result in again):
            break
        kept = [index for index in kept if results[index].ok]
    return results


def _offer(product: ProductFacts, wanted: int, facts: Facts) -> _Offer | Fault:
    trade = facts.trade.get(product.product_id)
    held = choose(trade.breaks, wanted) if trade else None
    if trade is None or held is None:
        lowest = f" below {trade.breaks[0].min_quantity}" if trade else ""
        return Fault(
            "no_price",
            "sku",
            f"{product.sku} has no price in {facts.currency}{lowest}",
            "Order more of it." if trade else "Ask the operator for a price agreement.",
        )
    return _Offer(
        product=product,
        trade=trade,
        wanted=wanted,
        unit_price=held.unit_price,
        next_break=following(trade.breaks, wanted),
        expected_date=facts.expected_date(product, trade, wanted),
        faults=_of_the_sum(product, trade, wanted),
    )


def _of_the_sum(product: ProductFacts, trade: TradeFacts, wanted: int) -> tuple[Fault, ...]:
    faults = []
    if wanted < trade.min_quantity:
        least = smallest(wanted, minimum=trade.min_quantity, multiple=trade.order_multiple)
        faults.append(
            Fault(
                "below_minimum",
                "quantity",
                f"{wanted} of {product.sku} is below the minimum of {trade.min_quantity}",
                f"Order at least {least} base units.",
            )
        )
    if trade.max_quantity is not None and wanted > trade.max_quantity:
        faults.append(
            Fault(
                "above_maximum",
                "quantity",
                f"{wanted} of {product.sku} is above the maximum of {trade.max_quantity}",
                f"Order at most {trade.max_quantity} base units.",
            )
        )
    return tuple(faults)


class _Quoted(NamedTuple):
    """A kind of row with what it costs: `tail` is what all its results say, `first` the row that names the place."""

    offer: _Offer
    unit_price: Decimal
    tax_rate: Decimal
    order_multiple: int
    first: list[int]
    tail: tuple[Any, ...]


def _priced(entries: Sequence[Entry], offers: dict[int, _Offer | Fault], facts: Facts) -> list[RowResult]:
    cent = Decimal(1).scaleb(-exponent(facts.currency))
    places: dict[tuple[int, int | None, date | None], list[int]] = {}
    known: dict[Kind, _Quoted | Literal[False]] = {}
    results = []
    for entry in entries:
        row, kind, entered, quantity, faults = entry
        quoted = known.get(kind)
        if quoted is None:
            quoted = known[kind] = _quoted(kind, offers, places)
        if not quoted:
            results.append(_unpriced(entry, offers, facts))
            continue
        offer, unit_price, tax_rate, order_multiple, first, tail = quoted
        if quantity and (offer.faults or quantity % order_multiple):
            if quantity % order_multiple:
                faults = (*faults, _no_multiple(offer, quantity))
            faults += offer.faults
        net = (unit_price * quantity).quantize(cent, ROUND_HALF_UP)
        tax = (net * tax_rate).quantize(cent, ROUND_HALF_UP)
        same_as_row = None
        if first:
            same_as_row = first[0]
        else:
            first.append(row)
        problems = _problems(row, faults) if faults else ()
        # Added to and not unpacked into: that would make a list of it first.
        results.append(_result((row, entered, quantity, net, tax, same_as_row, problems) + tail))  # noqa: RUF005
    return results


_result: Final = partial(tuple.__new__, RowResult)


def _quoted(
    kind: Kind,
    offers: dict[int, _Offer | Fault],
    places: dict[tuple[int, int | None, date | None], list[int]],
) -> _Quoted | Literal[False]:
    """Return what rows of a kind cost, False when they have no price."""
    item, extras = kind.item, kind.extras
    offer = offers[item.product.product_id] if item.product else None
    if offer is None or isinstance(offer, Fault):
        return False
    pack, trade = item.pack_units, offer.trade
    shown = RowResult(
        0,
        sku=item.sku,
        product=offer.product,
        factory_id=trade.factory_id,
        entered_unit=item.unit,
        pack_units=pack,
        wanted=offer.wanted,
        unit_price=offer.unit_price,
        ship_to_site_id=kind.ship_to_site_id,
        need_by_date=kind.need_by_date,
        expected_date=offer.expected_date,
        available=trade.available,
        next_break=offer.next_break,
        max_unit_price=extras.max_unit_price,
        flex_up=extras.flex_up * pack,
        flex_down=extras.flex_down * pack,
        options=extras.options or {},
        all_or_nothing=extras.all_or_nothing,
        kind=kind,
    )
    place = (offer.product.product_id, kind.ship_to_site_id, kind.need_by_date)
    first = places.setdefault(place, [])
    return _Quoted(
        offer, offer.unit_price, offer.product.tax_rate, trade.order_multiple, first, shown[_COMMON:]
    )


_COMMON: Final = RowResult._fields.index("sku")


def _unpriced(entry: Entry, offers: dict[int, _Offer | Fault], facts: Facts) -> RowResult:
    row, kind, entered, quantity, faults = entry
    item = kind.item
    fault = offers[item.product.product_id] if item.product else None
    # A quantity that is no number is said already; that nothing has no price says nothing more.
    if isinstance(fault, Fault) and item.product and (quantity or item.product.product_id not in facts.trade):
        faults += (fault,)
    return RowResult(
        row=row,
        sku=item.sku,
        product=item.product,
        entered_quantity=entered,
        entered_unit=item.unit,
        pack_units=item.pack_units,
        quantity=quantity,
        ship_to_site_id=kind.ship_to_site_id,
        need_by_date=kind.need_by_date,
        problems=_problems(row, faults),
    )


def _no_multiple(offer: _Offer, quantity: int) -> Fault:
    multiple = offer.trade.order_multiple
    return Fault(
        "not_a_multiple",
        "quantity",
        f"{quantity} of {offer.product.sku} is no multiple of {multiple}",
        f"Order {round_up_to_multiple(quantity, multiple)} base units.",
    )


def _problems(row: int, faults: tuple[Fault, ...]) -> tuple[Problem, ...]:
    return tuple(Problem(one.code, one.message, "", row, one.field, one.remedy) for one in faults)


def _above_order_minimum(results: list[RowResult], facts: Facts) -> list[RowResult]:
    """Refuse all rows of a factory whose order comes to less than its minimum amount."""
    minimums: dict[int, Decimal] = {}
    for trade in facts.trade.values():
        if trade.min_amount is not None:
            least = minimums.get(trade.factory_id, _ZERO)
            minimums[trade.factory_id] = max(least, trade.min_amount)
    if not minimums:
        return results
    amounts: dict[int, Decimal] = defaultdict(Decimal)
    for result in results:
        if result.factory_id in minimums:
            amounts[result.factory_id] += result.net_amount
    short = {factory: amount for factory, amount in amounts.items() if amount < minimums[factory]}
    return [
        _with(result, _too_small(short[result.factory_id], minimums[result.factory_id], facts.currency))
        if result.factory_id in short
        else result
        for result in results
    ]


def _too_small(amount: Decimal, minimum: Decimal, currency: str) -> Fault:
    minimum = round_to_currency(minimum, currency)
    return Fault(
        "below_order_minimum",
        "quantity",
        f"{amount} {currency} of goods of this factory are below its order minimum of {minimum} {currency}",
        f"Order for {minimum - amount} {currency} more from it.",
    )


def _with(result: RowResult, fault: Fault) -> RowResult:
    return result._replace(problems=result.problems + _problems(result.row, (fault,)))


__all__ = ["RawRow", "RowResult", "judge", "judge_alone"]

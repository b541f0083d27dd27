"""How an answer of a factory divides a purchase line into deliveries, and what its price means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from b2b.core.quantity import largest_remainder

BASIS_POINTS: Final = 10_000

PriceState = Literal["AGREED", "WITHIN_TOLERANCE", "PROPOSED"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A delivery as it was ordered: base units by a date."""

    schedule_number: int
    quantity: int
    requested_date: date


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery the factory promises; no date keeps the one asked for, no number takes the next that has room."""

    confirmed_quantity: int
    promised_date: date | None = None
    schedule_number: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an ordered delivery: of `quantity` ordered, `confirmed_quantity` come by `promised_date`."""

    origin: Asked
    quantity: int
    confirmed_quantity: int
    promised_date: date
    code: str = ""


class DoesNotFit(ValueError):
    """More is promised than was ordered, or for a delivery that was not."""


def divide(asked: Sequence[Asked], deliveries: Sequence[Delivery]) -> list[Part]:
    """Return the parts of each ordered delivery, in order, with what is promised of each.

    Promise: every ordered delivery has parts, they sum to its quantity, none promises more than it has, and all
    promises together are the deliveries. 100 ordered and 60, then 40 promised give parts of 60 and 40; 60 alone give
    one part of 100 with 60 promised.

    :raises DoesNotFit: when the deliveries do not fit into what was ordered.
    """
    room = {one.schedule_number: one.quantity for one in asked}
    given: dict[int, list[Delivery]] = {number: [] for number in room}
    named = [one for one in deliveries if one.schedule_number is not None]
    for one in named:
        number = one.schedule_number
        if number not in room or one.confirmed_quantity > room[number]:
            raise DoesNotFit(f"schedule {number} has no room for {one.confirmed_quantity}")
        room[number] -= one.confirmed_quantity
        given[number].append(one)
    for one in deliveries:
        if one.schedule_number is None:
            _fill(one, asked, room, given)
    return [part for one in asked for part in _parts(one, given[one.schedule_number])]


def _fill(
    delivery: Delivery, asked: Sequence[Asked], room: dict[int, int], given: dict[int, list[Delivery]]
) -> None:
    left = delivery.confirmed_quantity
    for one in asked:
        taken = min(left, room[one.schedule_number])
        if taken:
            room[one.schedule_number] -= taken
            left -= taken
            given[one.schedule_number].append(
                Delivery(taken, delivery.promised_date, one.schedule_number, delivery.code)
            )
    if left:
        raise DoesNotFit(f"{left} more than was ordered")


def _parts(asked: Asked, deliveries: Sequence[Delivery]) -> list[Part]:
    """Divide one ordered delivery; what nobody promised stays with its last part."""
    by_date: dict[date, tuple[int, str]] = {}
    for one in deliveries:
        day = one.promised_date or asked.requested_date
        before, code = by_date.get(day, (0, one.code))
        if one.confirmed_quantity:
            by_date[day] = (before + one.confirmed_quantity, code)
    if not by_date:
        day = next((one.promised_date for one in deliveries if one.promised_date), asked.requested_date)
        code = next((one.code for one in deliveries), "")
        return [Part(asked, asked.quantity, 0, day, code)]
    parts = [Part(asked, quantity, quantity, day, code) for day, (quantity, code) in sorted(by_date.items())]
    last = parts[-1]
    short = asked.quantity - sum(part.quantity for part in parts)
    parts[-1] = Part(asked, last.quantity + short, last.confirmed_quantity, last.promised_date, last.code)
    return parts


def price_state(agreed: Decimal, offered: Decimal | None, *, tolerance_basis_points: int) -> PriceState:
    """Return what a price is: the agreed one, another that is taken at once, or one the operator decides on.

    A lower price is always taken; a higher one up to the tolerance, in hundredths of a per cent of the agreed price.
    """
    if offered is None or offered == agreed:
        return "AGREED"
    if (offered - agreed) * BASIS_POINTS <= agreed * tolerance_basis_points:
        return "WITHIN_TOLERANCE"
    return "PROPOSED"


def lots(offered: int, wanted: Sequence[int]) -> list[int]:
    """Return how many lots of a substitute each line is offered: all it can use, or its share by largest remainder.

    Promise: nobody is offered more than it wants, and all that is offered is, as far as it is wanted.
    """
    return list(wanted) if sum(wanted) <= offered else largest_remainder(offered, wanted)

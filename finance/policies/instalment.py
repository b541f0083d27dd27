"""Split an invoice into instalments and say what of each is still open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from b2b.core.errors import Invalid
from b2b.core.money import Money
from finance.policies.trade_document import Instalment

WHOLE: Final = 10_000  # basis points
MOST_PARTS: Final = 24


class BadPlan(Invalid):
    """The parts of a payment plan are out of order or do not make up the whole."""

    code = "bad_payment_plan"


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the amount in basis points, due so many days after delivery."""

    days: int
    share: int


class OpenPart(NamedTuple):
    """An instalment and what of it is open."""

    number: int
    due_date: date
    amount: Decimal
    open_amount: Decimal


def check(parts: Sequence[Part]) -> None:
    """Refuse a plan that is none.

    :raises BadPlan: unless its days rise and its shares, all above zero, make up 100 per cent.
    """
    if not 1 <= len(parts) <= MOST_PARTS:
        raise BadPlan(f"a plan has 1 to {MOST_PARTS} parts")
    days = [part.days for part in parts]
    if min(days) < 0 or days != sorted(set(days)):
        raise BadPlan("each part is due after the one before")
    total = sum(part.share for part in parts)
    if min(part.share for part in parts) <= 0 or total != WHOLE:
        raise BadPlan(f"the shares come to {total / 100:.2f} per cent; they have to make up 100")


def split(amount: Money, delivered: date, parts: Sequence[Part]) -> tuple[Instalment, ...]:
    """Return the instalments of an amount; those that come to nothing are left out.

    Promise: they sum to the amount exactly (largest remainder).
    """
    amounts = amount.split([part.share for part in parts])
    return tuple(
        Instalment(delivered + timedelta(days=part.days), money.amount)
        for part, money in zip(parts, amounts, strict=True)
        if money.amount
    )


def open_parts(amounts: Sequence[Decimal], open_amount: Decimal) -> list[Decimal]:
    """Return what is open of each instalment when `open_amount` is of all: the earliest are settled first.

    Promise: the parts sum to `open_amount`, and each is between nothing and its instalment.
    """
    left, found = open_amount, []
    for amount in reversed(amounts):
        part = min(left, amount)
        found.append(part)
        left -= part
    return found[::-1]

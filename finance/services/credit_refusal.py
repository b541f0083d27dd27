"""Somebody hears of it when a dealer's credit is too small: a case says limit, used, reserved and shortfall."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.contracts.finance import CreditAnswer
from b2b.core.actor import Actor, acting_as
from b2b.core.money import Money
from b2b.db.transactions import afterwards, unit_of_work
from b2b.directory.models import Organization
from finance.policies.credit import Position
from finance.selectors import credit as positions
from finance.services import case
from finance.services.case import Finding

KIND: Final = "CREDIT_REFUSED"


def refuse(
    position: Position, asked: Money, rise: int, dealer_id: int, order_id: UUID, *, by: Actor, at: datetime
) -> CreditAnswer:
    """Return the refusal of a rise by so many minor units, and open its case when the unit of work has ended.

    Whoever asked undoes what it wrote, so the case is written afterwards; a dealer has one open at a time.
    """
    answer = positions.answer(position, asked.currency, rise=rise, granted=False)

    def tell() -> None:
        with acting_as(by):
            _open(answer, asked, dealer_id=dealer_id, order_id=order_id, by=by, at=at)

    afterwards(tell)
    return answer


def key(dealer_id: int, currency: str) -> str:
    """Name what is refused: the same dealer asking again is the same case."""
    return f"credit_refused:{dealer_id}:{currency}"


@unit_of_work()
def limit_changed(dealers: Iterable[int], limit: Money, *, by: Actor, at: datetime) -> int:
    """Close the cases of dealers whose limit was set anew; return how many. Whoever is refused again is heard again."""
    keys = [key(dealer, limit.currency) for dealer in dealers]
    return case.close(keys, resolution=f"the limit was set to {limit}", by=by, at=at)


@unit_of_work()
def _open(
    answer: CreditAnswer, asked: Money, *, dealer_id: int, order_id: UUID, by: Actor, at: datetime
) -> None:
    dealer = Organization.objects.get(pk=dealer_id)
    finding = Finding(
        kind=KIND,
        key=key(dealer_id, asked.currency),
        reason=(
            f"an order of {asked} exceeds the credit by {answer.shortfall}: limit {answer.limit},"
            f" used {answer.used}, reserved {answer.reserved}"
        ),
        reference=f"{dealer.code} order:{order_id}",
        currency=asked.currency,
        amount=answer.shortfall.amount,
    )
    case.open_all([finding], by=by, at=at)

"""What finance answers when orders asks through its Credit port, and the warehouse through its Pledges port."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from b2b.contracts.finance import CreditAnswer
from b2b.core.actor import acting_as, system
from b2b.core.money import Money
from finance.selectors import credit as positions
from finance.selectors import pledge as pledges
from finance.services import credit, pledge
from finance.services.goods_book import Goods

CREDIT_DESK = system("credit")


def hold(*, dealer_id: int, order_id: UUID, amount: Money, at: datetime, version: int = 0) -> CreditAnswer:
    """Reserve `amount`, tax included, for an order if the limit allows; never raises for a refusal."""
    with acting_as(CREDIT_DESK) as desk:
        return credit.hold(
            dealer_id=dealer_id, order_id=order_id, amount=amount, by=desk, at=at, version=version
        )


def adjust(*, order_id: UUID, amount: Money, at: datetime) -> CreditAnswer:
    """Change what is reserved for an order to `amount`, its whole value; a rise may be refused."""
    with acting_as(CREDIT_DESK) as desk:
        return credit.adjust(order_id=order_id, amount=amount, by=desk, at=at)


def lower(*, amounts: Mapping[UUID, Money], at: datetime) -> None:
    """Lower what is reserved for orders to their new whole values; one that rose is left alone."""
    with acting_as(CREDIT_DESK) as desk:
        credit.lower(amounts, by=desk, at=at)


def release(*, order_id: UUID, at: datetime) -> None:
    """Free what is reserved for an order."""
    with acting_as(CREDIT_DESK) as desk:
        credit.release(order_id=order_id, by=desk, at=at)


def position(*, dealer_id: int, currency: str) -> CreditAnswer:
    """Say how much a dealer may still order."""
    return positions.position(CREDIT_DESK, dealer_id, currency)


def take(goods: Sequence[tuple[int, int, int, int]], *, document_id: UUID, at: datetime) -> None:
    """Let (owner, product, site, base units) leave, unless they are pledged; negative ones come back."""
    pledge.take([Goods(*one) for one in goods], document_id=document_id, at=at)


def pledged(goods: Collection[tuple[int, int, int]]) -> dict[tuple[int, int, int], int]:
    """Return how much is pledged of (owner, product, site), base units; one statement."""
    with acting_as(CREDIT_DESK):
        return pledges.pledged_of(goods)

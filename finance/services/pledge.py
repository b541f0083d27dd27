"""Pledge goods and let them go: pledged goods move for nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.core.actor import FUNDER, Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid, NotFound
from b2b.core.money import Money
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from finance.models import Financing, StockPledge
from finance.policies.collateral import may_release
from finance.selectors import pledge as selectors
from finance.services import goods_book, pending
from finance.services.goods_book import Goods, Step

DESK: Final = system("pledges")


class ReleaseRefused(DomainError):
    """What is left would not secure what is owed."""

    code = "release_refused"


def make(one: Financing, goods: Goods, *, by: Actor, at: datetime) -> StockPledge:
    """Pledge goods for a financing, in its transaction; the caller acts as the platform.

    :raises StockPledged: when so much of it is not there or not free.
    """
    places = goods_book.opened([goods.kind], by=by, at=at)
    [entry] = goods_book.post([Step(goods, "stock_pledge", one.pk, is_pending=True)], places, by=by, at=at)
    made = StockPledge.objects.create(
        number=f"{one.number}/P",
        financing=one,
        borrower_id=one.borrower_id,
        funder_id=one.funder_id,
        product_id=goods.product_id,
        site_id=goods.site_id,
        quantity=goods.quantity,
        remaining=goods.quantity,
        entry_id=entry,
        created_at=at,
        updated_at=at,
    )
    record([(made, "pledge", "", made.status)], by=by, at=at)
    return made


@unit_of_work()
def take(goods: Sequence[Goods], *, document_id: UUID, at: datetime) -> None:
    """Let goods leave their owner's stock (negative: come back); what is pledged of it stays.

    One party's goods of one product at one site are taken one transaction after the other; a constant number of
    statements for any number of goods.

    :raises StockPledged: when they are pledged.
    """
    taken: dict[goods_book.Kind, int] = {}
    for one in goods:
        taken[one.kind] = taken.get(one.kind, 0) + one.quantity
    steps = [
        Step(Goods(*kind, units), "stock_taken", document_id)
        for kind, units in sorted(taken.items())
        if units
    ]
    if not steps:
        return
    with acting_as(DESK) as desk:
        places = goods_book.opened([one.goods.kind for one in steps], by=desk, at=at)
        goods_book.post(steps, places, by=desk, at=at)


@unit_of_work()
def release(pledge_id: UUID, *, quantity: int | None = None, by: Actor, at: datetime) -> StockPledge:
    """Let pledged goods go, all of them or `quantity`, as far as what is left secures what is owed.

    :raises NotFound: when it is not the actor's. :raises Forbidden: for the borrower.
    :raises ReleaseRefused: saying what is owed and what would be left. :raises IllegalTransition: when it is released.
    """
    with acting_as(DESK):
        held = _own(pledge_id, by=by)
        held.machine.next(held.status, "release")
        count = held.remaining if quantity is None else quantity
        if not 0 < count <= held.remaining:
            raise Invalid(f"release between one and {held.remaining}")
        one = lock_one(Financing.objects.select_related("programme").filter(pk=held.financing_id))
        left = held.remaining - count
        owed = selectors.owed(one)
        worth = selectors.worth({held: min(left, selectors.there([held])[held.pk])})[held.pk]
        if not may_release(owed, worth, one.programme.advance_rate):
            raise ReleaseRefused(
                f"{Money.from_minor(owed, one.currency)} is owed on {one.number}; {left} units, worth"
                f" {Money.from_minor(worth, one.currency)}, would secure it",
                pledge=held.number,
            )
        return _let_go(held, count, by=by, at=at)


def let_go(one: Financing, *, by: Actor, at: datetime) -> None:
    """Release what secured a financing on which nothing is owed any more."""
    held = StockPledge.objects.filter(financing=one, status="PLEDGED").first()
    if held is not None:
        _let_go(lock_one(StockPledge.objects.filter(pk=held.pk)), held.remaining, by=by, at=at)


def _let_go(held: StockPledge, count: int, *, by: Actor, at: datetime) -> StockPledge:
    left = held.remaining - count
    assert held.entry_id is not None
    if not left:
        pending.void(held.entry_id, by=by, at=at)
        held.advance("release", by=by, at=at, remaining=0, entry_id=None)
        return held
    goods = Goods(held.borrower_id, held.product_id, held.site_id, left)
    places = goods_book.opened([goods.kind], by=by, at=at)
    smaller = Step(goods, "stock_pledge", held.financing_id, is_pending=True, resolves=held.entry_id)
    [entry] = goods_book.post([smaller], places, by=by, at=at)
    held.advance("release_partly", by=by, at=at, remaining=left, entry_id=entry)
    return held


def _own(pledge_id: UUID, *, by: Actor) -> StockPledge:
    mine = StockPledge.objects.select_related("financing").filter(pk=pledge_id)
    if not by.sees_all:
        if by.kind != FUNDER:
            if mine.filter(borrower_id=by.organization_id).exists():
                raise Forbidden("the funder releases what secures its money")
            raise NotFound("there is no such pledge")
        mine = mine.filter(funder_id=by.organization_id)
    return lock_one(mine)

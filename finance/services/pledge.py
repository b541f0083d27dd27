"""Pledge goods, value them day by day, call for more, and let them go: pledged goods move for nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.utils import timezone

from b2b.core.actor import FUNDER, Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db.locks import lock, lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from finance import ports
from finance.models import AccountBalance, Financing, PledgeValuation, StockPledge
from finance.policies.collateral import is_called, may_release
from finance.policies.entry import Entry, Line
from finance.selectors import pledge as selectors
from finance.services import case, ledger, memo_accounts, pending
from finance.services.case import Finding
from finance.services.ledger import LimitPassed
from finance.services.memo_accounts import Memo

DESK: Final = system("pledges")
BOOK: Final = "GOODS"
OWNED: Final = "8400"
IN_WAREHOUSES: Final = "8409"


class StockPledged(DomainError):
    """Goods that are pledged can neither leave nor be pledged again."""

    code = "stock_pledged"


class ReleaseRefused(DomainError):
    """What is left would not secure what is owed."""

    code = "release_refused"


class Goods(NamedTuple):
    """Base units of a product that a party owns at a site."""

    owner_id: int
    product_id: int
    site_id: int
    quantity: int


def make(one: Financing, goods: Goods, *, by: Actor, at: datetime) -> StockPledge:
    """Pledge goods for a financing, in its transaction; the caller acts as the platform.

    :raises StockPledged: when so much of it is not there or not free.
    """
    book, account, contra = _open(goods)
    _count(book, account, contra, goods, by=by, at=at)
    entry = _entry(book, account, contra, -goods.quantity, "stock_pledge", one.pk, at=at, is_pending=True)
    _post(entry, goods, by=by)
    made = StockPledge.objects.create(
        number=f"{one.number}/P",
        financing=one,
        borrower_id=one.borrower_id,
        funder_id=one.funder_id,
        product_id=goods.product_id,
        site_id=goods.site_id,
        quantity=goods.quantity,
        remaining=goods.quantity,
        entry_id=entry.id,
        created_at=at,
        updated_at=at,
    )
    record([(made, "pledge", "", made.status)], by=by, at=at)
    return made


@unit_of_work()
def take(goods: Sequence[Goods], *, document_id: UUID, at: datetime) -> None:
    """Let goods leave their owner's stock (negative: come back); what is pledged of it stays.

    One party's goods of one product at one site are taken one transaction after the other.

    :raises StockPledged: when they are pledged.
    """
    with acting_as(DESK) as desk:
        for one in sorted(goods):
            book, account, contra = _open(one)
            _count(book, account, contra, one, by=desk, at=at)
            entry = _entry(book, account, contra, -one.quantity, "stock_taken", document_id, at=at)
            _post(entry, one, by=desk)


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
        owed, worth = selectors.owed(one), selectors.worth(held, left)
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
    book, account, contra = _open(goods)
    smaller = _entry(
        book, account, contra, -left, "stock_pledge", held.financing_id, at=at, is_pending=True,
        resolves=held.entry_id,
    )  # fmt: skip
    _post(smaller, goods, by=by)
    held.advance("release_partly", by=by, at=at, remaining=left, entry_id=smaller.id)
    return held


@unit_of_work()
def revalue(*, at: datetime, by: Actor) -> int:
    """Value all pledged goods as of today; open a margin call where they no longer secure what is owed, and close it
    where they do again. Return how many are called. Twice a day is once."""
    day = timezone.localtime(at).date()
    with acting_as(DESK):
        held = lock(StockPledge.objects.filter(status="PLEDGED").select_related("financing__programme"))
        rows: list[PledgeValuation] = []
        called: list[tuple[StockPledge, int, int]] = []
        cured: list[tuple[StockPledge, int, int]] = []
        for one in held:
            financing, count = one.financing, _there(one)
            worth, owed = selectors.worth(one, count), selectors.owed(financing)
            is_call = is_called(owed, worth, financing.programme.margin_call_rate)
            rows.append(
                PledgeValuation(
                    pledge=one, borrower_id=one.borrower_id, funder_id=one.funder_id, day=day, quantity=count,
                    worth=worth, owed=owed, is_call=is_call,
                )
            )  # fmt: skip
            (called if is_call else cured).append((one, worth, owed))
        PledgeValuation.objects.bulk_create(rows, ignore_conflicts=True)
        case.open_all([_call(*one) for one in called], by=by, at=at)
        case.close([_key(one) for one, _, _ in cured], resolution="the goods secure it again", by=by, at=at)
        return len(called)


def _there(one: StockPledge) -> int:
    """What of the pledge is still in the warehouse: goods may be lost without anybody asking."""
    owned = ports.goods().owned(owner_id=one.borrower_id, product_id=one.product_id, site_id=one.site_id)
    return min(int(one.remaining), owned)


def _key(one: StockPledge) -> str:
    return f"margin_call:{one.pk}"


def _call(one: StockPledge, worth: int, owed: int) -> Finding:
    currency = one.financing.currency
    return Finding(
        kind="MARGIN_CALL",
        key=_key(one),
        reason=f"{Money.from_minor(owed, currency)} is owed, the goods are worth {Money.from_minor(worth, currency)}",
        reference=one.number,
        currency=currency,
        amount=Money.from_minor(owed - worth, currency).amount,
    )


def _own(pledge_id: UUID, *, by: Actor) -> StockPledge:
    mine = StockPledge.objects.filter(pk=pledge_id)
    if not by.sees_all:
        if by.kind != FUNDER:
            if mine.filter(borrower_id=by.organization_id).exists():
                raise Forbidden("the funder releases what secures its money")
            raise NotFound("there is no such pledge")
        mine = mine.filter(funder_id=by.organization_id)
    return lock_one(mine)


def _open(goods: Goods) -> tuple[int, int, int]:
    """Return book, account and contra account of a party's goods, the account locked; opened at first use."""
    book, unit = memo_accounts.book(BOOK, "Goods of parties"), f"P{goods.product_id}"
    owned = Memo(f"{OWNED}.{goods.site_id}", unit, goods.owner_id, "Goods owned", "DEBIT", True, 0)
    contra = Memo(f"{IN_WAREHOUSES}.{goods.site_id}", unit, None, "Goods in warehouses", "CREDIT")
    keys = memo_accounts.accounts(book, [owned, contra])
    lock_one(AccountBalance.objects.filter(pk=keys[owned.key]))
    return book, keys[owned.key], keys[contra.key]


def _count(book: int, account: int, contra: int, goods: Goods, *, by: Actor, at: datetime) -> None:
    """Let the account say what the warehouse says: goods come and are counted without asking finance."""
    owned = ports.goods().owned(owner_id=goods.owner_id, product_id=goods.product_id, site_id=goods.site_id)
    missing = owned - AccountBalance.objects.values_list("posted", flat=True).get(pk=account)
    if missing:
        entry = _entry(book, account, contra, missing, "stock_counted", uuid7(), at=at, forced=True)
        ledger.post_late([entry], by=by)


def _entry(
    book: int, account: int, contra: int, quantity: int, kind: str, source: UUID, *, at: datetime,
    is_pending: bool = False, resolves: UUID | None = None, forced: bool = False,
) -> Entry:  # fmt: skip
    return Entry(
        id=uuid7(),
        book_id=book,
        kind=kind,
        effective_date=timezone.localtime(at).date(),
        booked_at=at,
        lines=(Line(account, quantity), Line(contra, -quantity)),
        is_pending=is_pending,
        resolves=resolves,
        forced=forced,
        source_type=kind,
        source_id=str(source),
    )


def _post(entry: Entry, goods: Goods, *, by: Actor) -> None:
    try:
        ledger.post_late([entry], by=by)
    except LimitPassed as error:
        raise StockPledged(
            f"{goods.quantity} units are not free: goods of this product are pledged here",
            product=goods.product_id,
        ) from error

"""The book of goods that parties own in warehouses: what is pledged of them is pending there and cannot leave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.utils import timezone

from b2b.core.actor import Actor
from b2b.core.errors import DomainError
from b2b.core.ids import uuid7
from b2b.db.locks import lock
from finance import ports
from finance.models import AccountBalance
from finance.policies.entry import Entry, Line
from finance.services import ledger, memo_accounts
from finance.services.ledger import LimitPassed
from finance.services.memo_accounts import Memo

BOOK: Final = "GOODS"
OWNED: Final = "8400"
IN_WAREHOUSES: Final = "8409"


class StockPledged(DomainError):
    """Goods that are pledged can neither leave nor be pledged again."""

    code = "stock_pledged"


class Kind(NamedTuple):
    """A product that a party owns at a site."""

    owner_id: int
    product_id: int
    site_id: int


class Goods(NamedTuple):
    """Base units of a product that a party owns at a site."""

    owner_id: int
    product_id: int
    site_id: int
    quantity: int

    @property
    def kind(self) -> Kind:
        """What they are, however many."""
        return Kind(*self[:3])


@dataclass(frozen=True, slots=True)
class Place:
    """The accounts of one kind of goods, the first one locked, and how many units are neither pledged nor gone."""

    book_id: int
    account_id: int
    contra_id: int
    free: int


@dataclass(frozen=True, slots=True)
class Step:
    """What is posted of goods: units out of their owner's account, or back when negative."""

    goods: Goods
    kind: str
    source: UUID
    is_pending: bool = False
    resolves: UUID | None = None
    forced: bool = False


def opened(kinds: Collection[Kind], *, by: Actor, at: datetime) -> dict[Kind, Place]:
    """Lock the accounts of goods, opened at first use, and let them say what the warehouse counts.

    Goods come and are counted without asking finance. A constant number of statements for any number of kinds.

    :raises NoTransaction: outside a unit of work.
    """
    book = memo_accounts.book(BOOK, "Goods of parties")
    owned = {kind: _owned(kind) for kind in kinds}
    contras = {kind: _in_warehouses(kind) for kind in kinds}
    keys = memo_accounts.accounts(book, [*owned.values(), *contras.values()])
    mine = {kind: keys[memo.key] for kind, memo in owned.items()}
    balances = {one.pk: one for one in lock(AccountBalance.objects.filter(pk__in=list(mine.values())))}
    counted = ports.goods().owned(kinds)
    places = {
        kind: Place(
            book, mine[kind], keys[contras[kind].key], counted[kind] - balances[mine[kind]].pending_credit
        )
        for kind in kinds
    }
    missing = {kind: counted[kind] - balances[mine[kind]].posted for kind in kinds}
    steps = [
        Step(Goods(*kind, -units), "stock_counted", uuid7(), forced=True)
        for kind, units in sorted(missing.items())
        if units
    ]
    if steps:
        ledger.post_late([_entry(one, places, at=at) for one in steps], by=by)
    return places


def post(steps: Iterable[Step], places: Mapping[Kind, Place], *, by: Actor, at: datetime) -> list[UUID]:
    """Post what happens to goods and return the entries in the order of the steps.

    :raises StockPledged: naming what is not free; the ledger's limit decides that.
    """
    given = list(steps)
    entries = [_entry(one, places, at=at) for one in given]
    try:
        ledger.post_late(entries, by=by)
    except LimitPassed as error:
        short = [one.goods for one in given if one.goods.quantity > places[one.goods.kind].free] or [
            one.goods for one in given
        ]
        raise StockPledged(
            "; ".join(
                f"{one.quantity} units are not free: goods of this product are pledged here,"
                f" {max(places[one.kind].free, 0)} are not"
                for one in short
            ),
            products=[one.product_id for one in short],
        ) from error
    return [one.id for one in entries]


def _entry(step: Step, places: Mapping[Kind, Place], *, at: datetime) -> Entry:
    place = places[step.goods.kind]
    return Entry(
        id=uuid7(),
        book_id=place.book_id,
        kind=step.kind,
        effective_date=timezone.localtime(at).date(),
        booked_at=at,
        lines=(Line(place.account_id, -step.goods.quantity), Line(place.contra_id, step.goods.quantity)),
        is_pending=step.is_pending,
        resolves=step.resolves,
        forced=step.forced,
        source_type=step.kind,
        source_id=str(step.source),
    )


def _owned(kind: Kind) -> Memo:
    return Memo(
        f"{OWNED}.{kind.site_id}", f"P{kind.product_id}", kind.owner_id, "Goods owned", "DEBIT", True, 0
    )


def _in_warehouses(kind: Kind) -> Memo:
    return Memo(
        f"{IN_WAREHOUSES}.{kind.site_id}", f"P{kind.product_id}", None, "Goods in warehouses", "CREDIT"
    )

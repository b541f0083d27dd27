"""The exposure account of each dealer or group: its limit, its lock and the entries that move it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.utils import timezone

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db.bulk import fetch
from b2b.db.locks import LOCK_TIMEOUT_MS, lock_one
from b2b.db.transactions import require_transaction, unit_of_work
from finance.models import Account, AccountBalance, CreditLimit
from finance.policies.chart import CREDIT, EXPOSURE, EXPOSURE_CONTRA
from finance.policies.credit import Position
from finance.policies.entry import Entry, Line, entry_id
from finance.selectors import credit as positions
from finance.services import chart, credit_refusal
from finance.services.chart import Wanted


@dataclass(frozen=True, slots=True)
class Exposure:
    """The two accounts of one party's exposure and its locked balance."""

    book_id: int
    account_id: int
    contra_id: int

    def entry(
        self, amount: int, *, kind: str, at: datetime, key: UUID | None = None, **more: object
    ) -> Entry:
        """Return an entry that raises the exposure by `amount` minor units (lowers it when negative)."""
        lines = (Line(self.account_id, amount), Line(self.contra_id, -amount)) if amount else ()
        return Entry(
            id=key or uuid7(),
            book_id=self.book_id,
            kind=kind,
            effective_date=day_of(at),
            booked_at=at,
            lines=lines,
            **more,  # type: ignore[arg-type]
        )


def day_of(at: datetime) -> date:
    """Return the day on which exposure moves that moves at a moment."""
    return timezone.localtime(at).date()


def of_dealers(dealers: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Exposure]:
    """Return the exposure accounts of (dealer, currency) pairs, opening them at first use."""
    pairs = set(dealers)
    heads = positions.parties(dealer for dealer, _ in pairs)
    wanted = {pair: Wanted(EXPOSURE, pair[1], heads.get(pair[0], pair[0])) for pair in pairs}
    contras = {pair: Wanted(EXPOSURE_CONTRA, pair[1]) for pair in pairs}
    keys = chart.accounts([*wanted.values(), *contras.values()])
    book = chart.books()[CREDIT]
    return {pair: Exposure(book, keys[wanted[pair]], keys[contras[pair]]) for pair in pairs}


# The order of things: who waits is timed before anything is locked, and nothing but the balance is read beside the
# lock, for what was read before a wait is old.
_LOCK: Final = """
    SELECT account.book_id, account.id, contra.id, balance.posted, balance.pending_debit
    FROM directory_organization dealer
    JOIN finance_account account ON account.code = %(code)s AND account.unit = %(unit)s
        AND account.party_id = coalesce(dealer.group_id, dealer.id)
    JOIN finance_account contra ON contra.code = %(contra)s AND contra.unit = account.unit
        AND contra.party_id IS NULL
    JOIN finance_accountbalance balance ON balance.account_id = account.id
    WHERE dealer.id = %(dealer)s AND set_config('lock_timeout', %(patience)s, true) IS NOT NULL
    FOR NO KEY UPDATE OF balance
"""


_HELD: Final = """
    SELECT account.ceiling, finance_first_open(account.book_id, %(day)s::date), hold.currency, hold.held, hold.invoiced,
        hold.entry_id, hold.order_version
    FROM finance_account account LEFT JOIN finance_credithold hold ON hold.order_id = %(order)s
    WHERE account.id = %(account)s
"""


class Held(NamedTuple):
    """What one order holds of its dealer's credit, in minor units."""

    currency: str
    held: int
    invoiced: int
    entry_id: UUID | None
    order_version: int


class Standing(NamedTuple):
    """The credit a dealer draws on while it is locked, and what one order holds of it, None when it never did.

    `opened` is the first day, from the one asked for, on which the book of credit is open.
    """

    account: Exposure
    position: Position
    hold: Held | None
    opened: date


def stand(dealer_id: int, currency: str, order_id: UUID, *, at: datetime) -> Standing:
    """Lock the credit a dealer draws on, one transaction after the other, and return where it and an order stand.

    Two statements; more when the accounts are opened.

    :raises NoTransaction: outside a unit of work.
    """
    require_transaction()
    asked = {
        "dealer": dealer_id,
        "unit": currency,
        "code": EXPOSURE,
        "contra": EXPOSURE_CONTRA,
        "patience": f"{LOCK_TIMEOUT_MS}ms",
    }
    found = fetch(_LOCK, asked)
    if not found:
        of_dealers([(dealer_id, currency)])
        found = fetch(_LOCK, asked)
    [(book_id, account_id, contra_id, used, reserved)] = found
    [(ceiling, opened, *held)] = fetch(_HELD, {"order": order_id, "account": account_id, "day": day_of(at)})
    return Standing(
        Exposure(book_id, account_id, contra_id),
        Position(limit=ceiling or 0, used=used, reserved=reserved),
        Held(*held) if held[0] is not None else None,
        opened,
    )


def locked_position(account_id: int) -> Position:
    """Lock the credit of a party, one transaction after the other, and return where it stands."""
    balance = lock_one(AccountBalance.objects.filter(pk=account_id))
    ceiling = Account.objects.values_list("ceiling", flat=True).get(pk=account_id)
    return positions.of_balance(balance, ceiling)


@unit_of_work()
def set_limit(*, party_id: int, amount: Money, by: Actor, at: datetime, reason: str = "") -> CreditLimit:
    """Set what a dealer or the head of a group may owe; below its exposure only new orders are refused.

    :raises Forbidden: for anyone but the operator.
    """
    if not by.sees_all:
        raise Forbidden("credit limits are the operator's")
    if amount.minor < 0:
        raise Invalid("a credit limit is not negative")
    exposure = of_dealers([(party_id, amount.currency)])[party_id, amount.currency]
    lock_one(AccountBalance.objects.filter(pk=exposure.account_id))
    Account.objects.filter(pk=exposure.account_id).update(ceiling=amount.minor)
    credit_refusal.limit_changed(positions.members(party_id), amount, by=by, at=at)
    return CreditLimit.objects.create(
        party_id=party_id,
        currency=amount.currency,
        amount=amount.amount,
        reason=reason,
        set_by=str(by)[:150],
        set_at=at,
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """An amount that a dealer no longer owes, in minor units, and the fact it follows from."""

    source_type: str
    source_id: str
    dealer_id: int
    currency: str
    amount: int


def repayments(settled: Sequence[Settled], *, at: datetime) -> list[Entry]:
    """Return the entries that give credit back; the caller posts them with its own in one batch."""
    exposures = of_dealers((one.dealer_id, one.currency) for one in settled)
    return [
        exposures[one.dealer_id, one.currency].entry(
            -one.amount,
            kind="credit_repaid",
            at=at,
            key=entry_id("credit_repaid", one.source_type, one.source_id),
            source_type=one.source_type,
            source_id=one.source_id,
            forced=True,
        )
        for one in settled
        if one.amount
    ]

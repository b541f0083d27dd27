"""Post where financings stand: for each day the difference between what should be booked and what is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from b2b.contracts.value import FinancingCharged
from b2b.core.actor import Actor
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.locks import lock
from b2b.db.transactions import require_transaction
from b2b.outbox.publish import publish
from finance.models import Financing, FinancingBooking, FinancingInstalment, FinancingRepayment
from finance.policies import financing_accounts as books
from finance.policies.entry import Entry, Line
from finance.policies.financing_accounts import Parties, add, balances, difference
from finance.policies.financing_replay import Paid, State, Terms, due_of, state
from finance.services import ledger, memo_accounts
from finance.services.memo_accounts import Memo

# What the limits of a programme count: the principal, in all and of one party.
LIMIT_SIGNS: Final = (
    (books.USED, 1),
    (books.USED_CONTRA, -1),
    (books.USED_BY, 1),
    (books.USED_BY_CONTRA, -1),
)
OF_PARTY: Final = (books.USED_BY, books.USED_BY_CONTRA)


def bring_up(keys: Iterable[UUID], until: date, *, by: Actor, at: datetime) -> list[Financing]:
    """Lock financings, post what is missing of each day up to `until`, and return them as they now are.

    Whatever became known since is posted on the days it is about; a constant number of statements for any number of
    financings. What a closed period holds is posted on the first open day. The caller acts as the platform.

    :raises NoTransaction: outside a unit of work.
    """
    require_transaction()
    found = lock(Financing.objects.select_related("programme").filter(pk__in=list(keys)))
    if not found:
        return []
    facts = _facts(found)
    drafts: list[tuple[Financing, int, date, dict[str, int]]] = []
    rows = []
    for one in found:
        terms, payments, booked = facts[one.pk]
        last = max(until, one.booked_until)
        number = sum(len(moved) for moved in booked.values())
        turns = (one.drawn_date, one.recourse_date, one.lost_date, last)
        paid_on = (max(paid.day, one.drawn_date) for paid in payments)
        days = sorted({day for day in (*turns, *paid_on, *booked) if day is not None and day <= last})
        before: dict[str, int] = {}
        state_now = State()
        for day in days:
            state_now = state(terms, payments, day)
            lost = one.lost_date is not None and day >= one.lost_date
            wanted = {
                **balances(terms, state_now, _parties(one, day), written_off=lost),
                **_limits(one, state_now, lost=lost),
            }
            known: dict[str, int] = {}
            for moved in booked.get(day, ()):
                known = add(known, moved)
            missing = difference(difference(wanted, before), known)
            if missing:
                number += 1
                drafts.append((one, number, day, missing))
            before = wanted
        _keep(one, state_now, last)
        rows.append(
            (one.pk, one.principal_owed, one.interest_owed, one.fee_owed, one.penalty_owed, one.booked_until)
        )
    _post(drafts, by=by, at=at)
    _write(rows)
    return found


def _parties(one: Financing, day: date) -> Parties:
    """From the day of recourse on the borrower owes what the obligor did not pay."""
    turned = one.recourse_date is not None and day >= one.recourse_date
    return Parties(one.borrower_id if turned else one.debtor_id, one.borrower_id, one.funder_id)


def _limits(one: Financing, found: State, *, lost: bool) -> dict[str, int]:
    """What is written off is used of the programme no more: it is lost."""
    owed = 0 if lost else found.owed["PRINCIPAL"]
    said = {}
    for code, sign in LIMIT_SIGNS:
        party = one.borrower_id if code in OF_PARTY else ""
        said[f"{code}.{one.programme.serial}:{party}"] = sign * owed
    return {key: amount for key, amount in said.items() if amount}


def _keep(one: Financing, found: State, last: date) -> None:
    lost = one.lost_date is not None
    one.principal_owed = 0 if lost else found.owed["PRINCIPAL"]
    one.interest_owed = 0 if lost else found.owed["INTEREST"]
    one.fee_owed = 0 if lost else found.owed["FEE"]
    one.penalty_owed = 0 if lost else found.owed["PENALTY"]
    one.booked_until = last


Facts = tuple[Terms, list[Paid], dict[date, list[dict[str, int]]]]


def _facts(found: Sequence[Financing]) -> dict[UUID, Facts]:
    """Return terms, payments that were not taken back, and what is booked by day; three statements."""
    keys = [one.pk for one in found]
    due: dict[UUID, list[tuple[date, int]]] = defaultdict(list)
    for part in FinancingInstalment.objects.filter(financing__in=keys).order_by("due_date"):
        due[part.financing_id].append((part.due_date, part.principal))
    paid: dict[UUID, list[Paid]] = defaultdict(list)
    counted = FinancingRepayment.objects.filter(
        financing__in=keys, reverses=None, reversed_by__isnull=True
    ).order_by("value_date", "pk")
    for one in counted:
        paid[one.financing_id].append(Paid(one.value_date, one.amount))
    booked: dict[UUID, dict[date, list[dict[str, int]]]] = defaultdict(lambda: defaultdict(list))
    for row in FinancingBooking.objects.filter(financing__in=keys).order_by("number"):
        booked[row.financing_id][row.day].append(row.moved)
    return {one.pk: (terms_of(one, due[one.pk]), paid[one.pk], booked[one.pk]) for one in found}


def terms_of(one: Financing, due: Sequence[tuple[date, int]]) -> Terms:
    """Return how a financing runs, as the policies know it."""
    return Terms(
        drawn=one.drawn_date,
        principal=one.drawn,
        fee=one.fee,
        prepaid=one.discount,
        rate=one.rate,
        penalty_rate=one.penalty_rate,
        day_count=one.day_count,
        grace_days=one.grace_days,
        waterfall=tuple(one.waterfall),
        due=due_of(due),
    )


def current(one: Financing, until: date) -> State:
    """Return where a financing stands on a day, without posting anything."""
    terms, payments, _ = _facts([one])[one.pk]
    return state(terms, payments, until)


def _post(drafts: Sequence[tuple[Financing, int, date, dict[str, int]]], *, by: Actor, at: datetime) -> None:
    if not drafts:
        return
    book = memo_accounts.book(books.BOOK, "Financings")
    keys = memo_accounts.accounts(book, (_memo(one, key) for one, _, _, moved in drafts for key in moved))
    entries, rows = [], []
    for one, number, day, moved in drafts:
        entry = Entry(
            id=uuid7(),
            book_id=book,
            kind="financing",
            effective_date=day,
            booked_at=at,
            lines=tuple(
                Line(keys[_memo(one, key).key], amount, f"financing:{one.pk}")
                for key, amount in moved.items()
            ),
            source_type="financing",
            source_id=str(one.pk),
            forced=True,
        )
        entries.append(entry)
        rows.append(
            FinancingBooking(
                financing=one, borrower_id=one.borrower_id, funder_id=one.funder_id, number=number, day=day,
                moved=moved, entry_id=entry.id,
            )
        )  # fmt: skip
    ledger.post_late(entries, by=by)
    FinancingBooking.objects.bulk_create(rows)
    publish(*_charged(rows, at))


def _charged(rows: Sequence[FinancingBooking], at: datetime) -> Iterable[FinancingCharged]:
    """Tell what bookings let funders earn: what the financing costs its borrower."""
    for row in rows:
        earned = -sum(amount for key, amount in row.moved.items() if key.startswith(f"{books.INCOME}:"))
        if earned:
            yield FinancingCharged(
                occurred_at=at,
                entry_id=row.entry_id,
                financing_id=row.financing_id,
                number=row.financing.number,
                booking_number=row.number,
                borrower_id=row.borrower_id,
                funder_id=row.funder_id,
                day=row.day,
                currency=row.financing.currency,
                amount=Money.from_minor(earned, row.financing.currency).amount,
            )


def _memo(one: Financing, key: str) -> Memo:
    code, _, party = key.partition(":")
    name, side = books.NAMES[code.partition(".")[0]]
    return Memo(
        code, one.currency, int(party) if party else None, name, side, is_limited=code[:4] in _LIMITED
    )


_LIMITED: Final = (books.USED, books.USED_BY)
COLUMNS: Final = {
    "id": "uuid",
    "principal_owed": "bigint",
    "interest_owed": "bigint",
    "fee_owed": "bigint",
    "penalty_owed": "bigint",
    "booked_until": "date",
}


def _write(rows: Sequence[tuple[object, ...]]) -> None:
    changed = ", ".join(f"{name} = given.{name}" for name in COLUMNS if name != "id")
    execute(
        f"UPDATE finance_financing kept SET {changed} FROM {unnest(COLUMNS)} WHERE kept.id = given.id",
        transpose(list(COLUMNS), rows),
    )

"""Book what movements of stock turned out to be worth: balanced entries, and the same in the entries of each stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils import timezone

from b2b.contracts.value import LostStock, StockLost
from b2b.core.actor import Actor
from b2b.core.money import Money
from b2b.db.bulk import execute, transpose
from b2b.outbox.publish import publish
from finance.policies.chart import (
    COST_OF_SALES,
    COSTS_ACCRUED,
    GOODS_IN_TRANSFER,
    GOODS_RECEIVED,
    INVENTORY,
    MAIN,
    SENT_BACK,
    STOCK_DIFFERENCES,
    STOCK_LOSSES,
)
from finance.policies.entry import Entry, Line, entry_id
from finance.selectors import period as periods
from finance.services import chart, ledger
from finance.services import valuation_sql as sql
from finance.services.chart import Wanted

if TYPE_CHECKING:
    from finance.services.valuation import Held, Row, Worth

REVALUED: Final = "stock_revalued"
CORRECTION: Final = "CORRECTION"
# What a kind of movement is booked against, and what its entry is called.
AGAINST: Final = {
    "ISSUE": (COST_OF_SALES, "goods_issued"),
    "RETURN": (COST_OF_SALES, "goods_returned"),
    "SEND_BACK": (SENT_BACK, "goods_sent_back"),
    "SCRAP": (STOCK_LOSSES, "stock_lost"),
}
LOSSES: Final = (STOCK_DIFFERENCES, STOCK_LOSSES, SENT_BACK)


@dataclass(frozen=True, slots=True)
class _Group:
    """What is booked as one entry."""

    kind: str
    document_type: str
    document_id: UUID | None
    day: date


def dimension(site_id: int, product_id: int) -> str:
    """Return what lines of the stock account are about."""
    return f"stock:{site_id}/{product_id}"


def book(news: Sequence[Worth], held: Mapping[int, Held], currency: str, *, by: Actor, at: datetime) -> None:
    """Post what movements are worth, and what those booked before are worth more or less.

    New ones by document, on the day they took effect; corrections of history on the day of `at`, so that no day that
    was told is told anew; on the first open day where that one is closed. Every movement is booked for the first time
    once, which makes its entry's id.
    """
    today = timezone.localtime(at).date()
    groups: dict[_Group, list[Worth]] = defaultdict(list)
    for worth in news:
        groups[_group(worth.row, today)].append(worth)
    legs = {group: _legs(worths, held, currency) for group, worths in groups.items()}
    keys = chart.accounts(account for group in legs.values() for account, _ in group)
    book_id = chart.books()[MAIN]
    # Known before posting, so that stock and ledger tell the same on any day.
    days = periods.first_open_dates({(book_id, group.day) for group in legs})
    entries, entry_of = [], {}
    for group, amounts in legs.items():
        lines = tuple(
            Line(keys[account], amount, about)
            for (account, about), amount in sorted(amounts.items(), key=_order)
        )
        if lines:
            entry_of[group] = _id(group, groups[group], held)
            entries.append(_entry(entry_of[group], book_id, group, lines, days[book_id, group.day], at))
    ledger.post(entries, by=by)
    lossy = {group for group, amounts in legs.items() if any(one.code in LOSSES for one, _ in amounts)}
    told = {group: (key, days[book_id, group.day]) for group, key in entry_of.items() if group in lossy}
    publish(*_lost(groups, held, told, currency, at))
    rows = []
    for group, worths in groups.items():
        for worth in worths:
            row = worth.row
            rows.append(
                (
                    row.stock_id,
                    row.id,
                    0 if row.is_valued else row.quantity,
                    worth.value - row.value,
                    row.method,
                    days[book_id, group.day],
                    entry_of.get(group),
                )
            )
    execute(sql.WRITE_ENTRIES, {**transpose(list(sql.ENTRY), rows), "booked_at": at})


def _lost(
    groups: Mapping[_Group, Sequence[Worth]],
    held: Mapping[int, Held],
    entries: Mapping[_Group, tuple[UUID, date]],
    currency: str,
    at: datetime,
) -> Iterable[StockLost]:
    """Tell what entries book as lost, found or sent back, by product."""
    for group, (entry, day) in entries.items():
        amounts: dict[int, int] = defaultdict(int)
        for worth in groups[group]:
            # One movement alone: what it books to the accounts of losses.
            for (account, _), amount in _legs([worth], held, currency).items():
                if account.code in LOSSES:
                    amounts[held[worth.row.stock_id].product_id] += amount
        lines = tuple(
            LostStock(product_id=product_id, amount=Money.from_minor(amount, currency).amount)
            for product_id, amount in sorted(amounts.items())
            if amount
        )
        if lines:
            yield StockLost(
                occurred_at=at,
                entry_id=entry,
                kind=group.kind,
                day=day,
                currency=currency,
                document_type=group.document_type,
                document_id=group.document_id,
                lines=lines,
            )


def _group(row: Row, today: date) -> _Group:
    if row.is_valued:
        return _Group(REVALUED, "", None, today)
    kind = "goods_received" if row.purchase_order_line_id else AGAINST.get(row.kind, ("", "stock_moved"))[1]
    day = today if row.kind == CORRECTION else timezone.localtime(row.effective_at).date()
    return _Group(kind, row.document_type, row.document_id, day)


def _legs(worths: Sequence[Worth], held: Mapping[int, Held], currency: str) -> dict[tuple[Wanted, str], int]:
    """Sum up what goes to which account, by what it is about; nothing of what comes to nothing."""
    legs: dict[tuple[Wanted, str], int] = defaultdict(int)
    for worth in worths:
        row, stock = worth.row, held[worth.row.stock_id]
        value, absorbed = worth.value - row.value, worth.absorbed - row.absorbed
        extra = worth.extra - row.extra
        line = f"purchase_order_line:{row.purchase_order_line_id}"
        legs[Wanted(INVENTORY, currency), dimension(stock.site_id, stock.product_id)] += value
        legs[Wanted(COST_OF_SALES, currency), ""] += absorbed
        legs[Wanted(COSTS_ACCRUED, currency), line] -= extra
        if row.purchase_order_line_id is not None:
            against = (Wanted(GOODS_RECEIVED, currency, row.factory_id), line)
        elif row.is_transfer:
            against = (Wanted(GOODS_IN_TRANSFER, currency), "")
        else:
            against = (Wanted(AGAINST.get(row.kind, (STOCK_DIFFERENCES, ""))[0], currency), "")
        legs[against] -= value + absorbed - extra
    return {leg: amount for leg, amount in legs.items() if amount}


def _order(leg: tuple[tuple[Wanted, str], int]) -> tuple[str, int, str]:
    (account, about), _ = leg
    return account.code, account.party_id or 0, about


def _id(group: _Group, worths: Sequence[Worth], held: Mapping[int, Held]) -> UUID:
    """Return the id of an entry: of the first movement it books, or of the state of the stock it corrects."""
    row = worths[0].row
    if group.kind == REVALUED:
        return entry_id("stock_value", REVALUED, row.movement, held[row.stock_id].version)
    return entry_id("stock_value", row.movement, row.stock_id)


def _entry(key: UUID, book_id: int, group: _Group, lines: tuple[Line, ...], day: date, at: datetime) -> Entry:
    return Entry(
        id=key,
        book_id=book_id,
        kind=group.kind,
        effective_date=day,
        booked_at=at,
        lines=lines,
        source_type=group.document_type,
        source_id=str(group.document_id or ""),
    )

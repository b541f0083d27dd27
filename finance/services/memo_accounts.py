"""Open memorandum books and their accounts: financings, vouchers and pledged goods are counted there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.transactions import require_transaction
from finance.models import Book


@dataclass(frozen=True, slots=True)
class Memo:
    """An account by what it is for; its limits are those it is opened with."""

    code: str
    unit: str
    party_id: int | None = None
    name: str = ""
    side: str = "DEBIT"
    is_limited: bool = False
    floor: int | None = None
    ceiling: int | None = None

    @property
    def key(self) -> tuple[str, str, int | None]:
        """What no two accounts of a book have in common."""
        return self.code, self.unit, self.party_id


COLUMNS = {
    "code": "text",
    "unit": "text",
    "party_id": "bigint",
    "name": "text",
    "normal_side": "text",
    "is_limited": "boolean",
    "floor": "bigint",
    "ceiling": "bigint",
}
KEY = {name: COLUMNS[name] for name in ("code", "unit", "party_id")}
FIND = f"""
    SELECT account.code, account.unit, account.party_id, account.id FROM finance_account account
    JOIN {unnest(KEY, "wanted")} ON account.code = wanted.code AND account.unit = wanted.unit
        AND account.party_id IS NOT DISTINCT FROM wanted.party_id
    WHERE account.book_id = %(book)s
"""


def book(code: str, name: str) -> int:
    """Return the key of a memorandum book, opening it at first use."""
    found = Book.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        Book.objects.bulk_create([Book(code=code, name=name)], ignore_conflicts=True)
        found = Book.objects.values_list("pk", flat=True).get(code=code)
    return int(found)


def accounts(book_id: int, wanted: Iterable[Memo]) -> dict[tuple[str, str, int | None], int]:
    """Return the keys of accounts by (code, unit, party), opening those that are missing; at most three statements.

    :raises NoTransaction: outside a unit of work.
    """
    require_transaction()
    every = sorted({one.key: one for one in wanted}.values(), key=lambda w: (w.code, w.unit, w.party_id or 0))
    found = _find(book_id, every)
    missing = [one for one in every if one.key not in found]
    if missing:
        names = ", ".join(COLUMNS)
        execute(
            f"""
            WITH opened AS (
                INSERT INTO finance_account (book_id, type, {names})
                SELECT %(book)s, 'MEMO', {names} FROM {unnest(COLUMNS)}
                ON CONFLICT DO NOTHING RETURNING id, is_limited)
            INSERT INTO finance_accountbalance (account_id, posted, pending_debit, pending_credit)
            SELECT id, 0, 0, 0 FROM opened WHERE is_limited
            """,
            {**transpose(list(COLUMNS), map(astuple, missing)), "book": book_id},
        )
        found = _find(book_id, every)
    return found


def _find(book_id: int, wanted: list[Memo]) -> dict[tuple[str, str, int | None], int]:
    rows = fetch(FIND, {**transpose(list(KEY), (one.key for one in wanted)), "book": book_id})
    return {(code, unit, party): key for code, unit, party, key in rows}

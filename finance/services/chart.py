"""Open the books and accounts that postings need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from b2b.core.errors import NotYet
from b2b.db.bulk import execute, fetch, transpose, unnest
from b2b.db.transactions import require_transaction
from b2b.directory.models import Organization
from finance.models import Book
from finance.policies.chart import CHART, CREDIT, MAIN


class NoLegalEntity(NotYet):
    """There is no operator organisation that could keep books."""

    code = "no_legal_entity"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account by what it is for."""

    code: str
    unit: str
    party_id: int | None = None


def seller() -> Organization:
    """Return the legal entity that sells, owns the bank accounts and keeps the main book.

    :raises NoLegalEntity: when no operator organisation exists.
    """
    found = Organization.objects.filter(kind=Organization.Kind.OPERATOR).order_by("pk").first()
    if found is None:
        raise NoLegalEntity
    return found


def seller_codes() -> list[str]:
    """Return the codes of all legal entities that may have issued documents."""
    return list(Organization.objects.filter(kind=Organization.Kind.OPERATOR).values_list("code", flat=True))


def books() -> dict[str, int]:
    """Return the keys of the main and the credit book, opening them at first use."""
    known = dict(Book.objects.filter(code__in=(MAIN, CREDIT)).values_list("code", "pk"))
    if len(known) < 2:
        entity = seller()
        Book.objects.bulk_create(
            [
                Book(code=MAIN, name=entity.name, organization=entity),
                Book(code=CREDIT, name="Credit given to dealers"),
            ],
            ignore_conflicts=True,
        )
        known = dict(Book.objects.filter(code__in=(MAIN, CREDIT)).values_list("code", "pk"))
    return known


COLUMNS = {
    "book_id": "bigint",
    "code": "text",
    "name": "text",
    "type": "text",
    "normal_side": "text",
    "unit": "text",
    "party_id": "bigint",
    "is_limited": "boolean",
}
FIND = f"""
    SELECT account.code, account.unit, account.party_id, account.id FROM finance_account account
    JOIN {unnest({name: COLUMNS[name] for name in ("code", "unit", "party_id")}, "wanted")}
        ON account.code = wanted.code AND account.unit = wanted.unit
        AND account.party_id IS NOT DISTINCT FROM wanted.party_id
"""


def accounts(wanted: Iterable[Wanted]) -> dict[Wanted, int]:
    """Return the keys of the accounts, opening those that are missing; at most four statements, whatever the number."""
    require_transaction()
    every = sorted(set(wanted), key=lambda w: (w.code, w.unit, w.party_id or 0))
    found = _find(every)
    missing = [one for one in every if one not in found]
    if missing:
        book_ids = books()
        rows = []
        for one in missing:
            kind = CHART[one.code]
            key = book_ids[kind.book]
            rows.append(
                (key, one.code, kind.name, kind.type, kind.side, one.unit, one.party_id, kind.is_limited)
            )
        names = ", ".join(COLUMNS)
        execute(
            f"""
            WITH opened AS (
                INSERT INTO finance_account ({names}, ceiling)
                SELECT {names}, CASE WHEN is_limited THEN 0 END FROM {unnest(COLUMNS)}
                ON CONFLICT DO NOTHING RETURNING id, is_limited)
            INSERT INTO finance_accountbalance (account_id, posted, pending_debit, pending_credit)
            SELECT id, 0, 0, 0 FROM opened WHERE is_limited
            """,
            transpose(list(COLUMNS), rows),
        )
        found = _find(every)
    return found


def _find(wanted: list[Wanted]) -> dict[Wanted, int]:
    rows = fetch(
        FIND,
        transpose(["code", "unit", "party_id"], ((one.code, one.unit, one.party_id) for one in wanted)),
    )
    return {Wanted(code, unit, party_id): key for code, unit, party_id, key in rows}

"""How entries are handed to the database: many as one array for each column, one as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from b2b.db.bulk import literal, transpose
from finance.policies.entry import Entry

ENTRY_COLUMNS: Final = {
    "ids": "uuid",
    "books": "bigint",
    "kinds": "text",
    "pendings": "boolean",
    "forced": "boolean",
    "effectives": "date",
    "bookeds": "timestamptz",
    "expiries": "timestamptz",
    "source_types": "text",
    "source_ids": "text",
    "reversed": "uuid",
    "resolved": "uuid",
    "line_counts": "int",
    "descriptions": "text",
    "hashes": "text",
}
LINE_COLUMNS: Final = {
    "line_places": "int",
    "line_numbers": "int",
    "line_accounts": "bigint",
    "line_amounts": "bigint",
    "line_dimensions": "text",
}
POST: Final = "SELECT refused_id, outcome FROM finance_post({entries}, %(actor)s::text, {lines})".format(
    entries=", ".join(f"%({name})s::{kind}[]" for name, kind in ENTRY_COLUMNS.items()),
    lines=", ".join(f"%({name})s::{kind}[]" for name, kind in LINE_COLUMNS.items()),
)
POST_ONE: Final = (
    "finance_post_one(%(id)s::uuid, %(book)s::bigint, %(kind)s::text, %(pending)s::boolean, %(forced)s::boolean,"
    " %(effective)s::date, %(booked)s::timestamptz, %(expiry)s::timestamptz, %(source_type)s::text,"
    " %(source_id)s::text, %(description)s::text, %(hash)s::text, %(actor)s::text, %(accounts)s::bigint[],"
    " %(amounts)s::bigint[], %(dimensions)s::text[])"
)


def columns(entries: Sequence[Entry]) -> dict[str, str]:
    """Return entries and lines as the arrays that `POST` takes."""
    heads = transpose(
        list(ENTRY_COLUMNS),
        (
            (
                entry.id,
                entry.book_id,
                entry.kind,
                entry.is_pending,
                entry.forced,
                entry.effective_date,
                entry.booked_at,
                entry.expires_at,
                entry.source_type,
                entry.source_id,
                entry.reverses,
                entry.resolves,
                len(entry.lines),
                entry.description[:200],
                entry.body_hash(),
            )
            for entry in entries
        ),
    )
    lines = transpose(
        list(LINE_COLUMNS),
        (
            (place, number, line.account_id, line.amount, line.dimension)
            for place, entry in enumerate(entries, 1)
            for number, line in enumerate(entry.lines, 1)
        ),
    )
    return {**heads, **lines}


def values(entry: Entry, actor: str) -> dict[str, Any]:
    """Return an entry that undoes no other as the values that `POST_ONE` takes."""
    return {
        "id": entry.id.hex,
        "book": entry.book_id,
        "kind": entry.kind,
        "pending": entry.is_pending,
        "forced": entry.forced,
        "effective": entry.effective_date,
        "booked": entry.booked_at,
        "expiry": entry.expires_at,
        "source_type": entry.source_type,
        "source_id": entry.source_id,
        "description": entry.description[:200],
        "hash": entry.body_hash(),
        "actor": actor,
        "accounts": literal([line.account_id for line in entry.lines]),
        "amounts": literal([line.amount for line in entry.lines]),
        "dimensions": literal([line.dimension for line in entry.lines]),
    }

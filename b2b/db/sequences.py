"""Gap-free document numbers: one row per issuer and kind, locked until the transaction commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from b2b.db.bulk import fetch, fetch_value, transpose, unnest
from b2b.db.transactions import require_transaction


def take(kind: str, issuer_id: int, count: int = 1) -> range:
    """Take the next `count` numbers of an issuer's series; a rolled-back transaction gives them back.

    Numbers of one issuer are handed out one transaction after the other, so take them late.

    :raises NoTransaction: outside a unit of work. :raises ValueError: when count is not positive.
    """
    require_transaction()
    if count < 1:
        raise ValueError("take at least one number")
    last = fetch_value(
        """
        INSERT INTO db_numberseries AS series (kind, issuer_id, last_number) VALUES (%s, %s, %s)
        ON CONFLICT (kind, issuer_id) DO UPDATE SET last_number = series.last_number + excluded.last_number
        RETURNING last_number
        """,
        [kind, issuer_id, count],
    )
    return range(last - count + 1, last + 1)


def take_each(kind: str, issuer_ids: Iterable[int]) -> dict[int, int]:
    """Take the next number of each issuer's series, in the order of their keys; one statement.

    :raises NoTransaction: outside a unit of work.
    """
    require_transaction()
    return dict(
        fetch(
            """
            INSERT INTO db_numberseries AS series (kind, issuer_id, last_number)
            SELECT %s, issuer_id, 1 FROM unnest(%s::bigint[]) issuer_id ORDER BY issuer_id
            ON CONFLICT (kind, issuer_id) DO UPDATE SET last_number = series.last_number + 1
            RETURNING issuer_id, last_number
            """,
            [kind, sorted(set(issuer_ids))],
        )
    )


def take_counts(kind: str, wanted: Mapping[int, int]) -> dict[int, range]:
    """Take so many numbers of each issuer's series as `wanted` says, in the order of their keys; one statement.

    :raises NoTransaction: outside a unit of work. :raises ValueError: when a count is not positive.
    """
    require_transaction()
    if any(count < 1 for count in wanted.values()):
        raise ValueError("take at least one number")
    columns = {"issuer_id": "bigint", "wanted": "bigint"}
    rows = fetch(
        f"""
        INSERT INTO db_numberseries AS series (kind, issuer_id, last_number)
        SELECT %(kind)s, issuer_id, wanted FROM {unnest(columns)} ORDER BY issuer_id
        ON CONFLICT (kind, issuer_id) DO UPDATE SET last_number = series.last_number + excluded.last_number
        RETURNING issuer_id, last_number
        """,
        {**transpose(list(columns), wanted.items()), "kind": kind},
    )
    return {issuer_id: range(last - wanted[issuer_id] + 1, last + 1) for issuer_id, last in rows}


def number(prefix: str, issuer_code: str, value: int) -> str:
    """Write a document number, e.g. PO-ACME-000042; unique per issuer, and telling only the issuer's own count."""
    return f"{prefix}-{issuer_code}-{value:06d}"

"""Document numbers for many issuers in one statement."""

from __future__ import annotations

from collections.abc import Mapping

from b2b.db.bulk import fetch, unnest
from b2b.db.sequences import number
from b2b.db.transactions import require_transaction

COLUMNS = {"issuer": "bigint", "wanted": "bigint"}


def take_each(
    kind: str, wanted: Mapping[int, int], codes: Mapping[int, str], prefix: str
) -> dict[int, list[str]]:
    """Take so many numbers of a kind for each issuer and return them written out; issuers are locked in key order.

    :raises NoTransaction: outside a unit of work.
    """
    require_transaction()
    issuers = sorted(issuer for issuer, count in wanted.items() if count > 0)
    rows = fetch(
        f"""
        INSERT INTO db_numberseries AS series (kind, issuer_id, last_number)
        SELECT %(kind)s, issuer, wanted FROM {unnest(COLUMNS)} ORDER BY issuer
        ON CONFLICT (kind, issuer_id) DO UPDATE SET last_number = series.last_number + excluded.last_number
        RETURNING issuer_id, last_number
        """,
        {"kind": kind, "issuer": issuers, "wanted": [wanted[issuer] for issuer in issuers]},
    )
    return {
        issuer: [number(prefix, codes[issuer], value) for value in range(last - wanted[issuer] + 1, last + 1)]
        for issuer, last in rows
    }

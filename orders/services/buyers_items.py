"""A dealer's own article codes, taken over from a list: all of its rows or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from b2b.core.actor import Actor
from b2b.core.errors import Invalid
from b2b.db.bulk import execute, fetch_value, staged
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from orders.policies.buyers_item import Coded, judge
from orders.policies.cell import plain
from orders.policies.raw_row import RawRow
from orders.selectors import buyers_item as selectors
from orders.services.order import may_order_for

Mode = Literal["merge", "replace"]
_COLUMNS: Final = {"code": "text", "product_id": "bigint"}


class InvalidCodes(Invalid):
    """Some rows of the list cannot be taken; each problem names its row, field and remedy. Nothing was taken."""

    code = "invalid_codes"


@dataclass(frozen=True, slots=True)
class Taken:
    """How many codes are new, name another product now, are gone, and how many the list holds."""

    added: int
    changed: int
    removed: int
    count: int


def preview(rows: Sequence[RawRow], *, dealer: Organization, by: Actor) -> Coded:
    """Judge a list without writing; one query, whatever the number of rows. :raises Forbidden: for another dealer."""
    may_order_for(dealer.pk, by)
    skus = {row.get("sku") for row in rows} - {""}
    gtins = {plain(row.get("gtin")) for row in rows} - {""}
    by_sku, by_gtin = selectors.products(skus, gtins)
    return judge(rows, by_sku=by_sku, by_gtin=by_gtin)


@unit_of_work()
def put(
    rows: Sequence[RawRow], *, dealer: Organization, mode: Mode = "merge", by: Actor, at: datetime
) -> Taken:
    """Take a list over: `merge` adds codes and turns known ones to other products, `replace` forgets all others too.

    A constant number of statements.

    :raises Forbidden: for another dealer. :raises InvalidCodes: naming every faulty row.
    """
    coded = preview(rows, dealer=dealer, by=by)
    if coded.problems:
        faulty = len({problem.row for problem in coded.problems})
        raise InvalidCodes(f"{faulty} of {len(rows)} rows cannot be taken", problems=coded.problems)
    # One list after the other: of two that replace all, the later is the whole.
    advisory_lock(f"orders.buyers_items.{dealer.pk}")
    key = {"dealer": dealer.pk, "by": str(by)[:150], "at": at}
    with staged(_COLUMNS, sorted(coded.products.items()), name="buyers_codes") as table:
        changed = fetch_value(
            f"""
            SELECT count(*) FROM {table} given JOIN orders_buyersitem known
                ON known.dealer_id = %(dealer)s AND known.code = given.code AND known.product_id <> given.product_id
            """,
            key,
        )
        added = fetch_value(
            f"""
            WITH written AS (
                INSERT INTO orders_buyersitem AS known (dealer_id, code, product_id, updated_at, updated_by)
                SELECT %(dealer)s, code, product_id, %(at)s, %(by)s FROM {table}
                ON CONFLICT (dealer_id, code) DO UPDATE SET product_id = excluded.product_id,
                    updated_at = excluded.updated_at, updated_by = excluded.updated_by
                WHERE known.product_id <> excluded.product_id
                RETURNING 1)
            SELECT count(*) FROM written
            """,
            key,
        ) - changed  # fmt: skip
        removed = 0
        if mode == "replace":
            removed = execute(
                f"""
                DELETE FROM orders_buyersitem WHERE dealer_id = %(dealer)s AND code NOT IN (SELECT code FROM {table})
                """,
                key,
            )
    return Taken(added, changed, removed, len(coded.products))


@unit_of_work()
def remove(codes: Sequence[str], *, dealer: Organization, by: Actor) -> int:
    """Forget codes of a dealer and return how many there were. :raises Forbidden: for another dealer."""
    may_order_for(dealer.pk, by)
    return execute(
        "DELETE FROM orders_buyersitem WHERE dealer_id = %s AND code = ANY(%s)", [dealer.pk, list(codes)]
    )

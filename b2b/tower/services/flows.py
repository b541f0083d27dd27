"""Note what documents add to figures, each part once; the newest version of it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.utils import timezone

from b2b.core.errors import NotYet
from b2b.db.bulk import execute, fetch_value, transpose, unnest
from b2b.db.transactions import unit_of_work

COLUMNS: Final = {
    "kind": "text",
    "source_id": "uuid",
    "at": "timestamptz",
    "day": "date",
    "currency": "text",
    "part": "text",
    "version": "integer",
    "number": "text",
    "dealer_id": "bigint",
    "factory_id": "bigint",
    "product_id": "bigint",
    "cycle_id": "uuid",
    "quantity": "bigint",
    "amount": "numeric",
}
_CHANGING: Final = ("at", "day", "quantity", "amount")


@dataclass(frozen=True, slots=True)
class Flow:
    """What one part of a document adds: see `FlowFact`. `day` is that of `at` unless the document says another."""

    kind: str
    source_id: UUID
    at: datetime
    currency: str
    day: date | None = None
    part: str = ""
    version: int = 0
    number: str = ""
    dealer_id: int | None = None
    factory_id: int | None = None
    product_id: int | None = None
    cycle_id: UUID | None = None
    quantity: int = 0
    amount: Decimal = Decimal(0)


def day_of(at: datetime) -> date:
    """Return the day of a moment in the platform's time zone."""
    return timezone.localtime(at, timezone.get_default_timezone()).date()


@unit_of_work()
def note(flows: Iterable[Flow]) -> int:
    """Keep flows and return how many were new or newer; one statement, whatever the number."""
    rows = (
        [one.day or day_of(one.at) if name == "day" else getattr(one, name) for name in COLUMNS]
        for one in flows
    )
    names = ", ".join(COLUMNS)
    return execute(
        f"""
        INSERT INTO tower_flowfact AS kept ({names}) SELECT {names} FROM {unnest(COLUMNS)}
        ORDER BY kind, source_id, part
        ON CONFLICT (kind, source_id, part) DO UPDATE SET version = excluded.version,
            {", ".join(f"{name} = excluded.{name}" for name in _CHANGING)}
        WHERE kept.version < excluded.version
        """,
        transpose(list(COLUMNS), rows),
    )


@unit_of_work()
def note_settled(
    *, payment_id: UUID, amounts: dict[UUID, Decimal], key: str, number: str, at: datetime
) -> int:
    """Note what came off the open amounts of invoices, in the invoices' own currencies.

    :raises NotYet: when an invoice has not been noted; the event will come again.
    """
    known = fetch_value(
        "SELECT count(DISTINCT source_id) FROM tower_flowfact WHERE kind = 'BILLED' AND source_id = ANY(%s)",
        [list(amounts)],
    )
    if known < len(amounts):
        raise NotYet(f"{len(amounts) - known} invoices have not been noted yet")
    return execute(
        f"""
        INSERT INTO tower_flowfact (kind, source_id, part, version, number, at, day, dealer_id, currency, quantity,
            amount)
        SELECT 'SETTLED', %(payment)s, billed.source_id || '/' || %(key)s, 0, %(number)s, %(at)s, %(day)s,
            billed.dealer_id, billed.currency, 0, given.amount
        FROM {unnest({"invoice_id": "uuid", "amount": "numeric"})}
        JOIN tower_flowfact billed ON billed.kind = 'BILLED' AND billed.source_id = given.invoice_id
        ORDER BY 3 ON CONFLICT (kind, source_id, part) DO NOTHING
        """,
        {
            **transpose(["invoice_id", "amount"], amounts.items()),
            "payment": payment_id,
            "key": key,
            "number": number,
            "at": at,
            "day": day_of(at),
        },
    )


@unit_of_work()
def note_taken_back(*, payment_id: UUID, invoice_ids: list[UUID], at: datetime) -> int:
    """Let what a payment took off invoices be owed again, all of it.

    :raises NotYet: when the payment has not been noted for one of them; the event will come again.
    """
    given = {
        "payment": payment_id,
        "invoices": [f"{one}/" for one in invoice_ids],
        "key": at.isoformat(),
        "at": at,
        "day": day_of(at),
    }
    known = fetch_value(
        """
        SELECT count(DISTINCT left(part, 37)) FROM tower_flowfact
        WHERE kind = 'SETTLED' AND source_id = %(payment)s AND left(part, 37) = ANY(%(invoices)s)
        """,
        given,
    )
    if known < len(set(invoice_ids)):
        raise NotYet(f"payment {payment_id} has not been noted yet")
    return execute(
        """
        INSERT INTO tower_flowfact (kind, source_id, part, version, number, at, day, dealer_id, currency, quantity,
            amount)
        SELECT 'SETTLED', source_id, left(part, 37) || 'back/' || %(key)s, 0, min(number), %(at)s, %(day)s, dealer_id,
            currency, 0, -sum(amount)
        FROM tower_flowfact
        WHERE kind = 'SETTLED' AND source_id = %(payment)s AND left(part, 37) = ANY(%(invoices)s) AND at <= %(at)s
        GROUP BY source_id, left(part, 37), dealer_id, currency
        ORDER BY 3 ON CONFLICT (kind, source_id, part) DO NOTHING
        """,
        given,
    )

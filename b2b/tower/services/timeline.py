"""Note the steps of an order's life as the other apps tell of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from b2b.contracts.financing import FinancingDrawn, FinancingRepaid
from b2b.core.errors import NotYet
from b2b.db.bulk import execute, fetch_value, transpose, unnest
from b2b.db.transactions import unit_of_work
from b2b.tower.selectors.timeline import ALLOCATED

__all__ = ["ALLOCATED", "Step", "note", "note_on_shipment", "note_payment", "version_key"]

# Which step of an order's story names what was financed.
FINANCED: Final = {"ORDER": "confirmed", "INVOICE": "invoiced"}
COLUMNS = {
    "order_id": "uuid",
    "dealer_id": "bigint",
    "at": "timestamptz",
    "step": "text",
    "text": "text",
    "quantity": "bigint",
    "document_id": "uuid",
    "document_number": "text",
    "key": "text",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one order; `quantity` in base units, None where none is meant.

    `key` tells apart the times when a step is taken again: empty for what a document does once.
    """

    order_id: UUID
    dealer_id: int
    at: datetime
    step: str
    text: str
    document_id: UUID
    document_number: str = ""
    quantity: int | None = None
    key: str = ""


def version_key(version: int) -> str:
    """Return the key of a version of a document; keys sort as versions do."""
    return f"{version:08d}"


@unit_of_work()
def note(steps: Iterable[Step]) -> int:
    """Append steps and return how many were new; a step of one document and key is noted once."""
    rows = ([getattr(step, name) for name in COLUMNS] for step in steps)
    return execute(
        f"""
        INSERT INTO tower_timelineentry ({", ".join(COLUMNS)})
        SELECT {", ".join(COLUMNS)} FROM {unnest(COLUMNS)}
        ON CONFLICT (order_id, step, document_id, key) DO NOTHING
        """,
        transpose(list(COLUMNS), rows),
    )


FOLLOW = """
    INSERT INTO tower_timelineentry
        (order_id, dealer_id, at, step, text, quantity, document_id, document_number, key)
    SELECT DISTINCT ON (order_id) order_id, dealer_id, %(at)s, %(step)s, %(text)s, NULL::bigint, %(document_id)s::uuid,
        document_number, %(key)s
    FROM tower_timelineentry WHERE step = %(after)s AND document_id = ANY(%(documents)s::uuid[])
    ORDER BY order_id, id
    ON CONFLICT (order_id, step, document_id, key) DO NOTHING
"""


@unit_of_work()
def note_payment(
    *, payment_id: UUID, invoice_ids: list[UUID], at: datetime, text: str, step: str = "paid", key: str = ""
) -> int:
    """Note a payment, or that it was taken back, on every order that one of the settled invoices bills.

    :raises NotYet: when an invoice has not been noted yet; the event will come again.
    """
    return _follow(
        "invoiced", invoice_ids, step=step, document_id=payment_id, at=at, text=text[:200], key=key
    )


@unit_of_work()
def note_financing(event: FinancingDrawn) -> int:
    """Note what was lent on an order, or on every order that a financed invoice bills; other assets have no order.

    :raises NotYet: when the order or invoice has not been noted yet; the event will come again.
    """
    after = FINANCED.get(event.asset_kind)
    if after is None or not event.asset_key:
        return 0
    text = f"{event.paid_out} {event.currency} lent on {event.asset_number}, due {event.maturity.isoformat()}"
    return _follow(
        after,
        [UUID(event.asset_key)],
        step="financed",
        document_id=event.financing_id,
        at=event.occurred_at,
        text=text[:200],
        key="",
    )


@unit_of_work()
def note_repaid(event: FinancingRepaid) -> int:
    """Note that what was lent on an order or invoice is paid back.

    :raises NotYet: when it was not noted that it was lent; the event will come again.
    """
    if event.asset_kind not in FINANCED:
        return 0
    return _follow(
        "financed",
        [event.financing_id],
        step="loan_repaid",
        document_id=event.financing_id,
        at=event.occurred_at,
        text="What was lent is paid back",
        key="",
    )


@unit_of_work()
def note_on_shipment(*, shipment_id: UUID, at: datetime, step: str, text: str) -> int:
    """Note what became of a shipment on every order it carries; it may become of it again at another moment.

    :raises NotYet: when its departure has not been noted yet; the event will come again.
    """
    return _follow(
        "shipped",
        [shipment_id],
        step=step,
        document_id=shipment_id,
        at=at,
        text=text[:200],
        key=at.isoformat(),
    )


def _follow(after: str, documents: list[UUID], **step: object) -> int:
    known = fetch_value(
        "SELECT count(DISTINCT document_id) FROM tower_timelineentry WHERE step = %s AND document_id = ANY(%s)",
        [after, documents],
    )
    if known < len(set(documents)):
        raise NotYet(f"{len(set(documents)) - known} documents are not on any timeline yet")
    return execute(FOLLOW, {"after": after, "documents": documents, **step})

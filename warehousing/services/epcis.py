"""Write EPCIS events: with the movement they tell of, in its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from b2b.db.bulk import execute, transpose, unnest
from warehousing.policies import epcis_events
from warehousing.policies.epcis_events import Moved, Told
from warehousing.selectors import epcis_names

EVENTS = {
    "place": "integer",
    "event_id": "text",
    "kind": "text",
    "event_time": "timestamptz",
    "biz_step": "text",
    "disposition": "text",
    "read_point": "text",
    "biz_location": "text",
    "dealer_id": "bigint",
    "factory_id": "bigint",
    "carrier_id": "bigint",
    "captured_by_id": "bigint",
    "is_error": "boolean",
    "document_id": "uuid",
    "body": "text",
}
MENTIONS = {
    "of_place": "integer",
    "uri": "text",
    "role": "text",
    "act": "text",
    "lot_id": "bigint",
    "unit_id": "bigint",
    "parent_unit_id": "bigint",
    "amount": "numeric",
    "is_verified": "boolean",
}
# An event that is told already is not told again, and names nothing again.
WRITE = f"""
WITH given AS (SELECT * FROM {unnest(EVENTS)}),
made AS (
    INSERT INTO warehousing_epcisevent (event_id, kind, event_time, record_time, biz_step, disposition, read_point,
        biz_location, dealer_id, factory_id, carrier_id, captured_by_id, is_error, document_type, document_id, document)
    SELECT event_id, kind, event_time, midstream_now(), biz_step, disposition, read_point, biz_location,
        dealer_id, factory_id, carrier_id, captured_by_id, is_error, %(document_type)s, document_id, body::jsonb
    FROM given ORDER BY place
    ON CONFLICT (event_id, is_error, event_time) DO NOTHING
    RETURNING id, event_id, event_time, is_error
)
INSERT INTO warehousing_epcismention (event_key, event_time, uri, role, action, lot_id, handling_unit_id,
    parent_unit_id, quantity, is_verified)
SELECT made.id, made.event_time, mention.uri, mention.role, mention.act, mention.lot_id, mention.unit_id,
    mention.parent_unit_id, mention.amount, mention.is_verified
FROM {unnest(MENTIONS, "mention")} JOIN given ON given.place = mention.of_place
JOIN made ON made.event_id = given.event_id AND made.is_error = given.is_error
"""
Row = tuple[Any, ...]


def record_moves(
    rows: Iterable[Sequence[Any]], *, at: datetime, document_type: str, document_id: UUID
) -> int:
    """Write the events of movements as `movement_sql.COLUMNS` has them; two statements, whatever their number."""
    moves = [_moved(row, document_id) for row in rows]
    names = epcis_names.of_moves(moves, document_type=document_type, at=at)
    return record(epcis_events.events(moves, names, at=at), document_type=document_type)


def _moved(row: Sequence[Any], document_id: UUID) -> Moved:
    (
        movement,
        _,
        owner_id,
        product_id,
        lot_id,
        serial_id,
        source_id,
        destination_id,
        unit_id,
        into_unit_id,
    ) = row[:10]
    _, to_status, quantity, _, kind, own_document, _ = row[10:]
    return Moved(
        movement, kind, product_id, quantity, source_id, destination_id, own_document or document_id,
        lot_id, serial_id, owner_id, unit_id, into_unit_id, to_status,
    )  # fmt: skip


def record(told: Iterable[Told], *, document_type: str, carrier_id: int | None = None) -> int:
    """Write events of our own in one statement; return how many were given."""
    events: list[Row] = []
    mentions: list[Row] = []
    for place, one in enumerate(told):
        parties = (one.dealer_id, one.factory_id, carrier_id, None)
        events.append(event_row(place, one.document, parties, document_id=one.document_id))
        mentions += [
            (place, m.uri, m.role, m.action, m.lot_id, m.unit_id, m.parent_unit_id, m.quantity, True)
            for m in one.mentions
        ]
    return write(events, mentions, document_type=document_type)


def event_row(
    place: int,
    document: dict[str, Any],
    parties: tuple[int | None, int | None, int | None, int | None],
    *,
    document_id: UUID | None = None,
) -> Row:
    """Return an event as `write` takes it; `parties` are dealer, factory, carrier and who captured it."""
    return (
        place,
        document["eventID"],
        document["type"],
        document["eventTime"],
        document.get("bizStep", ""),
        document.get("disposition", ""),
        document.get("readPoint", {}).get("id", ""),
        document.get("bizLocation", {}).get("id", ""),
        *parties,
        "errorDeclaration" in document,
        document_id,
        msgspec.json.encode(document).decode(),
    )


def write(events: Sequence[Row], mentions: Sequence[Row], *, document_type: str) -> int:
    """Write rows of events and of what they name."""
    if events:
        execute(
            WRITE,
            {
                **transpose(list(EVENTS), events),
                **transpose(list(MENTIONS), mentions),
                "document_type": document_type,
            },
        )
    return len(events)

"""Take movements back; history stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid, NotFound
from b2b.core.ids import uuid7
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.transactions import unit_of_work
from warehousing.models import MovementKind, StockCorrection, StockLedgerEntry
from warehousing.services import movement
from warehousing.services.movement import Move


class AlreadyReversed(DomainError):
    """A movement is taken back once."""

    code = "already_reversed"


PAIRS = {"movement": "uuid", "reversal": "uuid", "effective_at": "timestamptz"}

# The unique index decides between two who correct the same movement at the same moment.
RECORD = f"""
INSERT INTO warehousing_stockcorrection (movement, reversal, effective_at, recorded_at, corrected_by, reason)
SELECT movement, reversal, effective_at, midstream_now(), %(by)s, %(reason)s FROM {unnest(PAIRS)} ORDER BY movement
ON CONFLICT (movement) DO NOTHING
"""


@unit_of_work()
def reverse(
    movements: Sequence[UUID],
    *,
    reason: str,
    by: Actor,
    at: datetime,
    effective_at: datetime | None = None,
) -> list[UUID]:
    """Take movements back by posting the opposite ones, and return those in the order given.

    A reversal takes effect when its movement did, unless `effective_at` says later: what stood where since then reads
    as if it had not happened. It touches two legs and two balances per movement, whenever that was.

    :raises Invalid: without a reason, or when it would take effect before its movement, or in the future.
    :raises NotFound: when there is no such movement. :raises AlreadyReversed: when one was taken back before.
    :raises NotEnoughStock: when the goods have moved on.
    """
    if not reason.strip():
        raise Invalid("a correction says why", remedy="give a reason")
    wanted = list(dict.fromkeys(movements))
    legs: dict[UUID, list[StockLedgerEntry]] = {}
    for leg in StockLedgerEntry.objects.filter(movement__in=wanted).order_by("movement", "quantity"):
        legs.setdefault(leg.movement, []).append(leg)
    if set(wanted) - legs.keys():
        raise NotFound("there is no such movement")
    _refuse(StockCorrection.objects.filter(movement__in=wanted).count())
    rows = []
    for since, group in _by_moment(wanted, legs, effective_at, at).items():
        pairs = [(_opposite(*legs[key]), key) for key in group]
        reversals = movement.append(pairs, since, "correction", uuid7(), reason)
        rows += list(zip(group, reversals, [since] * len(group), strict=True))
    written = execute(RECORD, {**transpose(list(PAIRS), rows), "by": str(by)[:200], "reason": reason})
    _refuse(len(wanted) - written)
    by_movement = {key: reversal for key, reversal, _ in rows}
    return [by_movement[key] for key in wanted]


def _refuse(known: int) -> None:
    if known:
        raise AlreadyReversed(f"{known} of these movements were taken back before")


def _by_moment(
    wanted: Sequence[UUID],
    legs: dict[UUID, list[StockLedgerEntry]],
    effective_at: datetime | None,
    at: datetime,
) -> dict[datetime, list[UUID]]:
    """Group movements by when their reversals take effect."""
    groups: dict[datetime, list[UUID]] = {}
    for key in wanted:
        happened = legs[key][0].effective_at
        since = effective_at or happened
        if since < happened or since > max(at, happened):
            raise Invalid(
                f"a correction of {happened:%Y-%m-%d %H:%M} takes effect between then and now",
                movement=str(key),
            )
        groups.setdefault(since, []).append(key)
    return groups


def _opposite(taken: StockLedgerEntry, given: StockLedgerEntry) -> Move:
    return Move(
        product_id=taken.product_id,
        source_id=given.location_id,
        destination_id=taken.location_id,
        quantity=given.quantity,
        lot_id=taken.lot_id,
        owner_id=given.owner_id,
        to_owner_id=taken.owner_id,
        handling_unit_id=given.handling_unit_id,
        into_unit_id=taken.handling_unit_id,
        status=given.status,
        to_status=taken.status,
        serial_id=taken.serial_id,
        kind=MovementKind.CORRECTION,
    )

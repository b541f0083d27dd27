"""What the books said when something was counted, and making them say what was found."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

from b2b.db.bulk import fetch
from b2b.db.locks import lock, lock_by
from warehousing.models import CountLine, Demand, Location, MovementKind, Reservation
from warehousing.selectors import location
from warehousing.services import goods, movement, reservation, shortfall
from warehousing.services.movement import Move

EVER = datetime(9999, 1, 1, tzinfo=UTC)

KEY = """product_id = %(product_id)s AND location_id = %(location_id)s AND lot_id IS NOT DISTINCT FROM %(lot_id)s
    AND owner_id IS NOT DISTINCT FROM %(owner_id)s
    AND handling_unit_id IS NOT DISTINCT FROM %(handling_unit_id)s AND status = %(status)s"""

HOLD = f"SELECT id, on_hand, reserved FROM warehousing_quant WHERE {KEY} ORDER BY id FOR NO KEY UPDATE"

# What took effect after the count was not on the shelf, or not yet gone. Corrections by other counts stay in: what
# they found was there, or missing, before.
AFTER = f"""
SELECT coalesce(sum(quantity) FILTER (WHERE effective_at > %(counted_at)s AND kind <> 'COUNT'), 0)::bigint,
    coalesce((SELECT id FROM warehousing_stockledgerentry WHERE {KEY} AND effective_at <= %(counted_at)s
              ORDER BY effective_at DESC, id DESC LIMIT 1), 0)
FROM warehousing_stockledgerentry WHERE {KEY} AND effective_at > %(counted_at)s
"""

# The newest reservations lose first, and only what is missing.
GIVE_UP = """
WITH ranked AS (
    SELECT id, demand_id, quantity, sum(quantity) OVER (ORDER BY id DESC) - quantity AS before
    FROM warehousing_reservation WHERE quant_id = %(quant_id)s AND status = 'ACTIVE'
),
cuts AS (
    SELECT id, demand_id, quantity, least(quantity, %(missing)s - before)::bigint AS cut
    FROM ranked WHERE before < %(missing)s
),
freed AS (
    UPDATE warehousing_quant SET reserved = reserved - (SELECT coalesce(sum(cut), 0) FROM cuts)
    WHERE id = %(quant_id)s
),
tasks AS (
    UPDATE warehousing_picktask task
    SET status = CASE WHEN cuts.cut = cuts.quantity THEN 'CANCELLED' ELSE task.status END,
        quantity = CASE WHEN cuts.cut = cuts.quantity THEN task.quantity ELSE cuts.quantity - cuts.cut END
    FROM cuts WHERE task.reservation_id = cuts.id AND task.status = 'OPEN'
)
UPDATE warehousing_reservation kept
SET status = CASE WHEN cuts.cut = cuts.quantity THEN 'RELEASED' ELSE kept.status END,
    quantity = CASE WHEN cuts.cut = cuts.quantity THEN kept.quantity ELSE cuts.quantity - cuts.cut END
FROM cuts WHERE kept.id = cuts.id RETURNING kept.demand_id, cuts.cut
"""


def expected(line: CountLine, counted_at: datetime | None) -> tuple[int, int]:
    """Hold the balance of a line's key and return what it was when counted, with the last ledger entry in it."""
    rows = lock_by(HOLD, _key(line))
    on_hand = rows[0][1] if rows else 0
    [(later, position)] = fetch(AFTER, {**_key(line), "counted_at": counted_at or EVER})
    return on_hand - later, position


def hold(line: CountLine) -> None:
    """Hold the balance of a line's key, before the documents of counting are written."""
    lock_by(HOLD, _key(line))


def fits(line: CountLine) -> bool:
    """Tell whether the variance leaves what demands hold; the caller holds the balance."""
    _, on_hand, reserved = (lock_by(HOLD, _key(line)) or [(None, 0, 0)])[0]
    return bool(on_hand + (line.variance or 0) >= reserved)


def book(line: CountLine, *, at: datetime) -> UUID | None:
    """Move the variance to or from the warehouse's loss; nothing when there is none."""
    if not line.variance:
        return None
    house = Location.objects.values_list("warehouse_id", flat=True).get(pk=line.location_id)
    loss = location.by_kind([house])[house, Location.Kind.LOSS]
    ends = (loss, line.location_id) if line.variance > 0 else (line.location_id, loss)
    # The lost side keeps unit and status, so that taking the movement back is its mirror.
    move = Move(
        line.product_id,
        *ends,
        abs(line.variance),
        lot_id=line.lot_id,
        owner_id=line.owner_id,
        handling_unit_id=line.handling_unit_id if line.variance < 0 else None,
        into_unit_id=None if line.variance < 0 else line.handling_unit_id,
        status=line.stock_status,
        kind=MovementKind.COUNT,
    )
    [key] = movement.post(
        [move], at=at, document_type="count", document_id=line.cycle_count_id, reason=_why(line)
    )
    return key


def _why(line: CountLine) -> str:
    """Say why the books were wrong, and why that was believed."""
    said = [reason for reason in (line.cycle_count.reason, line.reason) if reason]
    return "; ".join(said)[:200] or "counted"


def book_and_give_up(line: CountLine, *, at: datetime) -> UUID | None:
    """Book a variance that takes what demands hold: the newest reservations lose it, and what else there is
    is reserved for them; orders hear of what is nowhere."""
    kept = Reservation.objects.filter(
        status="ACTIVE", quant__location_id=line.location_id, quant__product_id=line.product_id
    )
    lock(Demand.objects.filter(pk__in=kept.values("demand_id")).only("pk"))
    goods.hold([line.product_id], warehouse_id=line.cycle_count.warehouse_id)
    quant_id, on_hand, reserved = (lock_by(HOLD, _key(line)) or [(None, 0, 0)])[0]
    missing = reserved - on_hand - (line.variance or 0)
    losers: Counter[int] = Counter()
    if missing > 0:
        for demand_id, cut in fetch(GIVE_UP, {"quant_id": quant_id, "missing": missing}):
            losers[demand_id] += cut
    key = book(line, at=at)
    if losers:
        reservation.allocate_demands(losers, at=at)
        shortfall.tell(line.cycle_count.warehouse, losers, at=at)
    return key


def _key(line: CountLine) -> dict[str, object]:
    return {
        "product_id": line.product_id,
        "location_id": line.location_id,
        "lot_id": line.lot_id,
        "owner_id": line.owner_id,
        "handling_unit_id": line.handling_unit_id,
        "status": str(line.stock_status),
    }

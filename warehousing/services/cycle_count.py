"""Count while goods move: against the books at the moment of counting, and set them right."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.core.clock import now
from b2b.core.errors import DomainError, Invalid, NotFound
from b2b.db import sequences
from b2b.db.bulk import execute
from b2b.db.locks import lock_one
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from warehousing import states
from warehousing.models import CountAttempt, CountLine, CycleCount, Location, StockStatus, Warehouse
from warehousing.policies import counting
from warehousing.policies.counting import Verdict
from warehousing.services import count_booking
from warehousing.services.movement import ClosedLocation

OLDEST = timedelta(days=2)  # how late a handheld may tell what it counted


class NothingToCount(DomainError):
    """Nothing stands at these places."""

    code = "nothing_to_count"


class SameEyes(DomainError):
    """Who counted does not decide."""

    code = "same_eyes"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at a place of one key of stock, base units; `counted_at` is the handheld's time, else now."""

    location_id: int
    product_id: int
    counted: int
    lot_id: int | None = None
    owner_id: int | None = None
    handling_unit_id: int | None = None
    stock_status: str = StockStatus.AVAILABLE
    counted_at: datetime | None = None


OPEN = """
INSERT INTO warehousing_countline (cycle_count_id, line_number, location_id, product_id, lot_id, owner_id,
    handling_unit_id, stock_status, status, attempts, counted_by, decided_by, reason)
SELECT %(count)s, row_number() OVER (ORDER BY place.walk_sequence, place.aisle, place.bay, place.level, place.code,
    quant.product_id, quant.id), quant.location_id, quant.product_id, quant.lot_id, quant.owner_id,
    quant.handling_unit_id, quant.status, 'OPEN', 0, '', '', ''
FROM warehousing_quant quant JOIN warehousing_location place ON place.id = quant.location_id
WHERE quant.on_hand > 0 AND quant.location_id = ANY(%(places)s::bigint[])
"""


@unit_of_work()
def open_round(
    warehouse_id: int, *, location_ids: Collection[int] | None = None, by: Actor, at: datetime
) -> CycleCount:
    """Open a count of places, by default all that hold something, a line for each key of stock in walking order.

    :raises NotFound: when a place is unknown, virtual or elsewhere. :raises ClosedLocation: when one is closed.
    :raises NothingToCount: when the books say that nothing stands there.
    """
    places = Location.objects.filter(warehouse_id=warehouse_id).exclude(kind__in=Location.VIRTUAL)
    places = places.filter(is_active=True) if location_ids is None else places.filter(pk__in=location_ids)
    chosen = list(places)
    if location_ids is not None and len(chosen) < len(set(location_ids)):
        raise NotFound("there is no such place to count here")
    for place in chosen:
        refuse_closed(place)
    made = begin(warehouse_id, at=at)
    if not execute(OPEN, {"count": made.pk, "places": [place.pk for place in chosen]}):
        raise NothingToCount
    record([(made, "open", "", made.status)], by=by, at=at)
    return made


def begin(warehouse_id: int, *, at: datetime, reason: str = "") -> CycleCount:
    """Begin a round under the limits of its warehouse, one after the other; goods are locked before, not after."""
    house = lock_one(Warehouse.objects.filter(pk=warehouse_id))
    [serial] = sequences.take("CYCLE_COUNT", house.pk)
    return CycleCount.objects.create(
        number=sequences.number("CC", house.code, serial),
        created_at=at,
        updated_at=at,
        warehouse=house,
        tolerance_percent=house.count_tolerance_percent,
        approval_units=house.count_approval_units,
        reason=reason,
    )


@unit_of_work()
def tell(count_id: UUID, found: Found, *, by: Actor, at: datetime) -> CountLine:
    """Take down what was found of one key of stock and act on it; what nobody expected becomes a line of its own.

    The variance is against the balance when it was counted: what moved since changes neither. Small ones are booked
    at once, others are counted again without being told the books, and large ones wait for somebody else. Told twice, a
    count with its time is taken down once: it is no second look at the shelf.

    :raises Invalid: when less than nothing was found, or the time is in the future or too long ago.
    :raises NotFound: when there is no such open count or place in it. :raises ClosedLocation: when the place is closed.
    :raises IllegalTransition: when the line is settled already, or waits for approval.
    """
    held = lock_one(CycleCount.objects.filter(pk=count_id))
    told = _told_before(held, found, by)
    if told is not None:
        return told
    CycleCount.machine.next(held.status, "finish")
    line = _line(held, found)
    states.COUNT_LINE.next(line.status, "book")
    earlier = [
        look.counted_quantity - look.expected_quantity
        for look in CountAttempt.objects.filter(line=line).order_by("attempt")
    ]
    expected = look_at(line, found, by=by, at=at)
    what = counting.verdict(
        line.variance, expected=expected, earlier=earlier, tolerance_percent=held.tolerance_percent,
        approval_units=held.approval_units,
    )  # fmt: skip
    settle(held, line, what, by=by, at=at)
    return line


def look_at(line: CountLine, found: Found, *, by: Actor, at: datetime) -> int:
    """Take down on a line what was found, hold its balance, and return what the books said when it was counted.

    :raises Invalid: when less than nothing was found, or the time is in the future or too long ago.
    """
    moment = found.counted_at or at
    if found.counted < 0 or not at - OLDEST <= moment <= max(at, now()) + timedelta(minutes=5):
        raise Invalid("a count is not negative, and was made just now or within two days")
    expected, position = count_booking.expected(line, found.counted_at)
    line.attempts += 1
    line.counted_quantity, line.expected_quantity = found.counted, expected
    line.variance, line.ledger_position = found.counted - expected, position
    line.counted_at, line.counted_by = moment, who(by)
    line.decided_by = line.reason = ""
    CountAttempt.objects.create(
        line=line, attempt=line.attempts, counted_quantity=found.counted, expected_quantity=expected,
        ledger_position=position, counted_at=moment, counted_by=who(by),
    )  # fmt: skip
    return expected


def settle(held: CycleCount, line: CountLine, what: Verdict, *, by: Actor, at: datetime) -> None:
    """Do with a count what was decided; where demands hold what is missing, somebody decides who loses it."""
    if what is Verdict.BOOK and not count_booking.fits(line):
        what = Verdict.HOLD
    line.status = states.COUNT_LINE.next(line.status, str(what))
    if what is Verdict.BOOK:
        line.movement = count_booking.book(line, at=at)
    line.save()
    _finish(held, by=by, at=at)


@unit_of_work()
def approve(count_id: UUID, line_number: int, *, reason: str, by: Actor, at: datetime) -> CountLine:
    """Believe a large variance and book it; goods missing are taken from the newest reservations, served elsewhere.

    :raises SameEyes: when whoever counted it approves. :raises Invalid: without a reason.
    :raises NotFound: when there is no such line. :raises IllegalTransition: when it does not wait for approval.
    """
    held, line = _decided(count_id, line_number, "approve", reason=reason, by=by)
    line.movement = count_booking.book_and_give_up(line, at=at)
    line.save()
    _finish(held, by=by, at=at)
    return line


@unit_of_work()
def reject(count_id: UUID, line_number: int, *, reason: str, by: Actor) -> CountLine:
    """Have a line counted again.

    :raises SameEyes: when whoever counted it rejects. :raises Invalid: without a reason.
    :raises NotFound: when there is no such line. :raises IllegalTransition: when it does not wait for approval.
    """
    _, line = _decided(count_id, line_number, "reject", reason=reason, by=by)
    line.save()
    return line


@unit_of_work()
def cancel(count_id: UUID, *, by: Actor, at: datetime) -> CycleCount:
    """Give up what is not settled of a count; what was booked stays.

    :raises NotFound: when there is no such count. :raises IllegalTransition: when it is over.
    """
    held = lock_one(CycleCount.objects.filter(pk=count_id))
    held.lines.filter(status__in=states.COUNT_LINE.open).update(status="CANCELLED")
    held.advance("cancel", by=by, at=at)
    return held


def key_of(found: Found) -> dict[str, Any]:
    """Return the key of stock a count is of, as a line names it."""
    names = ("location_id", "product_id", "lot_id", "owner_id", "handling_unit_id", "stock_status")
    return {name: getattr(found, name) for name in names}


def _told_before(held: CycleCount, found: Found, by: Actor) -> CountLine | None:
    """Return the line of a count that came before, as after a lost answer."""
    if found.counted_at is None:
        return None
    looks = CountAttempt.objects.filter(
        counted_at=found.counted_at, counted_by=who(by), counted_quantity=found.counted
    )
    return _known(held, found).filter(looks__in=looks).first()


def _known(held: CycleCount, found: Found) -> QuerySet[CountLine]:
    """Return the line of the key that was found, if the round has it."""
    key = key_of(found)
    unsaid = {f"{name}__isnull": True for name, value in key.items() if value is None}
    return held.lines.filter(**unsaid, **{name: value for name, value in key.items() if value is not None})


def _line(held: CycleCount, found: Found) -> CountLine:
    place = Location.objects.filter(pk=found.location_id, warehouse_id=held.warehouse_id).first()
    if place is None or place.kind in Location.VIRTUAL:
        raise NotFound("there is no such place to count here")
    refuse_closed(place)
    known = _known(held, found).first()
    if known is not None:
        return known
    last = held.lines.order_by("-line_number").values_list("line_number", flat=True).first() or 0
    return CountLine.objects.create(cycle_count=held, line_number=last + 1, **key_of(found))


def refuse_closed(place: Location) -> None:
    """:raises ClosedLocation: when nobody counts this place."""
    if not place.is_active:
        raise ClosedLocation(f"{place.code} is closed and not counted")


def _decided(
    count_id: UUID, line_number: int, verb: str, *, reason: str, by: Actor
) -> tuple[CycleCount, CountLine]:
    if not reason.strip():
        raise Invalid("a decision says why", remedy="give a reason")
    held = lock_one(CycleCount.objects.filter(pk=count_id))
    line = held.lines.filter(line_number=line_number).first()
    if line is None:
        raise NotFound("there is no such line")
    line.status = states.COUNT_LINE.next(line.status, verb)
    if line.counted_by == who(by):
        raise SameEyes
    line.decided_by, line.reason = who(by), reason.strip()[:200]
    return held, line


def _finish(held: CycleCount, *, by: Actor, at: datetime) -> None:
    """End the count with its last line."""
    if not held.lines.filter(status__in=states.COUNT_LINE.open).exists():
        held.advance("finish", by=by, at=at)


def who(by: Actor) -> str:
    """Name a person or a credential, so that two who share an organisation are told apart."""
    return (f"user {by.user_id}" if by.user_id else by.credential or str(by))[:200]

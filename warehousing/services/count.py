"""Adjust the books of one shelf outside a round: with a reason, and by two people where much is at stake."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Sum
from django.db.models.functions import Abs

from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotFound
from b2b.db.models import record
from b2b.db.transactions import unit_of_work
from warehousing.models import CountLine, CycleCount, Location
from warehousing.policies import counting
from warehousing.services import count_booking, cycle_count
from warehousing.services.cycle_count import Found

WINDOW = timedelta(hours=24)  # within which many small adjustments are one


@unit_of_work()
def adjust(found: Found, *, reason: str, by: Actor, at: datetime) -> CountLine:
    """Make the books say what was found of one key of stock, against the warehouse's loss, and say why.

    It is a round of one line, kept as any other. Above the warehouse's `count_approval_units`, with what the same
    person adjusted of the product within a day, or where demands hold what is missing, the line is HELD until
    somebody else approves it (`cycle_count.approve`) or has the shelf counted (`cycle_count.reject`).

    :raises Invalid: when less than nothing was found or no reason is given.
    :raises NotFound: when the place is unknown or virtual. :raises ClosedLocation: when it is closed.
    """
    if not reason.strip():
        raise Invalid("an adjustment says why the books are wrong", remedy="give a reason")
    place = Location.objects.filter(pk=found.location_id).exclude(kind__in=Location.VIRTUAL).first()
    if place is None:
        raise NotFound("there is no such place to count")
    cycle_count.refuse_closed(place)
    line = CountLine(line_number=1, **cycle_count.key_of(found))
    count_booking.hold(line)
    made = cycle_count.begin(place.warehouse_id, at=at, reason=reason.strip()[:200])
    line.cycle_count = made
    line.save()
    record([(made, "open", "", made.status)], by=by, at=at, reason=made.reason)
    cycle_count.look_at(line, found, by=by, at=at)
    what = counting.adjustment(
        line.variance or 0, before=_before(made, line, at=at), approval_units=made.approval_units
    )
    cycle_count.settle(made, line, what, by=by, at=at)
    return line


def _before(made: CycleCount, line: CountLine, *, at: datetime) -> int:
    """Return what the person changed alone of the product lately; who holds the warehouse sees all of it."""
    others = CountLine.objects.filter(
        cycle_count__warehouse_id=made.warehouse_id,
        product_id=line.product_id,
        status="BOOKED",
        counted_by=line.counted_by,
        counted_at__gt=at - WINDOW,
        decided_by="",
    ).exclude(cycle_count__reason="")
    return others.aggregate(total=Sum(Abs("variance")))["total"] or 0

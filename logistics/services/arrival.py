"""When goods under way arrive: estimated anew as vehicles are seen, kept, and told when it changed noticeably."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from zoneinfo import ZoneInfo

from b2b.contracts.logistics import ETAChanged
from b2b.core.actor import Actor
from b2b.core.geo import GeoPoint
from b2b.db.bulk import execute, transpose, unnest
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from logistics.models import Stop, Trip
from logistics.policies.arrivals import Ahead, Driven, look_ahead
from logistics.policies.pace import Paces
from logistics.policies.roads import GreatCircleRoads
from logistics.selectors import arrivals
from logistics.selectors.arrivals import Told

NOTICED = timedelta(minutes=5)  # an estimate that moves by less is not worth telling
FOREVER_S = 10.0**9
COLUMNS = {
    "shipment": "uuid", "trip": "uuid", "dealer": "bigint", "carrier": "bigint", "p50": "timestamptz",
    "p80": "timestamptz", "closes": "timestamptz", "late": "boolean", "seen": "timestamptz",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Estimate:
    """An outlook of one stop as moments."""

    trip: Trip
    stop: Stop
    p50_at: datetime
    p80_at: datetime
    seen_at: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether four fifths of the chances end after the place has closed."""
        return self.stop.closes_at is not None and self.p80_at > self.stop.closes_at


@unit_of_work()
def estimate(*, by: Actor, at: datetime) -> int:
    """Estimate all arrivals of trips under way, keep and tell those that changed noticeably; return how many.

    A constant number of statements. Trips that others hold are not waited for: nothing of them is changed.
    """
    under_way = arrivals.under_way(by)
    paces = arrivals.paces(by, {stop.site_code for trip in under_way for stop in trip.stops.all()})
    found = [one for trip in under_way for one in _of_trip(trip, paces, at)]
    told = arrivals.last_told(by, [one.trip.pk for one in found])
    news = [
        (one, drop.shipment, told.get(drop.shipment_id))
        for one in found
        for drop in one.stop.drops.all()
        if drop.outcome == drop.Outcome.OPEN and _is_news(one, told.get(drop.shipment_id))
    ]
    rows = [
        (
            shipment.pk, one.trip.pk, shipment.dealer_id, one.trip.carrier_id, one.p50_at, one.p80_at,
            one.stop.closes_at, one.is_late, one.seen_at,
        )
        for one, shipment, _ in news
    ]  # fmt: skip
    if not rows:
        return 0
    execute(
        f"""
        INSERT INTO logistics_arrivalestimate (shipment_id, trip_id, dealer_id, carrier_id, computed_at, p50_at, p80_at,
            window_closes_at, is_late, seen_at)
        SELECT shipment, trip, dealer, carrier, %(at)s, p50, p80, closes, late, seen FROM {unnest(COLUMNS)}
        ON CONFLICT DO NOTHING
        """,
        {**transpose(list(COLUMNS), rows), "at": at},
    )
    publish(
        *(
            ETAChanged(
                occurred_at=at,
                shipment_id=shipment.pk,
                number=shipment.number,
                trip_id=one.trip.pk,
                dealer_id=shipment.dealer_id,
                carrier_id=one.trip.carrier_id,
                p50_at=one.p50_at,
                p80_at=one.p80_at,
                was_p80_at=before.p80_at if before else None,
                window_closes_at=one.stop.closes_at,
                is_late=one.is_late,
            )
            for one, shipment, before in news
        )
    )
    return len(rows)


def _is_news(one: _Estimate, before: Told | None) -> bool:
    return before is None or before.is_late != one.is_late or abs(before.p80_at - one.p80_at) >= NOTICED


def _of_trip(trip: Trip, paces: Paces, at: datetime) -> Iterator[_Estimate]:
    """Yield an estimate for each stop that was not reached yet."""
    stops = list(trip.stops.all())
    done = [stop for stop in stops if stop.actual_arrival_at is not None]
    coming = [stop for stop in stops if stop.actual_arrival_at is None]
    if not coming or trip.departed_at is None:
        return
    zone = ZoneInfo(trip.warehouse_site.time_zone)
    origin = at

    def hour_of(seconds: float) -> int:
        return (origin + timedelta(seconds=min(seconds, FOREVER_S))).astimezone(zone).hour

    mirror = getattr(trip.vehicle, "mirror", None)
    starts_s, serving_s, left = _now(trip, done, coming[0], at)
    ahead = [
        Ahead(
            key=str(stop.pk),
            place=stop.site_code,
            leg_m=stop.leg_m,
            leg_s=stop.leg_s,
            service_s=stop.service_s,
            opens_s=(stop.opens_at - at).total_seconds() if stop.opens_at else -FOREVER_S,
            closes_s=(stop.closes_at - at).total_seconds() if stop.closes_at else FOREVER_S,
            left=left if index == 0 else 1.0,
        )
        for index, stop in enumerate(coming)
    ]
    outlooks = look_ahead(
        ahead,
        starts_s=starts_s,
        serving_s=serving_s,
        paces=paces,
        hour_of=hour_of,
        driven=list(_driven(trip, done, zone)),
        seed=trip.pk.int % 2**32,
    )
    for stop, outlook in zip(coming, outlooks, strict=True):
        yield _Estimate(
            trip,
            stop,
            _moment(at, outlook.p50_s),
            _moment(at, outlook.p80_s),
            mirror.fix_at if mirror else None,
        )


def _moment(at: datetime, seconds: int) -> datetime:
    return at + timedelta(seconds=max(0, seconds))  # it is not there yet


def _now(trip: Trip, done: Sequence[Stop], following: Stop, at: datetime) -> tuple[float, float, float]:
    """Return when the vehicle drives on (seconds from now), the service left before, and the share of the leg left."""
    last = done[-1] if done else None
    if last is not None and last.left_at is None:
        assert last.actual_arrival_at is not None
        began = max(last.actual_arrival_at, last.opens_at or last.actual_arrival_at)
        spent = (at - began).total_seconds()
        return max(0.0, -spent), max(0.0, last.service_s - max(0.0, spent)), 1.0
    since = last.left_at if last is not None and last.left_at is not None else trip.departed_at
    assert since is not None
    mirror = getattr(trip.vehicle, "mirror", None)
    if mirror is None or mirror.fix_at < since or not following.leg_m:
        driven = (at - since).total_seconds() / following.leg_s if following.leg_s else 1.0
        return 0.0, 0.0, max(0.0, 1.0 - driven)
    road = GreatCircleRoads().distance_m(GeoPoint(mirror.latitude, mirror.longitude), following.point)
    return (mirror.fix_at - at).total_seconds(), 0.0, road / following.leg_m


def _driven(trip: Trip, done: Sequence[Stop], zone: ZoneInfo) -> Iterator[Driven]:
    """Yield the legs that are done; one whose arrival was only known from its end counts for nothing."""
    since = trip.departed_at
    for stop in done:
        arrived = stop.actual_arrival_at
        if (
            since is not None
            and arrived is not None
            and arrived > since
            and stop.leg_s
            and arrived != stop.left_at
        ):
            ratio = (arrived - since).total_seconds() / stop.leg_s
            yield Driven(stop.leg_m, since.astimezone(zone).hour, log(ratio))
        since = stop.left_at

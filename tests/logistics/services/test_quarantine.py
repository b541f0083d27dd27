"""Positions nobody believed: kept after all, thrown away, and forgotten in time."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from b2b.core import clock
from b2b.core.actor import acting_as
from b2b.core.errors import Forbidden, Invalid
from b2b.db.bulk import execute
from logistics.models import (
    Driver,
    DriverPass,
    PositionFix,
    QuarantineDecision,
    QuarantinedFix,
    Trip,
    VehicleMirror,
)
from logistics.policies import position_rows
from logistics.services import driver_pass, positions, privacy, quarantine
from tests.factories import directory
from tests.factories import logistics as make

AT = make.MORNING


def send(who, *rows, at=AT):
    lines = ["vehicle,fix_at,latitude,longitude", *(",".join(map(str, row)) for row in rows)]
    with acting_as(who):
        return positions.ingest(position_rows.read("\n".join(lines).encode(), "text/csv"), by=who, at=at)


def row(code, minutes=0, latitude=30.5, longitude=114.3):
    return (code, (AT + timedelta(minutes=minutes)).isoformat(), latitude, longitude)


def waiting():
    return list(QuarantinedFix.objects.filter(decision=None).values_list("pk", flat=True))


def test_a_jump_is_kept_after_all_and_moves_the_mirror(world, platform):
    code = world.vehicle.code
    make.vehicle(world.other_carrier, code=code)
    send(world.as_carrier, row(code, -5), row(code, -4, 31.9))
    assert VehicleMirror.objects.get().latitude == 30.5
    done = quarantine.release(waiting(), by=platform, at=AT, reason="it was on a ferry")
    assert (done.decided, done.kept) == (1, 1)
    assert VehicleMirror.objects.get().latitude == 31.9
    decision = QuarantineDecision.objects.get()
    assert (decision.decision, decision.reason, decision.carrier) == (
        "RELEASED",
        "it was on a ferry",
        world.carrier,
    )
    assert not waiting()


def test_a_vehicle_that_was_registered_since_is_found(world, platform):
    send(world.as_carrier, row("new-van"))
    with pytest.raises(Invalid) as refused:
        quarantine.release(waiting(), by=platform, at=AT)
    assert refused.value.problems[0].code == "unknown_vehicle"
    make.vehicle(world.carrier, code="new-van")
    assert quarantine.release(waiting(), by=platform, at=AT).kept == 1


@pytest.mark.parametrize(
    ("latitude", "minutes", "code"),
    [(0, 0, "no_fix"), (95, 0, "not_on_earth"), (30.5, 60, "in_the_future")],
)
def test_what_is_wrong_in_itself_stays_refused_and_is_not_lost(world, platform, latitude, minutes, code):
    send(world.as_carrier, row(world.vehicle.code, minutes, latitude, 0 if not latitude else 114.3))
    with pytest.raises(Invalid) as refused:
        quarantine.release(waiting(), by=platform, at=AT)
    assert refused.value.problems[0].code == code
    assert len(waiting()) == QuarantinedFix.objects.count() == 1
    assert quarantine.discard(waiting(), by=platform, at=AT).decided == 1
    assert QuarantinedFix.objects.count() == 1
    assert not PositionFix.objects.exists()


def test_of_two_carriers_one_at_a_time_and_decided_once(world, platform):
    send(world.as_carrier, row("x"))
    send(world.as_other_carrier, row("y"))
    both = waiting()
    with pytest.raises(Invalid):
        quarantine.release(both, by=platform, at=AT)
    assert quarantine.discard(both, by=platform, at=AT).decided == 2
    assert quarantine.discard(both, by=platform, at=AT).decided == 0
    with acting_as(world.as_carrier) as who, pytest.raises(Forbidden):
        quarantine.discard(both, by=who, at=AT)


def test_as_many_statements_for_one_as_for_many(world, platform):
    def statements(count):
        code = world.vehicle.code
        send(world.as_carrier, *(row(code, -60 + minute, 0.0, 0.0) for minute in range(count)))
        with CaptureQueriesContext(connection) as queries:
            quarantine.discard(waiting(), by=platform, at=AT)
        return len(queries)

    assert statements(1) == statements(20)


def test_quarantine_is_kept_for_a_time_and_then_forgotten(world, platform, settings):
    settings.POSITION_DAYS = 40
    with clock.travel(AT):
        send(world.as_carrier, row("x"))
        quarantine.discard(waiting(), by=platform, at=AT)
    too_early = AT + timedelta(days=29)
    with clock.travel(too_early):
        QuarantineDecision.objects.all().delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            execute("DELETE FROM logistics_quarantinedfix")
    after = AT + timedelta(days=41)
    with clock.travel(after):
        assert privacy._forget_rows([], after).quarantined == 1
    assert not QuarantinedFix.objects.exists()


def test_drivers_of_trips_that_are_over_are_forgotten(world, platform, settings):
    settings.DRIVER_DAYS = 30
    driver = Driver.objects.create(carrier=world.carrier, code="d1", name="Wang Lei")
    haul = make.haul(world.dealer, world.carrier, until="DELIVERED")
    open_haul = make.haul(world.dealer, world.carrier)
    Trip.objects.update(driver=driver)
    driver_pass.issue(open_haul.trip.pk, by=platform, at=AT)
    assert privacy._forget_rows([], AT + timedelta(days=29)).drivers == 0
    done = privacy._forget_rows([], AT + timedelta(days=40))
    assert (done.drivers, done.links) == (1, 1)
    assert Trip.objects.get(driver=driver).pk == open_haul.trip.pk
    assert Trip.objects.get(pk=haul.trip.pk).driver is None
    assert not DriverPass.objects.exists()


def test_a_month_of_positions_goes_at_once(committed_db):
    with acting_as(make.PLATFORM) as platform:
        carrier = directory.carrier()
        van = make.vehicle(carrier)
        for days in (0, 120):
            make.seen(van, at=AT + timedelta(days=days))
        at = AT + timedelta(days=130)
        with clock.travel(at):
            done = privacy.forget(by=platform, at=at)
        assert done.months == ["logistics_positionfix_202603"]
        assert [fix.fix_at for fix in PositionFix.objects.all()] == [AT + timedelta(days=120)]

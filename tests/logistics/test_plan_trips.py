"""Planning from the terminal and by the clock."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from b2b.core import clock
from logistics import tasks
from logistics.models import Trip
from tests.factories import logistics as make


@pytest.fixture(autouse=True)
def in_the_morning():
    """Let the platform live in the day of the test."""
    with clock.travel(make.MORNING):
        yield


def run(*arguments):
    """Return what the command printed."""
    out = StringIO()
    call_command("plan_trips", *arguments, "--seconds=0.5", stdout=out)
    return out.getvalue()


def test_it_prints_trips_and_what_was_left_out(world, platform):
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product, weight_g=10**8)])
    printed = run(f"--warehouse={world.warehouse.code}")
    assert f"TR-{world.carrier.code}-000001" in printed
    assert "left out: heavier than any free vehicle" in printed


def test_without_work_it_says_so(world, platform):
    assert run() == "nothing waits\n"


def test_an_unknown_warehouse_is_an_error(world, platform):
    with pytest.raises(CommandError, match="there is no warehouse"):
        run("--warehouse=nowhere")


def test_the_schedule_plans_every_warehouse(world, platform):
    make.shipments(world.warehouse, [make.packed_unit(world.shop, world.product)])
    tasks.plan_due_trips()
    assert Trip.objects.count() == 1

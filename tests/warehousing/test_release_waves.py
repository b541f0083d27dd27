from datetime import datetime
from io import StringIO

from django.core.management import call_command

from tests.factories.warehousing import World
from warehousing.models import Wave
from warehousing.services import demand


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("release_waves", *arguments, stdout=out)
    return out.getvalue()


def test_a_wave_leaves_where_something_waits(world: World, at: datetime) -> None:
    world.stock(5)
    demand.cover([world.demand_line(5)], at=at)
    code = world.warehouse.code
    said = run()
    assert f"{code}: {Wave.objects.get().number}" in said
    assert f"{code}: nothing to pick" in run("--warehouse", code)

"""What the probe's events do: each handler writes one row; some fail on demand."""

from typing import ClassVar

from django.db import connection

from b2b.contracts.base import Event
from b2b.core.errors import NotYet
from b2b.db.bulk import execute, fetch_value
from b2b.outbox.registry import on


class ProbeFired(Event):
    """Something was tried out."""

    topic: ClassVar[str] = "probe.fired.v1"
    aggregate: ClassVar[str] = "lane"

    lane: str
    number: int
    behaviour: str = ""


class ProbeSequenced(Event):
    """Something was tried out whose order matters."""

    topic: ClassVar[str] = "probe.sequenced.v1"
    aggregate: ClassVar[str] = "lane"

    lane: str
    number: int
    behaviour: str = ""


class Poisoned(Exception):
    """The handler cannot digest this."""


def create_tables() -> None:
    """Create the table of effects; as the owner, since the application may not."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS probe_effect (id bigserial, kind text, lane text, number int, at timestamptz)"
        )
        cursor.execute("CREATE TABLE IF NOT EXISTS probe_switch (name text PRIMARY KEY)")


def act(kind: str, event: ProbeFired | ProbeSequenced) -> None:
    """Write the effect, or misbehave as the event asks."""
    execute(
        "INSERT INTO probe_effect (kind, lane, number, at) VALUES (%s, %s, %s, clock_timestamp())",
        [kind, event.lane, event.number],
    )
    if event.behaviour == "poison":
        raise Poisoned(f"number {event.number}")
    if event.behaviour == "broken statement":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
    if event.behaviour.startswith("wait for "):
        wanted = event.behaviour.removeprefix("wait for ")
        if not fetch_value("SELECT count(*) FROM probe_switch WHERE name = %s", [wanted]):
            raise NotYet(f"{wanted} is missing")


@on(ProbeFired)
def count(event: ProbeFired) -> None:
    """Count an event."""
    act("count", event)


@on(ProbeSequenced, ordered=True)
def follow(event: ProbeSequenced) -> None:
    """Count an event in its order."""
    act("follow", event)

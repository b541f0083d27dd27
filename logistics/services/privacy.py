"""Where people were is kept only as long as was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden
from b2b.db import partitions
from b2b.db.bulk import execute
from b2b.db.transactions import unit_of_work

POSITIONS = partitions.Partitioned("logistics_positionfix", "fix_at")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed: months of positions by their tables, positions in quarantine, drivers of trips, links."""

    months: list[str]
    quarantined: int
    drivers: int
    links: int


def forget(*, by: Actor, at: datetime) -> Forgotten:
    """Remove what is older than settings.POSITION_DAYS (positions) and settings.DRIVER_DAYS (who drove).

    Whole months of positions go at once, when their last day is old enough. Must not be called in a unit of work.
    :raises Forbidden: unless the operator or the platform asks.
    """
    if not by.sees_all:
        raise Forbidden("only the platform forgets")
    months = partitions.drop_older(POSITIONS, days=settings.POSITION_DAYS)
    return _forget_rows(months, at)


@unit_of_work()
def _forget_rows(months: list[str], at: datetime) -> Forgotten:
    params = {"at": at, "positions": settings.POSITION_DAYS, "drivers": settings.DRIVER_DAYS}
    doubted = "received_at < %(at)s - make_interval(days => %(positions)s)"
    execute(
        f"""
        DELETE FROM logistics_quarantinedecision decision USING logistics_quarantinedfix fix
        WHERE fix.id = decision.fix_id AND fix.{doubted}
        """,
        params,
    )
    quarantined = execute(f"DELETE FROM logistics_quarantinedfix WHERE {doubted}", params)
    drivers = execute(
        """
        UPDATE logistics_trip SET driver_id = NULL WHERE driver_id IS NOT NULL
        AND status IN ('COMPLETED', 'CANCELLED')
        AND coalesce(completed_at, updated_at) < %(at)s - make_interval(days => %(drivers)s)
        """,
        params,
    )
    links = execute(
        "DELETE FROM logistics_driverpass WHERE expires_at < %(at)s - make_interval(days => %(drivers)s)",
        params,
    )
    return Forgotten(months, quarantined, drivers, links)

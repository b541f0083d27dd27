"""Positions of vehicles in batches: what can be believed is kept once, what cannot goes into quarantine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from b2b.core.actor import CARRIER, Actor
from b2b.core.errors import Forbidden
from b2b.db.bulk import execute, fetch, fetch_value, transpose, unnest
from b2b.db.transactions import unit_of_work
from logistics.policies import positions
from logistics.policies.positions import Fix, Known, Refused

COLUMNS = {
    "vehicle": "bigint",
    "carrier": "bigint",
    "seen": "timestamptz",
    "lat": "float8",
    "lon": "float8",
    "speed": "float8",
    "heading": "float8",
}
DOUBTED = {"code": "text", "reason": "text", "content": "text"}
# The order of the rows is the order of the locks: batches that name the same vehicles do not wait for each other in a
# circle. A position that came before, or comes after a newer one, moves nothing.
KEEP = f"""
    WITH given AS MATERIALIZED (SELECT * FROM {unnest(COLUMNS)}),
    kept AS (
        INSERT INTO logistics_positionfix
            (vehicle_id, carrier_id, fix_at, latitude, longitude, speed_kmh, heading_degrees, received_at)
        SELECT vehicle, carrier, seen, lat, lon, speed, heading, %(at)s FROM given
        ON CONFLICT DO NOTHING RETURNING 1),
    moved AS (
        INSERT INTO logistics_vehiclemirror AS mirror
            (vehicle_id, carrier_id, fix_at, latitude, longitude, speed_kmh, heading_degrees, received_at)
        SELECT DISTINCT ON (vehicle) vehicle, carrier, seen, lat, lon, speed, heading, %(at)s
        FROM given ORDER BY vehicle, seen DESC
        ON CONFLICT (vehicle_id) DO UPDATE SET carrier_id = excluded.carrier_id, fix_at = excluded.fix_at,
            latitude = excluded.latitude, longitude = excluded.longitude, speed_kmh = excluded.speed_kmh,
            heading_degrees = excluded.heading_degrees, received_at = excluded.received_at
        WHERE mirror.fix_at < excluded.fix_at RETURNING 1)
    SELECT count(*) FROM kept
"""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a batch: `accepted` are new, `duplicates` were there before."""

    accepted: int
    duplicates: int
    quarantined: Sequence[Refused]


@unit_of_work()
def ingest(
    rows: Sequence[Fix | Refused],
    *,
    by: Actor,
    at: datetime,
    trusted: Collection[str] = (),
    again: bool = False,
) -> Ingested:
    """Keep the positions of a batch; the same ones again change nothing, later ones never go back.

    At most three statements, whatever the number of rows. Reasons in `trusted` refuse nothing; rows that come `again`
    out of quarantine do not go back into it. :raises Forbidden: unless a carrier, the operator or the
    platform tells.
    """
    if not (by.sees_all or by.kind == CARRIER):
        raise Forbidden("only carriers and the operator tell where vehicles are")
    good, refused = positions.judge(rows, _known(positions.codes(rows), by), at, trusted)
    new = 0
    if good:
        told = [
            (
                vehicle.id,
                vehicle.carrier_id,
                fix.fix_at,
                fix.latitude,
                fix.longitude,
                fix.speed_kmh,
                fix.heading_degrees,
            )
            for vehicle, fix in good
        ]
        new = int(fetch_value(KEEP, {**transpose(list(COLUMNS), told), "at": at}))
    if refused and not again:
        doubted = [(one.vehicle, one.reason, one.content) for one in refused]
        execute(
            f"""
            INSERT INTO logistics_quarantinedfix (carrier_id, vehicle_code, reason, content, received_at)
            SELECT %(carrier)s, code, reason, content, %(at)s FROM {unnest(DOUBTED)}
            """,
            {
                **transpose(list(DOUBTED), doubted),
                "carrier": by.organization_id if by.kind == CARRIER else None,
                "at": at,
            },
        )
    return Ingested(new, len(good) - new, refused)


def _known(codes: Sequence[str], by: Actor) -> dict[str, list[Known]]:
    rows = fetch(
        """
        SELECT vehicle.code, vehicle.id, vehicle.carrier_id, mirror.fix_at, mirror.latitude, mirror.longitude
        FROM logistics_vehicle vehicle LEFT JOIN logistics_vehiclemirror mirror ON mirror.vehicle_id = vehicle.id
        WHERE vehicle.code = ANY(%(codes)s) AND (%(all)s OR vehicle.carrier_id = %(own)s)
        """,
        {"codes": list(codes), "all": by.sees_all, "own": by.organization_id},
    )
    found: dict[str, list[Known]] = defaultdict(list)
    for code, key, carrier_id, fix_at, latitude, longitude in rows:
        found[code].append(Known(key, carrier_id, fix_at, latitude or 0.0, longitude or 0.0))
    return found

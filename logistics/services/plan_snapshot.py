"""What a planner was asked, kept so that it can be worked later by anybody and published as it was asked."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec

from b2b.core.actor import Actor
from b2b.directory.models import Site
from logistics.policies.problem import Plan, Problem
from logistics.selectors import dispatching
from logistics.services.planning import Draft, Proposal, versions


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A draft without its documents, which are named with their versions; `warm` is the plan to start from."""

    problem: Problem
    day: date
    origin: datetime
    versions: dict[str, int]
    standing: list[str]
    blocked: list[str]
    unplaced: list[str]
    before: Plan = field(default_factory=Plan)
    warm: Plan | None = None


def pack(draft: Draft, warm: Plan | None = None) -> bytes:
    """Return a draft as bytes."""
    kept = Snapshot(
        problem=draft.problem,
        day=draft.day,
        origin=draft.origin,
        versions={str(key): version for key, version in versions(draft).items()},
        standing=[str(trip.pk) for trip in draft.standing],
        blocked=[str(shipment.pk) for shipment in draft.blocked],
        unplaced=[str(shipment.pk) for shipment in draft.unplaced],
        before=draft.before,
        warm=warm,
    )
    return zlib.compress(msgspec.json.encode(kept), 1)


def unpack(content: bytes | memoryview) -> Snapshot:
    """Return the snapshot that was packed."""
    return msgspec.json.decode(zlib.decompress(bytes(content)), type=Snapshot)


def propose(kept: Snapshot, plan: Plan, *, warehouse: Site, by: Actor) -> Proposal:
    """Return the plan of a snapshot with today's documents, to be published if they are still those of then."""
    named = {job.key for job in kept.problem.jobs}
    shipments = {
        str(one.pk): one for one in dispatching.shipments(by, [*named, *kept.blocked, *kept.unplaced])
    }
    draft = Draft(
        warehouse=warehouse,
        day=kept.day,
        origin=kept.origin,
        shipments={key: one for key, one in shipments.items() if key in named},
        vehicles={
            str(one.pk): one for one in dispatching.vehicles(by, [int(van.key) for van in kept.problem.vans])
        },
        problem=kept.problem,
        blocked=[shipments[key] for key in kept.blocked if key in shipments],
        unplaced=[shipments[key] for key in kept.unplaced if key in shipments],
        standing=dispatching.trips(by, kept.standing),
        before=kept.before,
    )
    return Proposal(draft, plan, {UUID(key): version for key, version in kept.versions.items()})

"""What the platform itself tells: work that callers of the API did not want to wait for."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event


class JobAccepted(Event):
    """A request was accepted to be worked on later."""

    topic: ClassVar[str] = "http.job.accepted.v1"
    aggregate: ClassVar[str] = "job_id"
    party_fields: ClassVar[tuple[str, ...]] = ("organization_id",)

    job_id: UUID
    organization_id: int


class JobEnded(Event):
    """A request that was accepted before has its answer; `response_status` is its HTTP status."""

    topic: ClassVar[str] = "http.job.ended.v1"
    aggregate: ClassVar[str] = "job_id"
    party_fields: ClassVar[tuple[str, ...]] = ("organization_id",)

    job_id: UUID
    organization_id: int
    response_status: int

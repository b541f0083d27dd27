"""The lines of the API's own routes."""

from __future__ import annotations

from b2b.core import clock
from b2b.core.actor import acting_as, system
from b2b.core.ids import uuid7
from b2b.http.models import Job
from tests.house.tenancy_line import Case, Line, World


def _job(world: World) -> Case:
    with acting_as(system("test")):
        made = Job.objects.create(
            id=uuid7(),
            organization=world["dealer"],
            credential="key",
            actor={},
            method="POST",
            path="/api/v1/orders/",
            status=Job.Status.DONE,
            response_status=200,
            response_body=b"answered",
            accepted_at=clock.now(),
            ended_at=clock.now(),
        )
    return Case({"job_id": made.pk}, marker=str(made.pk))


LINES: dict[str, Line] = {
    "jobs/": Line(lambda world: Case(marker=_job(world).marker)),
    "jobs/<uuid:job_id>/": Line(_job),
    "jobs/<uuid:job_id>/result/": Line(lambda world: Case(_job(world).values, marker="answered")),
}

"""What the API does with facts of its own."""

from __future__ import annotations

from b2b.contracts.platform import JobAccepted
from b2b.http import jobs
from b2b.outbox.registry import on


@on(JobAccepted, queue="bulk")
def work_on_job(event: JobAccepted) -> None:
    """Work on a request somebody did not want to wait for."""
    jobs.run(event.job_id)

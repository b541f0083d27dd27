"""What became of a request that somebody did not want to wait for."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from b2b.core.errors import DomainError
from b2b.http import jobs
from b2b.http.models import Job
from b2b.http.views import DetailView, ListView


class Unfinished(DomainError):
    """The job has not ended; ask again in a moment."""

    code = "job_unfinished"


class JobShape(serializers.Serializer[Job]):
    """A request and how far it is; `result` answers what the request itself would have answered."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Job.Status.choices)
    method = serializers.CharField()
    path = serializers.CharField()
    response_status = serializers.IntegerField(allow_null=True)
    accepted_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    result = serializers.SerializerMethodField()

    def get_result(self, job: Job) -> str | None:
        """Return the address of the answer, null before there is one."""
        return None if job.ended_at is None else f"{job.get_absolute_url()}result/"


class Jobs(ListView):
    """Requests that were sent with `Prefer: respond-async`."""

    scope = "jobs"
    selector = jobs.of
    serializer = JobShape


class OneJob(DetailView):
    """How far a request is that was sent with `Prefer: respond-async`."""

    scope = "jobs"
    selector = jobs.of
    serializer = JobShape


class JobResult(DetailView):
    """The answer of a request that was sent with `Prefer: respond-async`: its status, headers and body."""

    scope = "jobs"
    selector = jobs.of
    serializer = JobShape
    sparse = False

    @extend_schema(responses={200: OpenApiResponse(description="What the request itself answers.")})
    def get(self, request: Request, **where: Any) -> HttpResponseBase:
        """Answer as the request would have been answered; 409 until it has ended."""
        job = self.find()
        if job.ended_at is None:
            raise Unfinished(retry_after=jobs.ASK_AGAIN_SECONDS)
        response = HttpResponse(bytes(job.response_body), status=job.response_status)
        for name, value in job.response_headers.items():
            response[name] = value
        return response

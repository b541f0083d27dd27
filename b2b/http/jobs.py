"""Long work is answered at once with a job (RFC 7240, `Prefer: respond-async`) and done by a worker: exactly once.

The request is kept as it came and called again later, as the same caller; its answer is kept in the transaction of its
effect. A refusal is an answer too.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve, reverse

from b2b.contracts.platform import JobAccepted, JobEnded
from b2b.core import clock
from b2b.core.actor import Actor, acting_as
from b2b.core.ids import uuid7
from b2b.db.bulk import execute
from b2b.db.locks import lock_one
from b2b.db.querysets import ScopedQuerySet
from b2b.db.transactions import Busy, unit_of_work
from b2b.http import idempotency
from b2b.http.models import Job
from b2b.outbox.publish import publish

PREFERENCE = "respond-async"
KEPT_HEADERS = ("Content-Type", "If-Match", "Accept", "Accept-Language")
KEPT_DAYS = 14
ASK_AGAIN_SECONDS = 1


def is_wanted(request: Any, actor: Actor) -> bool:
    """Tell whether the caller prefers a job; a person in a browser waits, since a job acts by a credential."""
    asked = request.headers.get("Prefer", "").replace(";", ",").split(",")
    return bool(actor.credential) and PREFERENCE in (part.strip().lower() for part in asked)


def accept(view: Any, request: Any, actor: Actor) -> HttpResponse:
    """Keep a request for later and answer 202 with the address of its job; the same key gives the same job.

    :raises ParseError: when the body is not what its content type says.
    """
    assert actor.organization_id is not None  # a credential is an organisation's
    job = Job(
        id=uuid7(),
        organization_id=actor.organization_id,
        credential=actor.credential,
        actor=_kept(actor),
        method=request.method,
        path=request.get_full_path(),
        headers={name: request.headers[name] for name in KEPT_HEADERS if name in request.headers},
        body=request._request.read(),
        accepted_at=clock.now(),
    )
    twin = _request(job, actor)
    if idempotency.HEADER in request.headers:
        twin.META["HTTP_IDEMPOTENCY_KEY"] = request.headers[idempotency.HEADER]
    claim = idempotency.claim_of(view.initialize_request(twin), actor)
    return _accept(job, claim)


@unit_of_work()
def _accept(job: Job, claim: idempotency.Claim | None) -> HttpResponse:
    if claim is not None and (kept := idempotency.take(claim)) is not None:
        return kept
    job.save(force_insert=True)
    publish(JobAccepted(occurred_at=job.accepted_at, job_id=job.pk, organization_id=job.organization_id))
    address = reverse("job", args=[job.pk])
    body = json.dumps({"id": str(job.pk), "status": job.status, "job": address})
    response = HttpResponse(body, status=202, content_type="application/json")
    response["Location"] = address
    response["Preference-Applied"] = PREFERENCE
    response["Retry-After"] = str(ASK_AGAIN_SECONDS)
    if claim is not None:
        idempotency.keep(claim, response)
    return response


@unit_of_work()
def run(job_id: UUID) -> None:
    """Call the request of a job as its caller and keep the answer; a second call does nothing. Publishes JobEnded.

    :raises Busy: when the platform was too busy; the same call will work later.
    """
    job = lock_one(Job.objects.filter(pk=job_id))
    if job.status != Job.Status.ACCEPTED:
        return
    # What a refused request did is taken back; the job stays to tell of it.
    with transaction.atomic():
        actor = _actor(job)
        with acting_as(actor):
            response = _call(_request(job, actor))
        if response.status_code >= 400:
            transaction.set_rollback(True)
    if response.status_code == 503:
        raise Busy
    job.status = Job.Status.FAILED if response.status_code >= 400 else Job.Status.DONE
    job.response_status = response.status_code
    job.response_headers = {
        name: response[name] for name in idempotency.KEPT_HEADERS if response.has_header(name)
    }
    job.response_body = _content(response)
    job.ended_at = clock.now()
    job.save()
    publish(
        JobEnded(
            occurred_at=job.ended_at,
            job_id=job.pk,
            organization_id=job.organization_id,
            response_status=response.status_code,
        )
    )


def _kept(actor: Actor) -> dict[str, Any]:
    names = ("kind", "organization_id", "organization_code", "name", "credential", "request_id")
    kept: dict[str, Any] = {name: getattr(actor, name) for name in names}
    return {**kept, "roles": sorted(actor.roles), "scopes": sorted(actor.scopes)}


def _actor(job: Job) -> Actor:
    kept = dict(job.actor)
    return Actor(**{**kept, "roles": frozenset(kept["roles"]), "scopes": frozenset(kept["scopes"])})


def _request(job: Job, actor: Actor) -> WSGIRequest:
    """Build the request again, recognised already."""
    place = urlsplit(job.path)
    environ = {
        "REQUEST_METHOD": job.method,
        "PATH_INFO": place.path,
        "QUERY_STRING": place.query,
        "CONTENT_LENGTH": str(len(job.body)),
        "CONTENT_TYPE": job.headers.get("Content-Type", ""),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": BytesIO(bytes(job.body)),
        "wsgi.url_scheme": "http",
        **{
            f"HTTP_{name.upper().replace('-', '_')}": value
            for name, value in job.headers.items()
            if name != "Content-Type"
        },
    }
    request: Any = WSGIRequest(environ)
    request.actor, request.credential_refusal, request.request_id = actor, "", actor.request_id
    return request  # type: ignore[no-any-return]


def _call(request: HttpRequest) -> HttpResponseBase:
    found = resolve(request.path)
    response: Any = found.func(request, *found.args, **found.kwargs)
    if hasattr(response, "render"):
        response.render()
    return response  # type: ignore[no-any-return]


def _content(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def of(actor: Actor) -> ScopedQuerySet[Job]:
    """Return the jobs of an organisation; a credential sees those it asked for itself."""
    jobs = Job.objects.visible_to(actor)
    return jobs.filter(credential=actor.credential) if actor.credential else jobs


@unit_of_work()
def forget(*, at: datetime) -> int:
    """Drop jobs that ended KEPT_DAYS ago and return how many there were."""
    return execute("DELETE FROM http_job WHERE ended_at < %s", [at - timedelta(days=KEPT_DAYS)])

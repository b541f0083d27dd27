"""What the API remembers of calls: the answers given to idempotency keys, and the calls to be worked on later."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet


class IdempotencyRecord(models.Model):
    """The answer to a POST or PATCH under a key; written in the transaction of its effect, so that both or none exist.

    `request_hash` is SHA-256 over method, path and body; `status` is null only inside the first call's transaction.
    A long `body` is kept compressed (zlib): the answer to a file of a hundred thousand rows has 35 megabytes.
    """

    tenancy: ClassVar[dict[str, Any]] = dict.fromkeys(
        (actor.DEALER, actor.FACTORY, actor.CARRIER, actor.FUNDER), "organization_id"
    )

    organization = models.ForeignKey("directory.Organization", models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    is_compressed = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["organization", "key"], name="one_answer_per_key"),)
        indexes = (models.Index(fields=["created_at"], name="idempotency_by_age"),)

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"


class Job(models.Model):
    """A request that a worker answers; kept as it came, with who sent it, and later its answer."""

    tenancy: ClassVar[dict[str, Any]] = IdempotencyRecord.tenancy

    class Status(models.TextChoices):
        """How far it is."""

        ACCEPTED = "ACCEPTED", _("Accepted")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Refused")

    id = models.UUIDField(primary_key=True)
    organization = models.ForeignKey("directory.Organization", models.CASCADE, related_name="+")
    credential = models.CharField(max_length=80)
    actor = models.JSONField()
    method = models.CharField(max_length=8)
    path = models.TextField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACCEPTED)
    response_status = models.PositiveSmallIntegerField(null=True)
    response_headers = models.JSONField(default=dict)
    response_body = models.BinaryField(default=b"")
    accepted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["organization", "-id"], name="job_of_organization"),
            models.Index(fields=["ended_at"], name="job_by_end"),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.status}"

    def get_absolute_url(self) -> str:
        """Return the address of the job in the API."""
        return reverse("job", args=[self.pk])

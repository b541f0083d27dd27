"""What the API remembers of calls: the answers given to idempotency keys."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet


class IdempotencyRecord(models.Model):
    """The answer to a POST or PATCH under a key; written in the transaction of its effect, so that both or none exist.

    `request_hash` is SHA-256 over method, path and body; `status` is null only inside the first call's transaction.
    """

    tenancy: ClassVar[dict[str, Any]] = dict.fromkeys(
        (actor.DEALER, actor.FACTORY, actor.CARRIER, actor.FUNDER), "organization_id"
    )

    organization = models.ForeignKey("directory.Organization", models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    created_at = models.DateTimeField(db_default=Now())

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["organization", "key"], name="one_answer_per_key"),)
        indexes = (models.Index(fields=["created_at"], name="idempotency_by_age"),)

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"

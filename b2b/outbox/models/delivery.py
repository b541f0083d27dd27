"""Events as they were published, and one delivery for each handler of each event."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import WrittenJSONField


class OutboxEvent(models.Model):
    """A published fact; append-only, partitioned by month of `recorded_at`.

    `xid` is the writing transaction: a reader that stops below `pg_snapshot_xmin` misses no late commit.
    `parties` are the organisations that may read the event from outside.
    """

    id = models.UUIDField(primary_key=True)
    topic = models.CharField(max_length=80)
    aggregate_id = models.CharField(max_length=64)
    payload = WrittenJSONField()
    parties = ArrayField(models.BigIntegerField(), default=list)
    actor_name = models.CharField(max_length=150, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    xid = models.BigIntegerField(db_default=models.Func(function="midstream_xid"))

    class Meta:
        indexes = (
            models.Index(fields=["xid", "id"], name="event_by_commit_order"),
            models.Index(fields=["aggregate_id"], name="event_of_aggregate"),
        )

    def __str__(self) -> str:
        return f"{self.topic} {self.aggregate_id}"


class Delivery(models.Model):
    """One event on its way to one handler.

    PENDING waits until `due_at`; SENT lies with the broker until `lease_until`, when the relay sends it again;
    DONE has had its effect; PARKED failed too often and waits for a person. `ordered` deliveries of one handler
    and aggregate (a lane) are done one after the other, in `id` order.

    `attempts` counts failures, `waits` how often the handler said that a fact it needs is missing, `resent` how often
    the lease ended without an answer. `created_at` equals the event's `recorded_at` and leads to its partition.
    """

    class Status(models.TextChoices):
        """Where the delivery is."""

        PENDING = "PENDING", _("Waiting")
        SENT = "SENT", _("With the broker")
        DONE = "DONE", _("Done")
        PARKED = "PARKED", _("Parked")

    event_id = models.UUIDField()
    topic = models.CharField(max_length=80)
    aggregate_id = models.CharField(max_length=64)
    handler = models.CharField(max_length=120)
    queue = models.CharField(max_length=24)
    ordered = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    waits = models.PositiveSmallIntegerField(default=0)
    resent = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = (
            models.UniqueConstraint(fields=["event_id", "handler"], name="one_delivery_per_handler"),
        )
        indexes = (
            models.Index(
                fields=["queue", "due_at", "id"], condition=Q(status="PENDING"), name="delivery_waiting"
            ),
            models.Index(fields=["queue", "lease_until"], condition=Q(status="SENT"), name="delivery_leased"),
            models.Index(
                fields=["handler", "aggregate_id", "id"],
                condition=Q(ordered=True) & ~Q(status="DONE"),
                name="delivery_in_order",
            ),
            models.Index(fields=["id"], condition=Q(status="PARKED"), name="delivery_parked"),
        )

    def __str__(self) -> str:
        return f"{self.topic} -> {self.handler}"


class BatchStart(models.Model):
    """Deliveries a worker began with and has not answered for; what is left when it dies is suspected of killing it.

    Removed in the transaction that does the batch, so that the table holds a row per busy worker.
    """

    delivery_ids = ArrayField(models.BigIntegerField())
    started_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{len(self.delivery_ids)} deliveries"

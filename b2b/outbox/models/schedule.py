"""What runs by the clock, what ran, and who was last seen alive."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Schedule(models.Model):
    """A piece of periodic work as operators see it; registered in code, paused here.

    `rule` says when in words; the code (b2b.outbox.schedule) is what decides. `next_due_at` null means not yet planned.
    """

    name = models.CharField(max_length=80, primary_key=True)
    rule = models.CharField(max_length=80)
    queue = models.CharField(max_length=24)
    is_paused = models.BooleanField(default=False)
    last_run_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")

    def __str__(self) -> str:
        return self.name


class ScheduleRun(models.Model):
    """One period of a schedule; the unique key is why two beats give one run.

    SENT lies with the broker or runs until `lease_until`, which the running worker keeps moving; when it stops moving
    the run is sent again.
    """

    class Status(models.TextChoices):
        """Where the run is."""

        SENT = "SENT", _("With the broker")
        RUNNING = "RUNNING", _("Running")
        DONE = "DONE", _("Done")
        FAILED = "FAILED", _("Failed")

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="runs")
    period = models.CharField(max_length=40)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.SENT)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("scheduled run")
        verbose_name_plural = _("scheduled runs")
        constraints = (models.UniqueConstraint(fields=["schedule", "period"], name="one_run_per_period"),)
        indexes = (
            models.Index(
                fields=["lease_until"], condition=Q(status__in=["SENT", "RUNNING"]), name="run_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.period}"


class Heartbeat(models.Model):
    """When a part of the machinery was last seen alive; `name` tells several of a kind apart."""

    component = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["component", "name"], name="one_heartbeat_per_part"),)

    def __str__(self) -> str:
        return f"{self.component} {self.name}"

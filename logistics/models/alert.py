"""What goes wrong on the road while it does."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from logistics.models.trip import Stop, Trip


class TripAlert(models.Model):
    """A trip that is late, stands still, is off its route or silent; raised and cleared by the sweep.

    Of a kind a trip has one open at a stop (or on the road, without one). `detail` holds the figures it was raised
    with; `owner` is who looks after it.
    """

    class Kind(models.TextChoices):
        """What is wrong."""

        LATE = "LATE", _("Late")
        MISSED_WINDOW = "MISSED_WINDOW", _("Missed its window")
        STOPPED = "STOPPED", _("Stands still")
        OFF_ROUTE = "OFF_ROUTE", _("Off its route")
        NO_SIGNAL = "NO_SIGNAL", _("No signal")

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="alerts")
    stop = models.ForeignKey(Stop, models.PROTECT, related_name="+", null=True)
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    raised_at = models.DateTimeField(_("raised"))
    cleared_at = models.DateTimeField(_("cleared"), null=True)
    figure = models.BigIntegerField(_("how much"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("owner")
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = (
            models.UniqueConstraint(
                fields=["trip", "kind", "stop"],
                condition=Q(cleared_at__isnull=True),
                nulls_distinct=False,
                name="one_open_alert_of_a_kind",
            ),
        )
        indexes = (
            models.Index(fields=["-raised_at"], condition=Q(cleared_at__isnull=True), name="alert_open"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.raised_at}"

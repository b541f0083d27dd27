"""When goods will arrive, as it was thought at each moment, and how long legs and visits really take."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from logistics.models.shipment import Shipment
from logistics.models.trip import Trip


class ArrivalEstimate(models.Model):
    """When a shipment under way arrives, by half and by four fifths of the chances; append-only, the newest holds.

    `window_closes_at` is when the drop point closes. `is_late` when the four fifths end after it.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id", actor.CARRIER: "carrier_id"}

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="arrival_estimates")
    trip = models.ForeignKey(Trip, models.PROTECT, related_name="+")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    computed_at = models.DateTimeField(_("computed"))
    p50_at = models.DateTimeField(_("arrives, one in two"))
    p80_at = models.DateTimeField(_("arrives, four in five"))
    window_closes_at = models.DateTimeField(_("closes"), null=True)
    is_late = models.BooleanField(_("late"), default=False)
    seen_at = models.DateTimeField(_("vehicle seen"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("estimate of arrival")
        verbose_name_plural = _("estimates of arrival")
        constraints = (
            models.UniqueConstraint(fields=["shipment", "computed_at"], name="one_estimate_per_moment"),
            models.CheckConstraint(condition=Q(p50_at__lte=F("p80_at")), name="quantiles_rise"),
        )
        indexes = (models.Index(fields=["shipment", "-id"], name="estimate_of_shipment"),)

    def __str__(self) -> str:
        return f"{self.shipment_id}: {self.p80_at}"


class Pace(models.Model):
    """How long legs (by length and hour) and visits (by drop point) take, as ratios of what was planned.

    `count`, `log_sum` and `log_square_sum` are of the natural logarithms of the ratios, so that paces of different
    weeks add up; those of a TRIP are of the means of its legs, which tell how much the legs of a day have in common.
    Only the platform and the operator see it.
    """

    class Kind(models.TextChoices):
        """What took the time."""

        LEG = "LEG", _("Leg")
        VISIT = "VISIT", _("Visit")
        TRIP = "TRIP", _("Trip")

    tenancy: ClassVar[dict[str, Any]] = {}

    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    key = models.CharField(_("of what"), max_length=48)
    count = models.BigIntegerField(_("observed"), default=0)
    log_sum = models.FloatField(_("sum of logarithms"), default=0)
    log_square_sum = models.FloatField(_("sum of their squares"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("pace")
        verbose_name_plural = _("paces")
        constraints = (models.UniqueConstraint(fields=["kind", "key"], name="one_pace_per_key"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}: {self.count}"

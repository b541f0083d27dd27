"""Where vehicles are and were, as their devices tell."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from logistics.models.fleet import Vehicle


class VehicleMirror(models.Model):
    """The newest position of a vehicle; the database keeps `place`, a point, beside it for the search by nearness."""

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    vehicle = models.OneToOneField(Vehicle, models.CASCADE, primary_key=True, related_name="mirror")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    fix_at = models.DateTimeField(_("seen"))
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    speed_kmh = models.FloatField(_("speed, km/h"), null=True)
    heading_degrees = models.FloatField(_("heading, degrees"), null=True)
    received_at = models.DateTimeField(_("received"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("vehicle position")
        verbose_name_plural = _("vehicle positions")

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.latitude:.5f} {self.longitude:.5f}"


class PositionFix(models.Model):
    """A position of a vehicle at a moment; append-only, one for each vehicle and moment, partitioned by month."""

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="+", db_index=False)
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    fix_at = models.DateTimeField(_("seen"))
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    speed_kmh = models.FloatField(_("speed, km/h"), null=True)
    heading_degrees = models.FloatField(_("heading, degrees"), null=True)
    received_at = models.DateTimeField(_("received"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = (models.UniqueConstraint(fields=["vehicle", "fix_at"], name="one_fix_per_moment"),)

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.fix_at}"


class QuarantinedFix(models.Model):
    """A position that cannot be believed, as it came, with the reason's code; append-only, nothing is lost."""

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+", null=True)
    vehicle_code = models.CharField(_("vehicle"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=24)
    content = models.TextField(_("as it came"))
    received_at = models.DateTimeField(_("received"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("quarantined position")
        verbose_name_plural = _("quarantined positions")

    def __str__(self) -> str:
        return f"{self.vehicle_code} {self.reason}"

    @property
    def decided(self) -> str:
        """What was decided of it, "" while nobody has."""
        decision = getattr(self, "decision", None)
        return decision.decision if decision else ""


class QuarantineDecision(models.Model):
    """What somebody decided of a position in quarantine: kept after all, or thrown away; append-only."""

    class Decision(models.TextChoices):
        """What became of it."""

        RELEASED = "RELEASED", _("Released")
        DISCARDED = "DISCARDED", _("Discarded")

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    fix = models.OneToOneField(QuarantinedFix, models.CASCADE, related_name="decision", primary_key=True)
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+", null=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150)
    decided_at = models.DateTimeField(_("decided"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision on a position")
        verbose_name_plural = _("decisions on positions")

    def __str__(self) -> str:
        return f"{self.fix_id} {self.decision}"

"""A driver's way in to one trip, and what was done there, in the order the device says."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from logistics.models.fleet import Driver
from logistics.models.shipment import Shipment
from logistics.models.trip import Trip


class DriverPass(models.Model):
    """A link that opens one trip to whoever drives it, until it expires; only the hash of its secret is kept."""

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="passes")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    driver = models.ForeignKey(Driver, models.PROTECT, related_name="+", null=True)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField(_("issued"))
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("driver's link")
        verbose_name_plural = _("drivers' links")

    def __str__(self) -> str:
        return f"{self.trip_id} {self.issued_at}"


class DriverAction(models.Model):
    """Something a driver did at a moment, perhaps without a network, and told later; append-only.

    `action_id` is the device's own name for it: told again, it changes nothing and is answered as before. `problem`
    says why it was refused; a refused one is kept all the same.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="actions")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="+", null=True)
    action_id = models.CharField(_("action"), max_length=64)
    kind = models.CharField(_("kind"), max_length=16)
    occurred_at = models.DateTimeField(_("occurred"))
    received_at = models.DateTimeField(_("received"))
    content = models.JSONField(_("as it came"), default=dict)
    problem = models.CharField(_("why refused"), max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("driver's action")
        verbose_name_plural = _("drivers' actions")
        constraints = (models.UniqueConstraint(fields=["trip", "action_id"], name="one_action_per_id"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at}"


class Evidence(models.Model):
    """A photo or a signature, kept as it was taken and named by its SHA-256; append-only."""

    class Kind(models.TextChoices):
        """What it shows."""

        PHOTO = "PHOTO", _("Photo")
        SIGNATURE = "SIGNATURE", _("Signature")

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id", actor.CARRIER: "carrier_id"}

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="evidence")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    media_type = models.CharField(_("media type"), max_length=40)
    content = models.BinaryField(_("content"))
    received_at = models.DateTimeField(_("received"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = (
            models.UniqueConstraint(fields=["shipment", "kind", "sha256"], name="evidence_kept_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:12]}"

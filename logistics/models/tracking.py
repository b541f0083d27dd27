"""Where goods were seen."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from logistics.models.shipment import Shipment
from logistics.policies.tracking import KINDS


class TrackingEvent(models.Model):
    """Something a driver, a carrier's system or the platform saw; append-only, partitioned by `occurred_at`.

    A source names its events, and the same name at the same moment is the same event. What a source sends again
    with another time is kept, and harmless: the state is a function of the set of events.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id", actor.CARRIER: "carrier_id"}

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="tracking_events")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+", null=True)
    source = models.CharField(_("source"), max_length=40)
    source_event_id = models.CharField(_("event of the source"), max_length=120)
    kind = models.CharField(_("kind"), max_length=24, choices=[(kind, kind) for kind in KINDS])
    occurred_at = models.DateTimeField(_("occurred"))
    received_at = models.DateTimeField(_("received"))
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tracking event")
        verbose_name_plural = _("tracking events")
        constraints = (
            models.UniqueConstraint(
                fields=["source", "source_event_id", "shipment", "occurred_at"], name="one_tracking_event"
            ),
        )
        indexes = (models.Index(fields=["shipment", "occurred_at"], name="tracking_of_shipment"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at}"

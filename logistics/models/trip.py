"""A vehicle's round: its stops in order and the shipments dropped at each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.core.geo import GeoPoint
from b2b.db.fields import AmountField, CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from logistics import states
from logistics.models.fleet import Driver, Vehicle
from logistics.models.shipment import Shipment


class Trip(Document):
    """A round of one vehicle from one warehouse and back, as a verified plan laid it out.

    `departs_at` and `returns_at` are planned, `departed_at` and `completed_at` happened. `cost` is what the carrier
    asks for the round; the freight shares of its shipments sum to it. `learned_at` is when its legs were counted among
    what the estimates of arrival are learned from.
    """

    machine = states.TRIP
    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    number = models.CharField(_("number"), max_length=40, unique=True)
    status = StatusField(states.TRIP, verbose_name=_("status"))
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("carrier"))
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="+", verbose_name=_("vehicle"))
    driver = models.ForeignKey(
        Driver, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("driver")
    )
    warehouse_site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("warehouse"))
    plan_version = models.PositiveIntegerField(_("plan version"), default=1)
    departs_at = models.DateTimeField(_("departs"))
    returns_at = models.DateTimeField(_("returns"))
    departed_at = models.DateTimeField(_("departed"), null=True)
    completed_at = models.DateTimeField(_("completed"), null=True)
    distance_m = models.BigIntegerField(_("distance, m"))
    empty_m = models.BigIntegerField(_("of it empty, m"), default=0)
    duration_s = models.BigIntegerField(_("duration, s"))
    weight_g = models.BigIntegerField(_("weight, g"))
    volume_cm3 = models.BigIntegerField(_("volume, cm³"))
    pallets = models.PositiveIntegerField(_("pallets"), default=0, db_default=0)
    learned_at = models.DateTimeField(_("learned from"), null=True)
    currency = CurrencyField(_("currency"))
    cost = AmountField(_("cost"), default=0)

    class Meta:
        verbose_name = _("trip")
        verbose_name_plural = _("trips")
        constraints = (
            models.CheckConstraint(condition=Q(departs_at__lt=F("returns_at")), name="a_trip_takes_time"),
            models.CheckConstraint(condition=Q(cost__gte=0), name="a_trip_costs_no_less_than_nothing"),
        )
        indexes = (
            models.Index(fields=["carrier", "-id"], name="trip_of_carrier"),
            models.Index(
                fields=["vehicle", "returns_at"],
                condition=Q(status__in=[states.PLANNED, states.DEPARTED]),
                name="trip_under_way",
            ),
        )


class Stop(models.Model):
    """A place a trip calls at, with the snapshot its driver needs; `sequence` starts at 1.

    `leg_m` and `leg_s` are the planned way to it from the stop before, `service_s` the planned time at it; service
    starts between `opens_at` and `closes_at`. A stop that `is_locked`, and those before it, stay when the trip is
    planned anew.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="stops")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField(_("sequence"))
    site_code = models.CharField(_("site code"), max_length=32)
    site_name = models.CharField(_("site name"), max_length=200)
    address = models.CharField(_("address"), max_length=300, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6)
    planned_arrival_at = models.DateTimeField(_("planned arrival"))
    actual_arrival_at = models.DateTimeField(_("actual arrival"), null=True)
    left_at = models.DateTimeField(_("left"), null=True)
    opens_at = models.DateTimeField(_("opens"), null=True)
    closes_at = models.DateTimeField(_("closes"), null=True)
    leg_m = models.BigIntegerField(_("leg, m"), default=0, db_default=0)
    leg_s = models.BigIntegerField(_("leg, s"), default=0, db_default=0)
    service_s = models.BigIntegerField(_("service, s"), default=0, db_default=0)
    is_locked = models.BooleanField(_("locked"), default=False, db_default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        constraints = (
            models.UniqueConstraint(fields=["trip", "sequence"], name="one_stop_per_sequence"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="stops_count_from_one"),
        )
        ordering = ("sequence",)

    def __str__(self) -> str:
        return f"{self.sequence}. {self.site_name}"

    @property
    def point(self) -> GeoPoint:
        """Where the stop is."""
        return GeoPoint(float(self.latitude), float(self.longitude))


class Drop(models.Model):
    """One shipment at one stop of one trip; a shipment tried twice has two, at most one of them open.

    Number and size are snapshots: the carrier keeps its record when the shipment goes on with another.
    """

    class Outcome(models.TextChoices):
        """How the visit ended."""

        OPEN = "OPEN", _("Open")
        DELIVERED = "DELIVERED", _("Delivered")
        FAILED = "FAILED", _("Failed")
        CANCELLED = "CANCELLED", _("Cancelled")

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="drops")
    stop = models.ForeignKey(Stop, models.PROTECT, related_name="drops")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="drops")
    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    shipment_number = models.CharField(_("shipment number"), max_length=40)
    weight_g = models.BigIntegerField(_("weight, g"))
    volume_cm3 = models.BigIntegerField(_("volume, cm³"))
    pallets = models.PositiveIntegerField(_("pallets"), default=0, db_default=0)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    ended_at = models.DateTimeField(_("ended"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("drop")
        verbose_name_plural = _("drops")
        constraints = (
            models.UniqueConstraint(fields=["trip", "shipment"], name="one_drop_per_trip"),
            models.UniqueConstraint(
                fields=["shipment"], condition=Q(outcome="OPEN"), name="one_open_drop_per_shipment"
            ),
        )

    def __str__(self) -> str:
        return self.shipment_number

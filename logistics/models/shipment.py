"""Goods for one drop point, from packed to signed for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.core.geo import GeoPoint
from b2b.db.fields import AmountField, CurrencyField, QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from logistics import states


class Shipment(Document):
    """Packages of one wave for one drop point (UBL Shipment).

    Name, address, position and opening hours of the drop point are snapshots: a carrier may not read the dealer's
    sites. `carrier` is null until a plan gives the shipment to one, and again after a failed attempt.
    `pallets` counts the different pallets its packages stand on.
    `tracking_status` is what the tracking events say; `status` moves by documents alone.
    """

    machine = states.SHIPMENT
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id", actor.CARRIER: "carrier_id"}

    number = models.CharField(_("number"), max_length=40, unique=True)
    status = StatusField(states.SHIPMENT, verbose_name=_("status"))
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("dealer"))
    carrier = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", null=True, verbose_name=_("carrier")
    )
    warehouse_site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("warehouse"))
    ship_to_site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("ship to"))
    wave_id = models.UUIDField(_("wave"))
    ship_to_code = models.CharField(_("site code"), max_length=32)
    ship_to_name = models.CharField(_("site name"), max_length=200)
    ship_to_address = models.CharField(_("address"), max_length=300, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))
    time_zone = models.CharField(_("time zone"), max_length=40)
    need_by_date = models.DateField(_("needed by"), null=True)
    required_skills = ArrayField(models.CharField(max_length=24), default=list, verbose_name=_("needs"))
    weight_g = models.BigIntegerField(_("weight, g"), default=0)
    volume_cm3 = models.BigIntegerField(_("volume, cm³"), default=0)
    pallets = models.PositiveIntegerField(_("pallets"), default=0, db_default=0)
    planned_arrival_at = models.DateTimeField(_("planned arrival"), null=True)
    departed_at = models.DateTimeField(_("departed"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    currency = CurrencyField(_("currency"))
    freight_amount = AmountField(_("freight"), default=0)
    tracking_status = models.CharField(_("tracking status"), max_length=24, blank=True)
    tracked_at = models.DateTimeField(_("last seen"), null=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        constraints = (
            models.CheckConstraint(
                condition=Q(weight_g__gte=0, volume_cm3__gte=0), name="a_shipment_has_size"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[states.PLANNED, states.IN_TRANSIT, states.DELIVERED])
                | Q(carrier__isnull=False),
                name="a_carried_shipment_has_a_carrier",
            ),
        )
        indexes = (
            models.Index(fields=["dealer", "-id"], name="shipment_of_dealer"),
            models.Index(fields=["carrier", "-id"], name="shipment_of_carrier"),
            models.Index(
                fields=["warehouse_site", "id"], condition=Q(status="READY"), name="shipment_to_plan"
            ),
            models.Index(fields=["wave_id"], name="shipment_of_wave"),
        )

    @property
    def point(self) -> GeoPoint:
        """The position of the drop point as it was when the shipment was made."""
        return GeoPoint(float(self.latitude), float(self.longitude))


class ShipmentPackage(models.Model):
    """One labelled handling unit of a shipment; a package travels in one shipment only.

    `pallet_sscc` is the pallet it stands on, its own SSCC when it is one, empty for loose goods.
    """

    tenancy: ClassVar[dict[str, Any]] = {
        actor.DEALER: "dealer_id",
        actor.CARRIER: "shipment__carrier_id",
    }

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="packages")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    package_id = models.UUIDField(_("package"), unique=True)
    sscc = models.CharField(_("SSCC"), max_length=18, blank=True)
    weight_g = models.BigIntegerField(_("weight, g"))
    volume_cm3 = models.BigIntegerField(_("volume, cm³"))
    pallet_sscc = models.CharField(_("on pallet"), max_length=18, blank=True, default="", db_default="")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")

    def __str__(self) -> str:
        return self.sscc or str(self.package_id)


class ShipmentLine(models.Model):
    """What a shipment holds of one order line; quantity in base units. `line_number` is the public name."""

    tenancy: ClassVar[dict[str, Any]] = {
        actor.DEALER: "dealer_id",
        actor.CARRIER: "shipment__carrier_id",
    }

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    line_number = models.PositiveIntegerField(_("line"))
    order_id = models.UUIDField(_("order"))
    order_version = models.PositiveIntegerField(_("order version"))
    order_line_id = models.BigIntegerField(_("order line"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    quantity = QuantityField(_("quantity"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipment line")
        verbose_name_plural = _("shipment lines")
        constraints = (
            models.UniqueConstraint(fields=["shipment", "line_number"], name="one_shipment_line_per_number"),
            models.UniqueConstraint(
                fields=["shipment", "order_line_id"], name="one_shipment_line_per_order_line"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_shipment_line_holds_something"),
        )
        ordering = ("line_number",)

    def __str__(self) -> str:
        return f"{self.line_number}: {self.quantity}"

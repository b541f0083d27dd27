"""What leaves the house: labelled logistic units."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from warehousing import states
from warehousing.models.demand import Demand
from warehousing.models.handling_unit import HandlingUnit
from warehousing.models.lot import Lot
from warehousing.models.warehouse import Warehouse
from warehousing.models.wave import Wave


class Package(Document):
    """A carton or pallet with an SSCC (GS1), packed for one ship-to; an SSCC is never used again.

    `weight_g` is what the scales said when it `is_weighed`, else the weight of the goods; the three sides are null
    until somebody measures them. `shipment_id` and `departed_at` tell the shipment it last left with, and when.
    """

    machine = states.PACKAGE
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    status = StatusField(states.PACKAGE)
    sscc = models.CharField(_("SSCC"), max_length=18, unique=True)
    handling_unit = models.OneToOneField(HandlingUnit, models.PROTECT, related_name="package")
    wave = models.ForeignKey(Wave, models.PROTECT, related_name="packages")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+", db_index=False)
    ship_to_site = models.ForeignKey("directory.Site", models.PROTECT, related_name="+")
    weight_g = models.PositiveBigIntegerField(_("weight, g"))
    volume_cm3 = models.PositiveBigIntegerField(_("volume, cm³"))
    is_weighed = models.BooleanField(_("weighed"), default=False, db_default=False)
    length_mm = models.PositiveIntegerField(_("measured length, mm"), null=True, blank=True)
    width_mm = models.PositiveIntegerField(_("measured width, mm"), null=True, blank=True)
    height_mm = models.PositiveIntegerField(_("measured height, mm"), null=True, blank=True)
    need_by_date = models.DateField(_("needed by"), null=True, blank=True)
    shipment_id = models.UUIDField(_("shipment"), null=True, blank=True)
    departed_at = models.DateTimeField(_("departed at"), null=True, blank=True)

    class Meta(Document.Meta):
        abstract = False
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        constraints = (
            models.CheckConstraint(condition=Q(sscc__regex=r"^[0-9]{18}$"), name="sscc_has_eighteen_digits"),
            models.CheckConstraint(
                condition=Q(length_mm=None, width_mm=None, height_mm=None)
                | Q(length_mm__gte=1, width_mm__gte=1, height_mm__gte=1),
                name="a_package_has_three_sides",
            ),
        )
        indexes = (
            models.Index(fields=["dealer", "id"], name="package_of_dealer"),
            models.Index(
                fields=["shipment_id"], condition=Q(shipment_id__isnull=False), name="package_of_shipment"
            ),
        )


class PackageLine(models.Model):
    """What a package holds of one order line and lot, in base units."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "package__dealer_id"}

    package = models.ForeignKey(Package, models.PROTECT, related_name="lines", db_index=False)
    line_number = models.PositiveIntegerField(_("line"))
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    owner = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+")
    quantity = QuantityField(_("quantity"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("package line")
        verbose_name_plural = _("package lines")
        constraints = (
            models.UniqueConstraint(fields=["package", "line_number"], name="package_line_number"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="pack_something"),
        )

    def __str__(self) -> str:
        return f"{self.package_id}/{self.line_number}"

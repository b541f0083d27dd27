"""The places of a warehouse, and the virtual ones that stand for the world outside."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from warehousing.models.warehouse import Warehouse


class Location(models.Model):
    """A place stock is counted at; virtual ones stand for the world outside, so that every movement sums to zero.

    Places form a tree within a warehouse (`parent`: the aisle of a bin, the hall of an aisle). `walk_sequence` orders
    the path of pickers and counters, then aisle, bay and level. Capacities are limits of the place alone, in base
    units, cm³ and g; null means none. A closed place (`is_active` false) takes nothing in and is not counted.
    """

    class Kind(models.TextChoices):
        """What the place is for."""

        SUPPLIER = "SUPPLIER", _("Supplier (virtual)")
        RECEIVING = "RECEIVING", _("Receiving")
        QUALITY = "QUALITY", _("Quality, quarantine")
        STORAGE = "STORAGE", _("Storage")
        PICKING = "PICKING", _("Picking")
        STAGING = "STAGING", _("Staging")
        CUSTOMER = "CUSTOMER", _("Customer (virtual)")
        LOSS = "LOSS", _("Loss (virtual)")

    class Temperature(models.TextChoices):
        """What the place keeps goods at."""

        AMBIENT = "AMBIENT", _("Ambient")
        CHILLED = "CHILLED", _("Chilled, 2 to 8 °C")
        FROZEN = "FROZEN", _("Frozen, -18 °C or colder")

    VIRTUAL = (Kind.SUPPLIER, Kind.CUSTOMER, Kind.LOSS)
    RESERVABLE = (Kind.RECEIVING, Kind.STORAGE, Kind.PICKING)

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="locations", db_index=False)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("within")
    )
    code = models.CharField(_("code"), max_length=32)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    zone = models.CharField(_("zone"), max_length=32, blank=True)
    aisle = models.PositiveSmallIntegerField(_("aisle"), default=0)
    bay = models.PositiveSmallIntegerField(_("bay"), default=0)
    level = models.PositiveSmallIntegerField(_("level"), default=0)
    walk_sequence = models.PositiveIntegerField(_("walk sequence"), default=0)
    temperature = models.CharField(
        _("temperature"), max_length=7, choices=Temperature.choices, default=Temperature.AMBIENT
    )
    capacity_units = models.PositiveBigIntegerField(_("holds, base units"), null=True, blank=True)
    capacity_volume_cm3 = models.PositiveBigIntegerField(_("holds, cm³"), null=True, blank=True)
    capacity_weight_g = models.PositiveBigIntegerField(_("holds, g"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        constraints = (
            models.UniqueConstraint(fields=["warehouse", "code"], name="location_code_in_warehouse"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="a_place_is_not_within_itself"
            ),
        )
        indexes = (models.Index(fields=["warehouse", "kind"], name="location_by_kind"),)

    def __str__(self) -> str:
        return self.code

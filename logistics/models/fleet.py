"""Who drives and for how much: vehicles, drivers and tariffs of carriers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site


class Vehicle(models.Model):
    """A vehicle of a carrier: what it can load, when it works and what it costs.

    The shift is in the time zone of the warehouse the vehicle starts from. `warehouse_site` is null for one that
    may start anywhere. A driver who is on the road at `break_until` has taken a break that began between `break_from`
    and then. `capacity_pallets` is null where pallets set no limit. `skills` are what it can do that not every vehicle
    can, e.g. "cold", "tail_lift".
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("carrier"))
    code = models.SlugField(_("code"), max_length=24)
    plate = models.CharField(_("number plate"), max_length=16, blank=True)
    warehouse_site = models.ForeignKey(
        Site, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("warehouse")
    )
    capacity_weight_g = models.BigIntegerField(_("capacity, g"), validators=[MinValueValidator(1)])
    capacity_volume_cm3 = models.BigIntegerField(_("capacity, cm³"), validators=[MinValueValidator(1)])
    capacity_pallets = models.PositiveIntegerField(
        _("pallet places"), null=True, blank=True, help_text=_("Empty: pallets set no limit.")
    )
    shift_start = models.TimeField(_("shift starts"), default="07:00")
    shift_end = models.TimeField(_("shift ends"), default="19:00")
    currency = CurrencyField(_("currency"))
    cost_per_km = AmountField(_("cost per km"), default=0, validators=[MinValueValidator(0)])
    cost_per_hour = AmountField(_("cost per hour"), default=0, validators=[MinValueValidator(0)])
    cost_per_trip = AmountField(_("cost per trip"), default=0, validators=[MinValueValidator(0)])
    break_from = models.TimeField(_("break may begin from"), null=True, blank=True)
    break_until = models.TimeField(_("break has to begin until"), null=True, blank=True)
    break_minutes = models.PositiveSmallIntegerField(_("break, minutes"), default=0)
    skills = ArrayField(models.CharField(max_length=24), verbose_name=_("skills"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("vehicle")
        verbose_name_plural = _("vehicles")
        constraints = (
            models.UniqueConstraint(fields=["carrier", "code"], name="one_vehicle_per_code"),
            models.CheckConstraint(
                condition=Q(capacity_weight_g__gt=0, capacity_volume_cm3__gt=0),
                name="a_vehicle_loads_something",
            ),
            models.CheckConstraint(condition=Q(shift_start__lt=F("shift_end")), name="a_shift_has_length"),
            models.CheckConstraint(
                condition=Q(cost_per_km__gte=0, cost_per_hour__gte=0, cost_per_trip__gte=0),
                name="a_vehicle_costs_no_less_than_nothing",
            ),
            models.CheckConstraint(
                condition=Q(break_minutes=0)
                | Q(break_from__isnull=False, break_until__isnull=False, break_from__lte=F("break_until")),
                name="a_break_has_its_hours",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.plate}".strip()


class Driver(models.Model):
    """A person who drives for a carrier."""

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("carrier"))
    code = models.SlugField(_("code"), max_length=24)
    name = models.CharField(_("name"), max_length=150)
    phone = models.CharField(_("telephone"), max_length=32, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("driver")
        verbose_name_plural = _("drivers")
        constraints = (models.UniqueConstraint(fields=["carrier", "code"], name="one_driver_per_code"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Tariff(models.Model):
    """What a carrier asks for a trip; a trip without a tariff costs what its vehicle costs.

    `zone` is a site region, empty for a tariff that holds everywhere. It holds from its first day until the last, or
    until a newer one begins. Its breaks ask less per kg of heavy loads; the surcharge comes on top of all.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "carrier_id"}

    carrier = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("carrier"))
    zone = models.CharField(_("zone"), max_length=40, blank=True)
    valid_from_date = models.DateField(_("valid from"))
    valid_until_date = models.DateField(_("valid until"), null=True, blank=True)
    currency = CurrencyField(_("currency"))
    base = AmountField(_("base"), default=0)
    per_km = AmountField(_("per km"), default=0)
    per_kg = AmountField(_("per kg"), default=0)
    per_stop = AmountField(_("per stop"), default=0)
    minimum = AmountField(_("minimum"), default=0)
    surcharge_percent = models.DecimalField(
        _("surcharge, per cent"), max_digits=5, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        constraints = (
            models.UniqueConstraint(fields=["carrier", "zone", "valid_from_date"], name="one_tariff_per_day"),
            models.CheckConstraint(
                condition=Q(
                    base__gte=0,
                    per_km__gte=0,
                    per_kg__gte=0,
                    minimum__gte=0,
                    per_stop__gte=0,
                    surcharge_percent__gte=0,
                ),
                name="a_tariff_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(valid_until_date=None) | Q(valid_until_date__gte=F("valid_from_date")),
                name="a_tariff_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.carrier} {self.zone} {self.valid_from_date}"


class TariffBreak(models.Model):
    """A rate per kg that holds from a weight on."""

    tenancy: ClassVar[dict[str, Any]] = {actor.CARRIER: "tariff__carrier_id"}

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="breaks", verbose_name=_("tariff"))
    from_kg = models.PositiveIntegerField(_("from, kg"), validators=[MinValueValidator(1)])
    per_kg = AmountField(_("per kg"), validators=[MinValueValidator(0)])

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("weight break")
        verbose_name_plural = _("weight breaks")
        constraints = (
            models.UniqueConstraint(fields=["tariff", "from_kg"], name="one_rate_per_break"),
            models.CheckConstraint(condition=Q(from_kg__gt=0, per_kg__gte=0), name="a_break_asks_something"),
        )
        ordering = ("from_kg",)

    def __str__(self) -> str:
        return f"{self.from_kg} kg: {self.per_kg}"

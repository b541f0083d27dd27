"""Stock kept where demand and supply are decoupled, and how it stood at each plan."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization


def _factor(label: Any, default: str) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=7, decimal_places=4, default=default)


class BufferProfile(models.Model):
    """How products of one kind are buffered (`policies.buffer.Profile`)."""

    tenancy: ClassVar[dict[str, Any]] = {}

    code = models.SlugField(_("code"), max_length=32, unique=True)
    lead_time_factor = _factor(_("lead time factor"), "0.5")
    variability_factor = _factor(_("variability factor"), "0.5")
    order_cycle_days = models.PositiveSmallIntegerField(_("days between orders"), default=7)
    spike_horizon_days = models.PositiveSmallIntegerField(_("spike horizon, days"), null=True, blank=True)
    spike_basis_points = models.PositiveIntegerField(_("spike threshold, basis points of red"), default=5000)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("buffer profile")
        verbose_name_plural = _("buffer profiles")
        constraints = (
            models.CheckConstraint(
                condition=Q(lead_time_factor__gt=0, variability_factor__gte=0), name="buffer_profile_factors"
            ),
        )

    def __str__(self) -> str:
        return self.code


class Buffer(models.Model):
    """The platform's stock of a product that decouples dealers from one factory's lead time.

    `daily_usage` is base units a day, taken from the forecast of its lead time unless it was set by hand.
    """

    tenancy: ClassVar[dict[str, Any]] = {}

    product = models.OneToOneField(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    profile = models.ForeignKey(BufferProfile, models.PROTECT, related_name="+", verbose_name=_("profile"))
    daily_usage = models.DecimalField(_("usage a day"), max_digits=18, decimal_places=4, default=0)
    usage_is_set = models.BooleanField(_("usage set by hand"), default=False)
    lead_time_days = models.PositiveSmallIntegerField(_("decoupled lead time, days"))
    moq = QuantityField(_("minimum order quantity"), default=1)
    order_multiple = QuantityField(_("order multiple"), default=1)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("buffer")
        verbose_name_plural = _("buffers")
        constraints = (
            models.CheckConstraint(
                condition=Q(daily_usage__gte=0, moq__gte=1, order_multiple__gte=1, lead_time_days__gte=1),
                name="buffer_is_positive",
            ),
        )
        indexes = (models.Index(fields=["factory", "product"], name="buffer_of_factory"),)

    def __str__(self) -> str:
        return f"buffer of {self.product_id}"


class AdjustmentFactor(models.Model):
    """What usage, lead time or zones are multiplied by between two days: for a product, or for a whole category."""

    class Kind(models.TextChoices):
        """What is multiplied."""

        DEMAND = "DEMAND", _("Demand (DAF)")
        LEAD_TIME = "LEAD_TIME", _("Lead time (LTAF)")
        ZONE = "ZONE", _("Zones")

    class Reason(models.TextChoices):
        """Why."""

        SEASON = "SEASON", _("Season")
        PROMOTION = "PROMOTION", _("Promotion")
        FESTIVAL = "FESTIVAL", _("Shopping festival")
        SUPPLY = "SUPPLY", _("Supply")
        LEAD_TIME = "LEAD_TIME", _("Lead time")

    tenancy: ClassVar[dict[str, Any]] = {}

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    category = models.CharField(_("category"), max_length=80, blank=True)
    factor = _factor(_("factor"), "1")
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("adjustment factor")
        verbose_name_plural = _("adjustment factors")
        constraints = (
            models.CheckConstraint(
                condition=Q(factor__gt=0, valid_to__gte=F("valid_from")), name="adjustment_is_a_factor"
            ),
            models.CheckConstraint(
                condition=Q(product__isnull=False, category="") | Q(Q(product__isnull=True), ~Q(category="")),
                name="adjustment_is_of_a_product_or_a_category",
            ),
        )
        indexes = (models.Index(fields=["valid_to"], name="adjustment_by_end"),)

    def __str__(self) -> str:
        return f"{self.kind} x {self.factor}"


class PlanRun(models.Model):
    """What a factory was told to make for one period, decided once; `period_key` names the period.

    `facts_hash` is the SHA-256 of everything the run read.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    period_key = models.CharField(_("period"), max_length=32)
    as_of_date = models.DateField(_("as of"))
    facts_hash = models.CharField(_("hash of what it read"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("planned at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = (models.UniqueConstraint(fields=["factory", "period_key"], name="one_plan_per_period"),)

    def __str__(self) -> str:
        return self.period_key


class BufferSnapshot(models.Model):
    """A buffer as a plan found it: what it was computed from, its zones, its net flow, what lacks; append-only."""

    tenancy: ClassVar[dict[str, Any]] = {}

    run = models.ForeignKey(PlanRun, models.PROTECT, related_name="snapshots", db_index=False)
    buffer = models.ForeignKey(Buffer, models.PROTECT, related_name="snapshots")
    daily_usage = models.DecimalField(_("usage a day"), max_digits=24, decimal_places=8)
    lead_time_days = models.DecimalField(_("lead time, days"), max_digits=12, decimal_places=4)
    zone_factor = models.DecimalField(_("zone factor"), max_digits=16, decimal_places=8)
    horizon = models.PositiveSmallIntegerField(_("spike horizon, days"))
    red_base = QuantityField(_("red, base"))
    red_safety = QuantityField(_("red, safety"))
    yellow = QuantityField(_("yellow"))
    green = QuantityField(_("green"))
    on_hand = QuantityField(_("on hand"))
    on_order = QuantityField(_("on order"))
    qualified_demand = QuantityField(_("qualified demand"))
    shortfall = QuantityField(_("lacks"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("buffer status")
        verbose_name_plural = _("buffer status")
        constraints = (models.UniqueConstraint(fields=["run", "buffer"], name="one_snapshot_per_run"),)

    def __str__(self) -> str:
        return f"{self.net_flow} of {self.top_of_green}"

    @property
    def top_of_red(self) -> int:
        """Base units below which it is in danger."""
        return int(self.red_base + self.red_safety)

    @property
    def top_of_yellow(self) -> int:
        """Base units of net flow below which is ordered."""
        return int(self.top_of_red + self.yellow)

    @property
    def top_of_green(self) -> int:
        """Base units up to which is ordered."""
        return int(self.top_of_yellow + self.green)

    @property
    def net_flow(self) -> int:
        """What is there or comes, less the demand that counts."""
        return int(self.on_hand + self.on_order - self.qualified_demand)

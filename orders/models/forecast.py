"""What is expected to be asked for, as it was told by each run."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet


def _weeks(label: Any) -> ArrayField[Any, Any]:
    return ArrayField(models.DecimalField(max_digits=18, decimal_places=3), verbose_name=label)


class ForecastRun(models.Model):
    """All forecasts made for one week; `first_week_date` is the Monday of the first week ahead, told once."""

    tenancy: ClassVar[dict[str, Any]] = {}

    first_week_date = models.DateField(_("from week"), unique=True)
    horizon_weeks = models.PositiveSmallIntegerField(_("weeks ahead"))
    history_weeks = models.PositiveSmallIntegerField(_("weeks of history"))
    created_at = models.DateTimeField(_("made at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("forecast run")
        verbose_name_plural = _("forecast runs")
        ordering = ("-first_week_date",)

    def __str__(self) -> str:
        return f"{self.first_week_date}"


class ForecastLine(models.Model):
    """The weeks ahead of a product in a region, in base units a week, and how good the method was before.

    Errors are over `lead_weeks`: the mean absolute one, what "as much as last week" would have missed, the part of that
    which is saved (forecast value added), the bias as a part of demand, and the tracking signal.
    """

    class Method(models.TextChoices):
        """How it was made (`policies.forecasting.choice.Method`)."""

        COMBINATION = "COMBINATION", _("Smoothing and Theta")
        SIMPLE = "SIMPLE", _("Simple smoothing")
        IMAPA = "IMAPA", _("Aggregated (IMAPA)")
        SBA = "SBA", _("Croston, corrected")
        TSB = "TSB", _("Fading demand (TSB)")
        CATEGORY = "CATEGORY", _("Like others of its category")

    class Kind(models.TextChoices):
        """What kind of demand it is."""

        SMOOTH = "SMOOTH", _("Smooth")
        ERRATIC = "ERRATIC", _("Erratic")
        INTERMITTENT = "INTERMITTENT", _("Intermittent")
        LUMPY = "LUMPY", _("Lumpy")
        NEW = "NEW", _("New")

    tenancy: ClassVar[dict[str, Any]] = {}

    run = models.ForeignKey(ForecastRun, models.PROTECT, related_name="lines", db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    region = models.CharField(_("region"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    method = models.CharField(_("method"), max_length=12, choices=Method.choices)
    mean, p10, p50, p90 = _weeks(_("mean")), _weeks("p10"), _weeks("p50"), _weeks("p90")
    lead_weeks = models.PositiveSmallIntegerField(_("lead time, weeks"))
    lead_mean = models.DecimalField(_("expected over the lead time"), max_digits=18, decimal_places=3)
    lead_low = QuantityField(_("at least"))
    lead_high = QuantityField(_("at most"))
    error = models.DecimalField(_("missed"), max_digits=18, decimal_places=3)
    naive_error = models.DecimalField(_("naive would miss"), max_digits=18, decimal_places=3)
    value_added = models.DecimalField(_("value added"), max_digits=18, decimal_places=4)
    bias = models.DecimalField(_("bias"), max_digits=18, decimal_places=4)
    tracking_signal = models.DecimalField(_("tracking signal"), max_digits=18, decimal_places=4)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("forecast")
        verbose_name_plural = _("forecasts")
        constraints = (
            models.UniqueConstraint(fields=["run", "product", "region"], name="one_forecast_per_run"),
            models.CheckConstraint(
                condition=Q(lead_low__gte=0, lead_low__lte=models.F("lead_high")), name="forecast_range"
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id} {self.region}"

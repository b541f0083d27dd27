"""What was asked for, day by day, and the facts it is the sum of."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from orders.models.order import Order


class DemandEvent(models.Model):
    """A change of what an order asks for on one day; append-only, the buckets are its sums.

    The day is that of the order's confirmation where the goods go. Platform and operator only: it tells what rivals
    buy.
    """

    tenancy: ClassVar[dict[str, Any]] = {}

    order = models.ForeignKey(Order, models.PROTECT, related_name="demand_events")
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    region = models.CharField(_("region"), max_length=40, blank=True)
    on_date = models.DateField(_("day"))
    ordered = QuantityField(_("ordered"))
    shipped = QuantityField(_("shipped"))
    lost = QuantityField(_("lost"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("demand event")
        verbose_name_plural = _("demand events")

    def __str__(self) -> str:
        return f"{self.ordered:+d} on {self.on_date}"


class DemandBucket(models.Model):
    """Base units of a product that a region asked for on a day; weeks are sums of days.

    `ordered` is what was wanted, `lost` the part of it that dealers took back because a factory was short or dearer,
    `shipped` what has left. `censored`: the product was out of stock that day, so that more may have been wanted.
    """

    tenancy: ClassVar[dict[str, Any]] = {}

    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    region = models.CharField(_("region"), max_length=40, blank=True)
    on_date = models.DateField(_("day"))
    ordered = QuantityField(_("ordered"), default=0)
    shipped = QuantityField(_("shipped"), default=0)
    lost = QuantityField(_("lost"), default=0)
    censored = models.BooleanField(_("out of stock"), default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demand")
        constraints = (
            models.UniqueConstraint(fields=["product", "region", "on_date"], name="one_demand_bucket"),
            models.CheckConstraint(
                condition=Q(ordered__gte=0, shipped__gte=0, lost__gte=0, lost__lte=F("ordered")),
                name="demand_bucket_quantities",
            ),
        )
        indexes = (models.Index(fields=["on_date"], name="demand_by_day"),)

    def __str__(self) -> str:
        return f"{self.ordered} on {self.on_date}"


class StockOut(models.Model):
    """A day on which none of a product was free."""

    tenancy: ClassVar[dict[str, Any]] = {}

    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    on_date = models.DateField(_("day"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock-out day")
        verbose_name_plural = _("stock-out days")
        constraints = (models.UniqueConstraint(fields=["product", "on_date"], name="one_stock_out_per_day"),)

    def __str__(self) -> str:
        return f"{self.product_id} on {self.on_date}"

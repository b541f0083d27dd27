"""Who makes a product, and what the platform pays for it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import CurrencyField, QuantityField, UnitPriceField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization


class Silence(models.TextChoices):
    """What it means when a factory does not answer a line by the deadline."""

    LEAVE = "LEAVE", _("still open")
    ACCEPT = "ACCEPT", _("accepted as ordered")
    REJECT = "REJECT", _("rejected")


class SupplySource(models.Model):
    """A factory that makes a product, and on what terms it takes purchase orders; lowest `priority` first.

    `rejection_basis_points` of the price are claimed for goods that its inspection rejects, `missing_basis_points` for
    goods that were advised and did not come; null: nothing is agreed, and `policies.claiming.UNDECLARED` is claimed.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    lead_time_days = models.PositiveIntegerField(_("lead time, days"), default=7)
    moq = QuantityField(_("minimum order quantity"), default=1)
    order_multiple = QuantityField(_("order multiple"), default=1)
    weekly_capacity = QuantityField(_("weekly capacity"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=1)
    is_active = models.BooleanField(_("active"), default=True)
    silence = models.CharField(
        _("an answer overdue is taken as"),
        max_length=8,
        choices=Silence.choices,
        default=Silence.LEAVE,
        db_default="LEAVE",
    )
    price_tolerance_basis_points = models.PositiveIntegerField(
        _("price rise taken without asking, basis points"), default=0, db_default=0
    )
    rejection_basis_points = models.PositiveIntegerField(
        _("compensation for rejected goods, basis points of the price"), null=True, blank=True
    )
    missing_basis_points = models.PositiveIntegerField(
        _("compensation for missing goods, basis points of the price"), null=True, blank=True
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("supply source")
        verbose_name_plural = _("supply sources")
        constraints = (
            models.UniqueConstraint(fields=["factory", "product"], name="one_source_per_factory"),
            models.CheckConstraint(condition=Q(moq__gte=1, order_multiple__gte=1), name="source_is_positive"),
            models.CheckConstraint(
                condition=Q(rejection_basis_points=None) | Q(rejection_basis_points__lte=10_000),
                name="source_compensates_within_the_price",
            ),
            models.CheckConstraint(
                condition=Q(missing_basis_points=None) | Q(missing_basis_points__lte=10_000),
                name="source_compensates_missing_within_the_price",
            ),
        )
        indexes = (models.Index(fields=["product", "priority"], name="source_of_product"),)

    def __str__(self) -> str:
        return f"{self.product_id} by {self.factory_id}"


class SourceBreak(models.Model):
    """What the platform pays a factory for a base unit from `min_quantity` base units upwards.

    The table of the latest `valid_from` holds, so a new one ends the old. It is between the factory and the platform;
    dealers never see it.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "source__factory_id"}

    source = models.ForeignKey(SupplySource, models.CASCADE, related_name="breaks")
    currency = CurrencyField(_("currency"))
    valid_from = models.DateField(_("valid from"))
    min_quantity = QuantityField(_("from quantity"), default=1)
    unit_price = UnitPriceField(_("unit price"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase price break")
        verbose_name_plural = _("purchase price breaks")
        ordering = ("source", "currency", "valid_from", "min_quantity")
        constraints = (
            models.UniqueConstraint(
                fields=["source", "currency", "valid_from", "min_quantity"],
                name="one_purchase_price_per_break",
            ),
            models.CheckConstraint(condition=Q(min_quantity__gte=1), name="purchase_break_starts_at_one"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="purchase_price_is_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.min_quantity}+ at {self.unit_price}"

"""What a seller asks for a product, from which quantity, from when to when."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import CurrencyField, QuantityField, UnitPriceField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization


class PriceAgreement(models.Model):
    """A seller's break table for one product: for one buyer, or for everyone when `buyer` is null.

    `valid_to` is the last day, null for no end. The database refuses two agreements of the same seller, buyer,
    product and currency on one day.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "seller_id", actor.DEALER: "buyer_id"}

    seller = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("seller"))
    buyer = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("buyer")
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    currency = CurrencyField(_("currency"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("price agreement")
        verbose_name_plural = _("price agreements")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="agreement_ends_after_it_begins",
            ),
        )
        indexes = (models.Index(fields=["product", "currency", "buyer"], name="agreement_of_product"),)

    def __str__(self) -> str:
        return f"{self.product_id} from {self.valid_from}"


class PriceBreak(models.Model):
    """The price of a base unit from `min_quantity` base units upwards."""

    agreement = models.ForeignKey(PriceAgreement, models.CASCADE, related_name="breaks")
    min_quantity = QuantityField(_("from quantity"), default=1)
    unit_price = UnitPriceField(_("unit price"))

    class Meta:
        verbose_name = _("price break")
        verbose_name_plural = _("price breaks")
        ordering = ("min_quantity",)
        constraints = (
            models.UniqueConstraint(fields=["agreement", "min_quantity"], name="one_price_per_break"),
            models.CheckConstraint(condition=Q(min_quantity__gte=1), name="break_starts_at_one"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="price_is_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.min_quantity}+ at {self.unit_price}"


class OrderRule(models.Model):
    """What a dealer must keep to when ordering a product; a rule for one buyer beats the rule for everyone."""

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "seller_id", actor.DEALER: "buyer_id"}

    seller = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("seller"))
    buyer = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("buyer")
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    min_quantity = QuantityField(_("minimum order quantity"), default=1)
    order_multiple = QuantityField(_("order multiple"), default=1)
    max_quantity = QuantityField(_("maximum order quantity"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order rule")
        verbose_name_plural = _("order rules")
        constraints = (
            models.UniqueConstraint(
                fields=["seller", "buyer", "product"], name="one_order_rule", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(min_quantity__gte=1, order_multiple__gte=1), name="order_rule_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(max_quantity__isnull=True) | Q(max_quantity__gte=F("min_quantity")),
                name="order_rule_maximum_above_minimum",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id}: from {self.min_quantity} by {self.order_multiple}"


class SupplySource(models.Model):
    """A factory that makes a product, and on what terms it takes purchase orders; lowest `priority` first."""

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    lead_time_days = models.PositiveIntegerField(_("lead time, days"), default=7)
    moq = QuantityField(_("minimum order quantity"), default=1)
    order_multiple = QuantityField(_("order multiple"), default=1)
    weekly_capacity = QuantityField(_("weekly capacity"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=1)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("supply source")
        verbose_name_plural = _("supply sources")
        constraints = (
            models.UniqueConstraint(fields=["factory", "product"], name="one_source_per_factory"),
            models.CheckConstraint(condition=Q(moq__gte=1, order_multiple__gte=1), name="source_is_positive"),
        )
        indexes = (models.Index(fields=["product", "priority"], name="source_of_product"),)

    def __str__(self) -> str:
        return f"{self.product_id} by {self.factory_id}"

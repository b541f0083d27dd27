"""What a seller asks for a product, of whom, from which quantity, from when to when."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import CurrencyField, QuantityField, UnitPriceField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import BuyerGroup, Organization


def audience() -> models.GeneratedField:
    """Return the column that says in one number whom terms are for.

    A dealer is its key, a buyer group its key below zero, everyone 0: one column to index, join and exclude by.
    """
    return models.GeneratedField(
        expression=Coalesce(F("buyer_id"), F("buyer_group_id") * -1, Value(0)),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )


class PriceAgreement(models.Model):
    """A seller's break table for one product: for one buyer, for a buyer group, or for everyone when both are null.

    Of those that hold for a buyer on a day the nearest wins, buyer before group before everyone, then the lowest
    `priority`. `valid_to` is the last day, null for no end. The database refuses two agreements of the same seller,
    audience, product, currency and priority on one day.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "seller_id", actor.DEALER: "buyer_id"}

    seller = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("seller"))
    buyer = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("buyer")
    )
    buyer_group = models.ForeignKey(
        BuyerGroup, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("buyer group")
    )
    audience = audience()
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    currency = CurrencyField(_("currency"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=1, help_text=_("Of two equally near agreements the lower number wins.")
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("price agreement")
        verbose_name_plural = _("price agreements")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="agreement_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(buyer__isnull=True) | Q(buyer_group__isnull=True),
                name="agreement_has_one_audience",
            ),
        )
        indexes = (
            models.Index(fields=["product", "audience", "currency", "seller"], name="agreement_of_product"),
        )

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

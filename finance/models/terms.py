"""Terms kept from the orders' events, so that an invoice needs nobody else's tables."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, QuantityField, TaxRateField, UnitPriceField
from b2b.db.querysets import ScopedQuerySet


class BillingTerms(models.Model):
    """Price, tax and payment terms of one order line at the newest version heard of."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    order_line_id = models.BigIntegerField(primary_key=True)
    order_id = models.UUIDField()
    order_number = models.CharField(max_length=40)
    order_version = models.PositiveIntegerField()
    line_number = models.PositiveIntegerField()
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    currency = CurrencyField()
    quantity = QuantityField()
    unit_price = UnitPriceField()
    tax_rate = TaxRateField()
    payment_terms_days = models.PositiveIntegerField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("billing terms")
        verbose_name_plural = _("billing terms")
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=0), name="billed_quantity_is_not_negative"),
        )
        indexes = (models.Index(fields=["order_id"], name="billing_terms_of_order"),)

    def __str__(self) -> str:
        return f"{self.order_number}/{self.line_number}"


class PurchaseTerms(models.Model):
    """Price of one purchase order line, for valuing what is received against it.

    `tax_rate` is what its bills are expected to charge: the product's when it is bought at home, unknown across
    a border.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    purchase_order_line_id = models.BigIntegerField(primary_key=True)
    purchase_order_id = models.UUIDField()
    purchase_order_number = models.CharField(max_length=40)
    line_number = models.PositiveIntegerField()
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    currency = CurrencyField()
    quantity = QuantityField()
    unit_price = UnitPriceField()
    tax_rate = TaxRateField(null=True)
    order_version = models.PositiveIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase terms")
        verbose_name_plural = _("purchase terms")
        indexes = (models.Index(fields=["purchase_order_id"], name="purchase_terms_of_order"),)

    def __str__(self) -> str:
        return f"{self.purchase_order_number}/{self.line_number}"


class GoodsAccrual(models.Model):
    """What the value at receipt of goods of one purchase order line changed by; append-only.

    One row when the goods are taken in, more when their price changes or the receipt is taken back.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    movement = models.ForeignKey("finance.StockMovement", models.PROTECT, related_name="accruals")
    terms = models.ForeignKey(PurchaseTerms, models.PROTECT, related_name="accruals")
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    quantity = QuantityField()
    amount = AmountField()
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("goods accrual")
        verbose_name_plural = _("goods accruals")
        constraints = (
            models.CheckConstraint(condition=~Q(quantity=0) | ~Q(amount=0), name="accrual_changes_something"),
        )

    def __str__(self) -> str:
        return f"{self.terms_id}: {self.amount:+}"


class ClearingCorrection(models.Model):
    """What was cleared of GR/IR later, because goods that were billed already turned out to be worth more or less.

    Minor units; append-only.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    terms = models.ForeignKey(PurchaseTerms, models.PROTECT, related_name="clearing_corrections")
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("clearing correction")
        verbose_name_plural = _("clearing corrections")

    def __str__(self) -> str:
        return f"{self.terms_id}: {self.amount:+d}"

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
    """Price of one purchase order line, for valuing what is received against it."""

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

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase terms")
        verbose_name_plural = _("purchase terms")
        indexes = (models.Index(fields=["purchase_order_id"], name="purchase_terms_of_order"),)

    def __str__(self) -> str:
        return f"{self.purchase_order_number}/{self.line_number}"


class GoodsAccrual(models.Model):
    """The value of goods received on one purchase order line but not yet invoiced by the factory; append-only."""

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    receipt_id = models.UUIDField()
    receipt_number = models.CharField(max_length=40)
    terms = models.ForeignKey(PurchaseTerms, models.PROTECT, related_name="accruals")
    factory = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    quantity = QuantityField()
    amount = AmountField()
    entry = models.ForeignKey("finance.JournalEntry", models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("goods accrual")
        verbose_name_plural = _("goods accruals")
        constraints = (
            models.UniqueConstraint(fields=["receipt_id", "terms"], name="one_accrual_per_receipt_line"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="accrued_quantity_is_positive"),
        )

    def __str__(self) -> str:
        return f"{self.receipt_number}: {self.amount}"

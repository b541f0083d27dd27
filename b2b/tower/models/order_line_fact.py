"""One order line as circulation saw it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, QuantityField
from b2b.db.querysets import ScopedQuerySet


class OrderLineFact(models.Model):
    """Ordered and delivered figures of one order line, for fill rate, on time in full and cost per unit.

    Dates are null until the step happened; `need_by_date` is null when the dealer named none. Quantities in base
    units, amounts in `currency` before tax. `version` is the order version last seen, 0 while only a delivery was
    heard of. `day` is that of `ordered_at` in the platform's time zone; `category` is the product's when it was noted.
    What was delivered is the sum of its `DeliveryFact`s. `ValueDay` follows every change, by a trigger.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    order_line_id = models.BigIntegerField(primary_key=True)
    order_id = models.UUIDField(db_index=True)
    dealer_id = models.BigIntegerField()
    product_id = models.BigIntegerField()
    currency = CurrencyField()
    version = models.PositiveIntegerField(default=0)
    ordered_at = models.DateTimeField(_("ordered at"), null=True)
    need_by_date = models.DateField(_("needed by"), null=True)
    ordered_quantity = QuantityField(_("ordered"), default=0)
    ordered_amount = AmountField(_("ordered amount"), default=0)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    order_number = models.CharField(_("order"), max_length=40, db_default="", default="")
    factory_id = models.BigIntegerField(db_default=0, default=0)
    category = models.CharField(_("category"), max_length=80, db_default="", default="")
    day = models.DateField(_("day"), null=True)
    delivered_quantity = QuantityField(_("delivered"), db_default=0, default=0)
    freight_amount = AmountField(_("freight"), db_default=0, default=0)
    delivered_at = models.DateTimeField(_("last delivered at"), null=True)
    delivered_date = models.DateField(_("last delivered on"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line figure")
        verbose_name_plural = _("order line figures")
        indexes = (
            models.Index(fields=["dealer_id", "day"], name="line_fact_of_dealer"),
            models.Index(fields=["day"], name="line_fact_of_day"),
        )

    def __str__(self) -> str:
        return f"line {self.order_line_id} of {self.order_id}"


class DeliveryFact(models.Model):
    """What one shipment delivered of one order line, with the line's share of the freight; noted once."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    shipment_id = models.UUIDField()
    order_line_id = models.BigIntegerField()
    dealer_id = models.BigIntegerField()
    delivered_quantity = QuantityField(_("delivered"))
    short_quantity = QuantityField(_("short"), default=0)
    freight_amount = AmountField(_("freight"), default=0)
    currency = CurrencyField()
    delivered_at = models.DateTimeField(_("delivered at"))
    shipment_number = models.CharField(_("shipment"), max_length=40, db_default="", default="")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery figure")
        verbose_name_plural = _("delivery figures")
        constraints = (
            models.UniqueConstraint(fields=["shipment_id", "order_line_id"], name="a_delivery_is_noted_once"),
            models.CheckConstraint(condition=Q(delivered_quantity__gte=0), name="delivered_is_not_negative"),
        )
        indexes = (models.Index(fields=["order_line_id"], name="delivery_fact_of_line"),)

    def __str__(self) -> str:
        return f"{self.delivered_quantity} of line {self.order_line_id}"

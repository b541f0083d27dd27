"""What a factory answers to a purchase order (UBL OrderResponse); a later version replaces an earlier one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.core.ids import uuid7
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders.models.purchase import PurchaseOrder, PurchaseOrderLine


class OrderResponse(models.Model):
    """One answer, kept as it came."""

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="responses")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    response_version = models.PositiveIntegerField(_("version"))
    external_reference = models.CharField(_("factory's reference"), max_length=80, blank=True)
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("received at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order response")
        verbose_name_plural = _("order responses")
        ordering = ("purchase_order", "response_version")
        constraints = (
            models.UniqueConstraint(
                fields=["purchase_order", "response_version"], name="one_response_per_version"
            ),
        )

    def __str__(self) -> str:
        return f"version {self.response_version}"


class OrderResponseLine(models.Model):
    """What the factory promises for one purchase line."""

    class Code(models.TextChoices):
        """UN/ECE 4343 in words: as ordered, changed, or not at all."""

        ACCEPTED = "ACCEPTED", _("Accepted")
        CHANGED = "CHANGED", _("Accepted with change")
        REJECTED = "REJECTED", _("Rejected")

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    response = models.ForeignKey(OrderResponse, models.PROTECT, related_name="lines")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    purchase_order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="response_lines")
    code = models.CharField(_("answer"), max_length=10, choices=Code.choices)
    confirmed_quantity = QuantityField(_("confirmed quantity"))
    promised_date = models.DateField(_("promised date"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order response line")
        verbose_name_plural = _("order response lines")
        constraints = (
            models.UniqueConstraint(fields=["response", "purchase_order_line"], name="one_answer_per_line"),
            models.CheckConstraint(condition=Q(confirmed_quantity__gte=0), name="answer_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.confirmed_quantity} by {self.promised_date}"

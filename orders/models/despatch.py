"""What a factory says is in the truck (UBL DespatchAdvice)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders import states
from orders.models.purchase import PurchaseOrder, PurchaseOrderLine


class DespatchAdvice(Document):
    """Goods on their way to the warehouse; `external_reference` is the factory's own number, unique when given."""

    machine = states.DESPATCH_ADVICE
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="despatch_advices")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    status = StatusField(states.DESPATCH_ADVICE, verbose_name=_("status"))
    external_reference = models.CharField(_("factory's reference"), max_length=80, blank=True)
    expected_at = models.DateTimeField(_("expected at"))

    class Meta:
        verbose_name = _("despatch advice")
        verbose_name_plural = _("despatch advices")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="despatch_advice_number"),
            models.UniqueConstraint(
                fields=["factory", "external_reference"],
                condition=~Q(external_reference=""),
                name="one_despatch_advice_per_reference",
            ),
        )
        indexes = (models.Index(fields=["updated_at", "id"], name="despatch_advice_by_update"),)


class DespatchAdviceLine(models.Model):
    """A quantity of one purchase line, with lot, expiry and handling unit when the factory says so."""

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    despatch_advice = models.ForeignKey(DespatchAdvice, models.PROTECT, related_name="lines")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    line_number = models.PositiveIntegerField(_("line"))
    purchase_order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="despatch_lines")
    quantity = QuantityField(_("quantity"))
    lot_number = models.CharField(_("lot"), max_length=40, blank=True)
    expiry_date = models.DateField(_("expiry date"), null=True, blank=True)
    sscc = models.CharField(_("SSCC"), max_length=18, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("despatch advice line")
        verbose_name_plural = _("despatch advice lines")
        ordering = ("despatch_advice", "line_number")
        constraints = (
            models.UniqueConstraint(
                fields=["despatch_advice", "line_number"], name="one_despatch_line_number"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="despatch_line_carries_something"),
        )

    def __str__(self) -> str:
        return f"line {self.line_number}"

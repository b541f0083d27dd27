"""What demand tells a factory to make next."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders import states
from orders.models.cycle import OrderCycle


class ProductionSignal(Document):
    """Quantities per product and week for one factory; raised by a cycle that closed."""

    machine = states.PRODUCTION_SIGNAL
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    cycle = models.ForeignKey(OrderCycle, models.PROTECT, null=True, related_name="production_signals")
    status = StatusField(states.PRODUCTION_SIGNAL, verbose_name=_("status"))

    class Meta:
        verbose_name = _("production signal")
        verbose_name_plural = _("production signals")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="production_signal_number"),
            models.UniqueConstraint(fields=["cycle", "factory"], name="one_signal_per_cycle"),
        )
        indexes = (models.Index(fields=["factory", "id"], name="production_signal_of_factory"),)


class ProductionSignalLine(models.Model):
    """A product, the Monday its week starts, and how binding the quantity is (EDIFACT DELFOR SCC 4 to 1)."""

    class Commitment(models.TextChoices):
        """From a mere outlook to a firm order."""

        FORECAST = "FORECAST", _("Forecast")
        BUY_MATERIAL = "BUY_MATERIAL", _("Buy material")
        MAKE = "MAKE", _("Make")
        FIRM = "FIRM", _("Firm")

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    signal = models.ForeignKey(ProductionSignal, models.PROTECT, related_name="lines")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    line_number = models.PositiveIntegerField(_("line"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    week_start_date = models.DateField(_("week of"))
    quantity = QuantityField(_("quantity"))
    committed_quantity = QuantityField(_("committed quantity"), null=True, blank=True)
    commitment = models.CharField(_("commitment"), max_length=12, choices=Commitment.choices)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("production signal line")
        verbose_name_plural = _("production signal lines")
        ordering = ("signal", "line_number")
        constraints = (
            models.UniqueConstraint(fields=["signal", "line_number"], name="one_signal_line_number"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="signal_line_wants_something"),
            models.CheckConstraint(
                condition=Q(committed_quantity__isnull=True)
                | Q(committed_quantity__gte=0, committed_quantity__lte=F("quantity")),
                name="committed_within_signalled",
            ),
        )

    def __str__(self) -> str:
        return f"line {self.line_number}"

"""Append-only movements of quantities; the buckets on lines are their sums, with what an order line began with."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders.models.order import BUCKETS, OrderLine
from orders.models.purchase import PurchaseOrderLine


class QuantityEvent(models.Model):
    """A change of one bucket of an order line; append-only, partitioned by month of `at`.

    `source` names the document that caused it, so that the same fact told twice counts once.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    # Checked by statement, not by row (ADR 6): an event is of a line and of that line's dealer.
    line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="quantity_events", db_constraint=False, db_index=False
    )
    dealer = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=[(name, name.capitalize()) for name in BUCKETS])
    quantity = QuantityField(_("quantity"))
    source = models.CharField(_("source"), max_length=80)
    at = models.DateTimeField(_("at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("quantity event")
        verbose_name_plural = _("quantity events")
        constraints = (
            models.UniqueConstraint(fields=["line", "kind", "source", "at"], name="one_event_per_source"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity:+d}"


class SupplyEvent(models.Model):
    """A change of one bucket of a purchase line, by a response, a despatch advice or a receipt; append-only."""

    class Kind(models.TextChoices):
        """Which bucket it changes."""

        CONFIRMED = "confirmed", _("Confirmed")
        DESPATCHED = "despatched", _("Despatched")
        RECEIVED = "received", _("Received")
        REJECTED = "rejected", _("Rejected")

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    # Checked by statement, not by row (ADR 7): the purchase line is of the factory.
    purchase_order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, related_name="supply_events", db_index=False, db_constraint=False
    )
    factory = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    quantity = QuantityField(_("quantity"))
    source = models.CharField(_("source"), max_length=80)
    at = models.DateTimeField(_("at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("supply event")
        verbose_name_plural = _("supply events")
        constraints = (
            models.UniqueConstraint(
                fields=["purchase_order_line", "kind", "source"], name="one_supply_event_per_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity:+d}"

"""What carrying a shipment cost."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from logistics.models.shipment import Shipment
from logistics.models.trip import Trip


class FreightCharge(models.Model):
    """A shipment's share of a trip's cost, fixed when the trip departs; append-only, shares sum to the cost exactly.

    `basis` is the integer weight the cost was split by (gram-metres the shipment would need alone). Carriers do
    not see it: what a dealer pays is none of their business.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    trip = models.ForeignKey(Trip, models.PROTECT, related_name="+")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="freight_charges")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    currency = CurrencyField(_("currency"))
    amount = AmountField(_("amount"))
    basis = models.DecimalField(_("basis"), max_digits=24, decimal_places=0)
    charged_at = models.DateTimeField(_("charged"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("freight charge")
        verbose_name_plural = _("freight charges")
        constraints = (
            models.UniqueConstraint(fields=["trip", "shipment"], name="one_freight_share_per_trip"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_freight_share_is_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

"""What was promised before it was ordered: a quantity by a day, held for a while."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization


class SupplyPromise(models.Model):
    """Base units that a dealer may count on by a day, until `expires_at`; nobody else is promised them meanwhile."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("dealer"))
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    by_date = models.DateField(_("by"))
    quantity = QuantityField(_("quantity"))
    created_at = models.DateTimeField(_("promised at"))
    expires_at = models.DateTimeField(_("holds until"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        constraints = (models.CheckConstraint(condition=Q(quantity__gte=1), name="promise_of_something"),)
        indexes = (
            models.Index(fields=["product", "by_date"], name="promise_of_product"),
            models.Index(fields=["expires_at"], name="promise_by_end"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} by {self.by_date}"

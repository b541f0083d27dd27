"""How full the pools of a cycle were when dealers were last told."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders.models.cycle import OrderCycle


class PoolProgress(models.Model):
    """Between which two steps the orders of everybody but `dealer` lay, in base units of a product.

    The dealer's own orders are left out, so that it cannot read its rivals' by changing its own. The row without a
    dealer is for those who have not joined the pool. `at_least` is null while too few dealers have joined; `below`
    is null above the last step. All rows of a cycle are written anew at the moments its policy declares.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    cycle = models.ForeignKey(OrderCycle, models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    dealer = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    at_least = QuantityField(_("at least"), null=True)
    below = QuantityField(_("below"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("pool progress")
        verbose_name_plural = _("pool progress")
        constraints = (
            models.UniqueConstraint(
                fields=["cycle", "dealer", "product"], name="one_progress_per_dealer", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(at_least__isnull=True, below__isnull=True)
                | Q(at_least__gte=0, below__isnull=True)
                | Q(at_least__gte=0, below__gt=F("at_least")),
                name="progress_is_a_step",
            ),
        )

    def __str__(self) -> str:
        return f"{self.at_least} to {self.below}"

"""Which order line a purchase line serves."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders.models.order import OrderLine
from orders.models.purchase import PurchaseOrderLine


class Peg(models.Model):
    """A part of a purchase line that belongs to an order line, or to the platform's stock when that is null."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    purchase_order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="pegs")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, null=True, related_name="pegs")
    dealer = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    pegged = QuantityField(_("pegged"))
    allocated = QuantityField(_("allocated"), default=0)
    received = QuantityField(_("received"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("peg")
        verbose_name_plural = _("pegs")
        constraints = (
            models.UniqueConstraint(
                fields=["purchase_order_line", "order_line"], name="one_peg_per_pair", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(received__gte=0)
                & Q(received__lte=F("allocated"))
                & Q(allocated__lte=F("pegged"))
                & Q(pegged__gte=1),
                name="peg_received_within_allocated_within_pegged",
            ),
            models.CheckConstraint(
                condition=Q(order_line__isnull=True, dealer__isnull=True)
                | Q(order_line__isnull=False, dealer__isnull=False),
                name="peg_has_an_owner",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pegged} pegged"

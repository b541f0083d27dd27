"""Which order line a delivery of a purchase line serves."""

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
from orders.models.purchase import PurchaseOrderLine, ScheduleLine


class Peg(models.Model):
    """A part of a schedule line that belongs to an order line, or is a surplus with a named owner.

    An order line may have pegs on many schedule lines and a schedule line on many order lines; each pair has one.
    `purchase_order_line` is the schedule line's, kept here so that a purchase line finds its pegs without it. A peg
    that was given up stays with nothing pegged: it is written how it was shared before.
    """

    class SurplusOwner(models.TextChoices):
        """Who owns what was bought beyond the need; empty on the peg of an order line."""

        PLATFORM = "PLATFORM", _("Platform stock")
        NEXT_CYCLE = "NEXT_CYCLE", _("Next cycle")

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    # Checked by statement, not by row (ADR 7): the schedule line is of the purchase line, the order line of the dealer.
    schedule_line = models.ForeignKey(
        ScheduleLine, models.PROTECT, related_name="pegs", db_index=False, db_constraint=False
    )
    purchase_order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, related_name="pegs", db_index=False, db_constraint=False
    )
    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, related_name="pegs", db_constraint=False
    )
    dealer = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    surplus_owner = models.CharField(
        _("owner of the surplus"), max_length=12, choices=SurplusOwner.choices, blank=True, db_default=""
    )
    pegged = QuantityField(_("pegged"))
    allocated = QuantityField(_("allocated"), default=0)
    received = QuantityField(_("received"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("peg")
        verbose_name_plural = _("pegs")
        constraints = (
            # Begins with the purchase line, so that its pegs are found by this index as well.
            models.UniqueConstraint(
                fields=["purchase_order_line", "schedule_line", "order_line", "surplus_owner"],
                name="one_peg_per_owner",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(received__gte=0)
                & Q(received__lte=F("allocated"))
                & Q(allocated__lte=F("pegged"))
                & Q(pegged__gte=0),
                name="peg_received_within_allocated_within_pegged",
            ),
            models.CheckConstraint(
                condition=Q(Q(order_line__isnull=True, dealer__isnull=True), ~Q(surplus_owner=""))
                | Q(order_line__isnull=False, dealer__isnull=False, surplus_owner=""),
                name="peg_has_an_owner",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pegged} pegged"

"""What dealers want, what was allotted to them, and what is kept for them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField, StatusField
from b2b.db.querysets import ScopedQuerySet
from warehousing import states
from warehousing.models.stock import Quant


class DemandOrder(models.Model):
    """How far warehousing has followed an order: events of an older version are stale and change nothing."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    order_id = models.UUIDField(primary_key=True)
    number = models.CharField(_("order"), max_length=40)
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    is_cancelled = models.BooleanField(_("cancelled"), default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order followed")
        verbose_name_plural = _("orders followed")

    def __str__(self) -> str:
        return self.number


class Demand(models.Model):
    """The warehouse's mirror of one order line; quantity in base units.

    `owner` is set when a dealer calls off goods of its own: nothing else is promised for it.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    order_id = models.UUIDField(_("order"))
    order_version = models.PositiveIntegerField()
    order_line_id = models.BigIntegerField(unique=True)
    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    ship_to_site = models.ForeignKey("directory.Site", models.PROTECT, related_name="+")
    quantity = QuantityField(_("quantity"))
    need_by_date = models.DateField(_("needed by"), null=True)
    owner = models.ForeignKey(
        "directory.Organization", models.PROTECT, null=True, related_name="+", db_index=False
    )
    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    recorded_at = models.DateTimeField(_("recorded at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        constraints = (models.CheckConstraint(condition=Q(quantity__gte=0), name="demand_is_not_negative"),)
        indexes = (
            models.Index(fields=["order_id"], name="demand_of_order"),
            models.Index(fields=["dealer", "product"], name="demand_of_dealer"),
            models.Index(fields=["owner"], condition=Q(owner__isnull=False), name="demand_of_owner"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of product {self.product_id}"


class SupplyShare(models.Model):
    """How much of one purchase line orders allotted to one order line; goods received are kept by it."""

    purchase_order_id = models.UUIDField()
    purchase_order_line_id = models.BigIntegerField()
    order_line_id = models.BigIntegerField()
    order_id = models.UUIDField()
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    warehouse_site = models.ForeignKey("directory.Site", models.PROTECT, related_name="+")
    quantity = QuantityField(_("quantity"))
    version = models.PositiveIntegerField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("share of supply")
        verbose_name_plural = _("shares of supply")
        constraints = (
            models.UniqueConstraint(
                fields=["purchase_order_id", "purchase_order_line_id", "order_line_id"],
                name="one_share_per_peg",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="share_is_not_negative"),
        )
        indexes = (models.Index(fields=["order_line_id"], name="share_of_order_line"),)

    def __str__(self) -> str:
        return f"{self.quantity} of product {self.product_id}"


class Reservation(models.Model):
    """Goods of one quant kept for one promise; while ACTIVE they count in the quant's `reserved`.

    `purchase_order_id` is set when the goods were allotted from that purchase order, null when taken from free stock.
    One with `expires_at` that nobody was sent for is given back then; its promise stays.
    """

    demand = models.ForeignKey(
        Demand, models.PROTECT, related_name="reservations", db_index=False, db_constraint=False
    )
    promise = models.ForeignKey(
        "warehousing.Promise",
        models.PROTECT,
        related_name="reservations",
        db_index=False,
        db_constraint=False,
    )
    quant = models.ForeignKey(Quant, models.PROTECT, related_name="reservations", db_constraint=False)
    quantity = QuantityField(_("quantity"))
    status = StatusField(states.RESERVATION)
    purchase_order_id = models.UUIDField(null=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    expires_at = models.DateTimeField(_("lapses at"), null=True)
    reserved_at = models.DateTimeField(_("reserved at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        constraints = (models.CheckConstraint(condition=Q(quantity__gte=1), name="reserve_something"),)
        indexes = (
            models.Index(fields=["demand"], name="reservation_of_demand"),
            models.Index(fields=["promise"], name="reservation_of_promise"),
            models.Index(
                fields=["expires_at"],
                condition=Q(status="ACTIVE", expires_at__isnull=False),
                name="reservation_to_lapse",
            ),
            models.Index(fields=["quant"], condition=Q(status="ACTIVE"), name="reservation_of_quant"),
            models.Index(
                fields=["purchase_order_id"],
                condition=Q(purchase_order_id__isnull=False),
                name="reservation_of_supply",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} {self.status}"

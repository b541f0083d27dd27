"""Changes of what was ordered (UBL OrderChange): a dealer's to its order, the platform's to a purchase order."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.core.ids import uuid7
from b2b.db.fields import QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from orders import states
from orders.models.order import Order, OrderLine
from orders.models.peg import Peg
from orders.models.purchase import PurchaseOrder, PurchaseOrderLine


class OrderChange(models.Model):
    """What a dealer changed at one time: the order went from one version to the next; kept as it was done."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="changes")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    from_version = models.PositiveIntegerField(_("from version"))
    to_version = models.PositiveIntegerField(_("to version"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("changed at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order change")
        verbose_name_plural = _("order changes")
        ordering = ("order", "from_version")
        constraints = (
            models.UniqueConstraint(fields=["order", "from_version"], name="one_change_per_version"),
            models.CheckConstraint(
                condition=Q(to_version__gt=models.F("from_version")), name="change_goes_on"
            ),
        )

    def __str__(self) -> str:
        return f"version {self.from_version} to {self.to_version}"


class OrderChangeLine(models.Model):
    """What became of one line: what was owed before and after, in base units, and where what was given up went.

    `from_quantity` is 0 for a line that was added, `to_quantity` 0 for one that was cancelled. Of the decrease,
    `passed_on` went to other dealers who wait, `kept_in_stock` to the platform, and `asked_of_factory` stays owed until
    the factory agrees.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    change = models.ForeignKey(OrderChange, models.PROTECT, related_name="lines")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="changes")
    from_quantity = QuantityField(_("from quantity"))
    to_quantity = QuantityField(_("to quantity"))
    passed_on = QuantityField(_("passed on"), default=0)
    kept_in_stock = QuantityField(_("kept in stock"), default=0)
    asked_of_factory = QuantityField(_("asked of the factory"), default=0)
    from_need_by_date = models.DateField(null=True)
    to_need_by_date = models.DateField(null=True)
    from_ship_to_site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    to_ship_to_site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order change line")
        verbose_name_plural = _("order change lines")
        constraints = (
            models.UniqueConstraint(fields=["change", "order_line"], name="one_change_per_line"),
            models.CheckConstraint(
                condition=Q(from_quantity__gte=0, to_quantity__gte=0), name="change_quantities_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_quantity} to {self.to_quantity}"


class PurchaseOrderChange(Document):
    """What the platform asks a factory to deliver less of; nothing changes before the factory accepts."""

    machine = states.PURCHASE_ORDER_CHANGE
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="changes")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    status = StatusField(states.PURCHASE_ORDER_CHANGE, verbose_name=_("status"))
    from_version = models.PositiveIntegerField(_("from version"))
    to_version = models.PositiveIntegerField(_("to version"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("purchase order change")
        verbose_name_plural = _("purchase order changes")
        constraints = (models.UniqueConstraint(fields=["number"], name="purchase_order_change_number"),)
        indexes = (models.Index(fields=["updated_at", "id"], name="purchase_change_by_update"),)


class PurchaseOrderChangeLine(models.Model):
    """How many base units of a purchase line the factory is asked not to make."""

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    change = models.ForeignKey(PurchaseOrderChange, models.PROTECT, related_name="lines")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    purchase_order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="changes")
    from_quantity = QuantityField(_("from quantity"))
    to_quantity = QuantityField(_("to quantity"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase order change line")
        verbose_name_plural = _("purchase order change lines")
        constraints = (
            models.UniqueConstraint(
                fields=["change", "purchase_order_line"], name="one_purchase_change_per_line"
            ),
            models.CheckConstraint(
                condition=Q(to_quantity__gte=0, to_quantity__lt=models.F("from_quantity")),
                name="purchase_change_is_a_decrease",
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_quantity} to {self.to_quantity}"


class CancellationRequest(models.Model):
    """What a dealer gave up of a peg and still owes until the factory agreed; it says `cancel requested` so long."""

    machine = states.PURCHASE_ORDER_CHANGE
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    order_change = models.ForeignKey(OrderChange, models.PROTECT, related_name="requests")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="cancellation_requests")
    peg = models.ForeignKey(Peg, models.PROTECT, related_name="+")
    purchase_order_change = models.ForeignKey(PurchaseOrderChange, models.PROTECT, related_name="requests")
    quantity = QuantityField(_("quantity"))
    status = StatusField(states.PURCHASE_ORDER_CHANGE, verbose_name=_("status"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("cancellation request")
        verbose_name_plural = _("cancellation requests")
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cancellation_asks_for_something"),
        )
        indexes = (
            models.Index(
                fields=["order_line"], condition=Q(status="REQUESTED"), name="cancellation_requested"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} {self.status}"

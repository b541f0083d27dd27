"""Pooled demand as a factory reads it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, QuantityField, StatusField, UnitPriceField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from orders import states
from orders.models.cycle import OrderCycle


class ResponseCode(models.TextChoices):
    """What a factory says to a line or a part of it; `orders.policies.response_code` has the codes of UBL and X12."""

    ACCEPTED = "ACCEPTED", _("Accepted")
    QUANTITY_CHANGED = "QUANTITY_CHANGED", _("Accepted, other quantity")
    PRICE_CHANGED = "PRICE_CHANGED", _("Accepted, other price")
    DATE_CHANGED = "DATE_CHANGED", _("Accepted, other date")
    PARTIAL = "PARTIAL", _("Accepted in part, the rest later")
    BACK_ORDERED = "BACK_ORDERED", _("Back-ordered")
    SUBSTITUTED = "SUBSTITUTED", _("Another product offered")
    REJECTED = "REJECTED", _("Rejected")


class PurchaseOrder(Document):
    """One order of the platform at one factory: its part of a cycle. It names no dealer.

    `response_version` counts what the factory answered and what was lost at receipt: each shares the supply anew.
    Lines may stay open until `respond_by_at`, by the database's clock; `answered_at` is when the last one was
    answered, `reminders` how often the factory was told that it is late.
    """

    machine = states.PURCHASE_ORDER
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    cycle = models.ForeignKey(OrderCycle, models.PROTECT, related_name="purchase_orders")
    warehouse_site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("deliver to"))
    status = StatusField(states.PURCHASE_ORDER, verbose_name=_("status"))
    currency = CurrencyField(_("currency"))
    total_net = AmountField(_("net total"), default=0)
    response_version = models.PositiveIntegerField(_("version of the last response"), default=0)
    respond_by_at = models.DateTimeField(_("answer due"), null=True)
    answered_at = models.DateTimeField(_("answered in full at"), null=True)
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0, db_default=0)

    class Meta:
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="purchase_order_number"),
            models.UniqueConstraint(fields=["cycle", "factory"], name="one_purchase_order_per_cycle"),
        )
        indexes = (
            models.Index(fields=["factory", "-created_at"], name="purchase_order_of_factory"),
            models.Index(fields=["updated_at", "id"], name="purchase_order_by_update"),
            models.Index(
                fields=["respond_by_at"],
                condition=Q(answered_at__isnull=True, respond_by_at__isnull=False),
                name="purchase_order_unanswered",
            ),
        )


class PurchaseOrderLine(models.Model):
    """A product in base units at the pooled break, for needs of one window; `quantity` is the sum of its pegs.

    `window_number` counts the cycle's windows from the earliest date the factory can deliver, which is window 0.
    What a window needs beyond what is left of an agreement is a part of its own, at its own price: `part_number`.
    What was rejected or missing at receipt is neither confirmed nor despatched any more. `response_version` is that of
    the last response that answered the line; 0 while it is open.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="lines", db_index=False)
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    line_number = models.PositiveIntegerField(_("line"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    window_number = models.PositiveSmallIntegerField(_("need-by window"), default=0, db_default=0)
    part_number = models.PositiveSmallIntegerField(_("part of the window"), default=1, db_default=1)
    quantity = QuantityField(_("quantity"))
    surplus_quantity = QuantityField(_("of which for platform stock"), default=0)
    unit_price = UnitPriceField(_("unit price"))
    net_amount = AmountField(_("net amount"))
    requested_date = models.DateField(_("requested date"))
    promised_date = models.DateField(_("promised date"), null=True, blank=True)
    confirmed = QuantityField(_("confirmed"), default=0)
    despatched = QuantityField(_("despatched"), default=0)
    received = QuantityField(_("received"), default=0)
    rejected = QuantityField(_("rejected"), default=0)
    response_code = models.CharField(
        _("answer"), max_length=16, choices=ResponseCode.choices, blank=True, default="", db_default=""
    )
    response_version = models.PositiveIntegerField(_("version of the answer"), default=0, db_default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase order line")
        verbose_name_plural = _("purchase order lines")
        ordering = ("purchase_order", "line_number")
        constraints = (
            models.UniqueConstraint(
                fields=["purchase_order", "line_number"], name="one_purchase_line_number"
            ),
            models.UniqueConstraint(
                fields=["purchase_order", "product", "window_number", "part_number"],
                name="one_purchase_line_per_window",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, surplus_quantity__gte=0, surplus_quantity__lte=F("quantity")),
                name="purchase_line_quantities",
            ),
            models.CheckConstraint(
                condition=Q(confirmed__gte=0, despatched__gte=0, received__gte=0, rejected__gte=0)
                & Q(confirmed__lte=F("quantity")),
                name="purchase_line_buckets",
            ),
        )

    def __str__(self) -> str:
        return f"line {self.line_number}"


class ScheduleLine(models.Model):
    """A delivery of a purchase line: how many by when, asked and promised.

    The quantities of a line's schedule lines sum to its own. A factory that delivers in parts splits one: the parts
    name it as `split_of`, and go again when a later answer asks for one delivery.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    # Checked by statement, not by row (ADR 7): the purchase line is of the factory, what is split of the same line.
    purchase_order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, related_name="schedule_lines", db_index=False, db_constraint=False
    )
    factory = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    schedule_number = models.PositiveSmallIntegerField(default=1)
    quantity = QuantityField()
    requested_date = models.DateField()
    confirmed_quantity = QuantityField(null=True)
    promised_date = models.DateField(null=True)
    unit_price = UnitPriceField(null=True)
    response_code = models.CharField(
        max_length=16, choices=ResponseCode.choices, blank=True, default="", db_default=""
    )
    response_version = models.PositiveIntegerField(default=0, db_default=0)
    split_of = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="parts", db_index=False, db_constraint=False
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("schedule line")
        verbose_name_plural = _("schedule lines")
        constraints = (
            models.UniqueConstraint(
                fields=["purchase_order_line", "schedule_number"], name="one_schedule_line_number"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="schedule_line_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} by {self.requested_date}"

"""What the platform's own stock is worth: movements as they were told, and the value derived from them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.db.fields import CurrencyField, QuantityField
from b2b.db.querysets import ScopedQuerySet


class StockMovement(models.Model):
    """A movement that changed how much the platform owns of a product at a site, and what it is worth.

    All is as it was told but `is_void` (taken back, or takes another back) and the amounts, which are derived anew
    whenever an earlier fact comes later. `value` is what it changed of the stock, `absorbed` what went straight to cost
    of sales because the goods had left before they came, `extra` the part of both that is other costs than the price.
    Minor units. `position` orders movements as the stock ledger wrote them.
    """

    tenancy: ClassVar[dict[str, Any]] = {}

    movement = models.UUIDField()
    position = models.BigIntegerField()
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+")
    warehouse_site = models.ForeignKey("directory.Site", models.PROTECT, related_name="+")
    quantity = QuantityField(_("quantity"))
    kind = models.CharField(_("kind"), max_length=10)
    document_type = models.CharField(_("document type"), max_length=40)
    document_id = models.UUIDField(_("document"))
    effective_at = models.DateTimeField(_("effective at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    purchase_order_line_id = models.BigIntegerField(null=True)
    shipment_id = models.UUIDField(null=True)
    reverses = models.UUIDField(null=True)
    is_void = models.BooleanField(_("taken back"), default=False)
    is_valued = models.BooleanField(_("valued"), default=False)
    value = models.BigIntegerField(_("value"), default=0)
    absorbed = models.BigIntegerField(_("absorbed"), default=0)
    extra = models.BigIntegerField(_("of it other costs"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        constraints = (
            models.UniqueConstraint(fields=["movement", "warehouse_site"], name="one_movement_per_site"),
            models.CheckConstraint(condition=~Q(quantity=0), name="valued_movement_moves_something"),
        )
        indexes = (
            models.Index(fields=["product", "warehouse_site", "position"], name="movement_by_position"),
            models.Index(
                fields=["purchase_order_line_id", "position"],
                condition=Q(purchase_order_line_id__isnull=False),
                name="movement_of_purchase",
            ),
            models.Index(
                fields=["shipment_id", "product"],
                condition=Q(shipment_id__isnull=False),
                name="movement_of_shipment",
            ),
            models.Index(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="movement_taken_back"
            ),
            models.Index(fields=["recorded_at"], name="movement_by_recording"),
        )

    def __str__(self) -> str:
        return f"{self.quantity:+d} of {self.product_id} at {self.warehouse_site_id}"


class Layers(models.Model):
    """The state of one stock after the movement at `position`: its layers, oldest first, in minor units.

    A layer is the movement it came with, its units and their value then, and how many of them have been taken since.
    Below zero there are no layers. The rate is what `rate_quantity` units were worth when there last were any.
    """

    position = models.BigIntegerField(default=0)
    movements = models.PositiveBigIntegerField(_("movements"), default=0)
    quantity = QuantityField(_("quantity"), default=0)
    value = models.BigIntegerField(_("value"), default=0)
    rate_quantity = QuantityField(default=0)
    rate_value = models.BigIntegerField(default=0)
    layer_sources = ArrayField(models.BigIntegerField(), default=list)
    layer_quantities = ArrayField(models.BigIntegerField(), default=list)
    layer_values = ArrayField(models.BigIntegerField(), default=list)
    layer_taken = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        abstract = True


class StockValue(Layers):
    """What a product at a site is worth now; locked by whoever values its movements."""

    tenancy: ClassVar[dict[str, Any]] = {}

    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, related_name="+", verbose_name=_("product")
    )
    warehouse_site = models.ForeignKey(
        "directory.Site", models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    currency = CurrencyField(_("currency"), default="", blank=True)
    version = models.PositiveBigIntegerField(default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock value")
        verbose_name_plural = _("stock values")
        constraints = (
            models.UniqueConstraint(fields=["product", "warehouse_site"], name="one_value_per_stock"),
        )

    def __str__(self) -> str:
        return f"{self.product_id} at {self.warehouse_site_id}"


class StockCheckpoint(Layers):
    """The state of a stock some way back, so that a late fact need not be valued from the beginning."""

    tenancy: ClassVar[dict[str, Any]] = {}

    stock = models.ForeignKey(StockValue, models.PROTECT, related_name="checkpoints")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock checkpoint")
        verbose_name_plural = _("stock checkpoints")
        constraints = (
            models.UniqueConstraint(fields=["stock", "position"], name="one_checkpoint_per_position"),
        )

    def __str__(self) -> str:
        return f"{self.stock_id} at {self.position}"


class StockValueEntry(models.Model):
    """What was booked of a movement, and what was corrected later; append-only, minor units.

    The first entry of a movement carries its quantity. Entries and journal lines of a stock have the same dates, so
    that both tell the same value on any day.
    """

    tenancy: ClassVar[dict[str, Any]] = {}

    stock = models.ForeignKey(StockValue, models.PROTECT, related_name="entries", db_index=False)
    movement = models.ForeignKey(StockMovement, models.PROTECT, related_name="entries")
    quantity = QuantityField()
    value = models.BigIntegerField()
    method = models.CharField(max_length=16)
    effective_date = models.DateField()
    booked_at = models.DateTimeField()
    entry = models.ForeignKey(
        "finance.JournalEntry", models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock value entry")
        verbose_name_plural = _("stock value entries")
        indexes = (models.Index(fields=["stock", "effective_date"], name="value_by_date"),)

    def __str__(self) -> str:
        return f"{self.value:+d} of {self.stock_id}"


class StockMethod(models.Model):
    """By which method stock is valued from a moment on; null product or site means any. Append-only.

    The narrowest declaration counts: product and site, product, site, platform.
    """

    tenancy: ClassVar[dict[str, Any]] = {}

    class Method(models.TextChoices):
        """How what leaves is costed."""

        FIFO = "FIFO", _("First in, first out")
        MOVING_AVERAGE = "MOVING_AVERAGE", _("Moving average")

    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, null=True, related_name="+", verbose_name=_("product")
    )
    warehouse_site = models.ForeignKey(
        "directory.Site", models.PROTECT, null=True, related_name="+", verbose_name=_("warehouse")
    )
    method = models.CharField(_("method"), max_length=16, choices=Method.choices)
    since_at = models.DateTimeField(_("since"))
    reason = models.CharField(_("reason"), max_length=200)
    declared_by = models.CharField(_("declared by"), max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("valuation method")
        verbose_name_plural = _("valuation methods")
        constraints = (
            models.UniqueConstraint(
                fields=["product", "warehouse_site", "since_at"],
                nulls_distinct=False,
                name="one_method_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.method} since {self.since_at:%Y-%m-%d}"


class StockCost(models.Model):
    """What goods of a purchase order line cost beyond their price, as one source last told it; minor units."""

    tenancy: ClassVar[dict[str, Any]] = {}

    source = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    purchase_order_line_id = models.BigIntegerField()
    currency = CurrencyField()
    amount = models.BigIntegerField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock cost")
        verbose_name_plural = _("stock costs")
        constraints = (
            models.UniqueConstraint(fields=["source", "purchase_order_line_id"], name="one_cost_per_source"),
        )
        indexes = (models.Index(fields=["purchase_order_line_id"], name="cost_of_purchase"),)

    def __str__(self) -> str:
        return f"{self.source}: {self.amount}"

"""What is available to promise, and what was promised to whom."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import QuantityField, StatusField
from b2b.db.querysets import ScopedQuerySet
from warehousing import states
from warehousing.models.demand import Demand
from warehousing.models.warehouse import Warehouse


class PromiseBook(models.Model):
    """How much of a product a warehouse has promised from its shelves and not picked yet; locked to promise.

    `owner` is the dealer whose own goods these are, null for goods that anybody may be promised. The database keeps
    `promised` with the promises. Goods may fall below it, by loss or quarantine: then nothing is free to promise.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "owner_id"}

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey("directory.Organization", models.PROTECT, null=True, related_name="+")
    promised = QuantityField(_("promised"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("book of promises")
        verbose_name_plural = _("books of promises")
        constraints = (
            models.UniqueConstraint(
                fields=["product", "warehouse", "owner"], nulls_distinct=False, name="one_book_per_key"
            ),
            models.CheckConstraint(condition=Q(promised__gte=0), name="promised_is_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.promised} of product {self.product_id} at {self.warehouse_id}"


class PromiseBand(models.Model):
    """The part of a book for which goods must not expire before a day; the database keeps it with the promises."""

    book = models.ForeignKey(PromiseBook, models.PROTECT, related_name="bands", db_index=False)
    min_expiry_date = models.DateField(_("expires on or after"))
    promised = QuantityField(_("promised"), default=0)

    class Meta:
        verbose_name = _("band of promises")
        verbose_name_plural = _("bands of promises")
        constraints = (
            models.UniqueConstraint(fields=["book", "min_expiry_date"], name="one_band_per_day"),
            models.CheckConstraint(condition=Q(promised__gte=0), name="band_is_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.promised} until {self.min_expiry_date}"


class Promise(models.Model):
    """Goods of one warehouse promised to one demand; which bin and lot is chosen when its wave is released.

    ON_HAND is promised from the shelves, EXPECTED from goods on their way that are there on `available_date`.
    `purchase_order_id` is set when the goods were allotted from that purchase order. Lots must expire on or after
    `min_expiry_date`, and on the day they are taken still last `min_remaining_days`. `priority` says who is served
    first, lowest first. A promise with `expires_at` lapses then, unless it was picked.
    """

    demand = models.ForeignKey(
        Demand, models.PROTECT, related_name="promises", db_index=False, db_constraint=False
    )
    book = models.ForeignKey(
        PromiseBook, models.PROTECT, related_name="promises", db_index=False, db_constraint=False
    )
    purchase_order_id = models.UUIDField(null=True)
    quantity = QuantityField(_("quantity"))
    picked = QuantityField(_("picked"), default=0)
    status = StatusField(states.PROMISE)
    available_date = models.DateField(_("available on"))
    min_expiry_date = models.DateField(_("expires on or after"), null=True)
    min_remaining_days = models.PositiveIntegerField(_("remaining shelf life, days"), default=0)
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    expires_at = models.DateTimeField(_("lapses at"), null=True)
    reason = models.CharField(_("why from there"), max_length=200, blank=True)
    promised_at = models.DateTimeField(_("promised at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__gte=1, picked__gte=0, picked__lte=F("quantity")),
                name="picked_is_at_most_promised",
            ),
        )
        indexes = (
            models.Index(fields=["demand"], name="promise_of_demand"),
            models.Index(fields=["book"], condition=Q(status="ON_HAND"), name="promise_to_keep"),
            models.Index(
                fields=["book", "available_date"], condition=Q(status="EXPECTED"), name="promise_to_come"
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(status__in=["ON_HAND", "EXPECTED"], expires_at__isnull=False),
                name="promise_to_lapse",
            ),
            models.Index(
                fields=["purchase_order_id"],
                condition=Q(purchase_order_id__isnull=False),
                name="promise_of_supply",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} {self.status}"

"""A dealer's order and its lines."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import (
    AmountField,
    CurrencyField,
    QuantityField,
    StatusField,
    TaxRateField,
    UnitPriceField,
)
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from orders import states
from orders.models.cycle import OrderCycle

# In the order a quantity runs through them; each is the sum of its quantity events. What left and was not taken at
# the door, or came back later, is `returned`: it is owed no more. What came back is not `delivered` any longer.
BUCKETS: Final = (
    "requested",
    "cancelled",
    "covered",
    "pooled",
    "allocated",
    "received",
    "shipped",
    "delivered",
    "returned",
    "invoiced",
)


class Order(Document):
    """What a dealer wants; `external_reference` is the dealer's own id for it, unique per dealer when given.

    `priority_at` is the moment from which the order ranks when first come is first served, null for the moment it was
    confirmed: a release of a blanket order ranks from the start of the agreement. `has_agreed_prices` marks a release
    and an accepted quotation: a change neither reprices them nor wants more.
    """

    machine = states.ORDER
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("dealer"))
    status = StatusField(states.ORDER, verbose_name=_("status"))
    currency = CurrencyField(_("currency"))
    payment_terms_days = models.PositiveIntegerField(_("payment terms, days"), default=30)
    ship_to_site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("ship to"))
    external_reference = models.CharField(_("your reference"), max_length=80, blank=True)
    total_net = AmountField(_("net total"), default=0)
    total_tax = AmountField(_("tax total"), default=0)
    total_gross = AmountField(_("gross total"), default=0)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    has_agreed_prices = models.BooleanField(_("at agreed prices"), default=False, db_default=False)
    priority_at = models.DateTimeField(_("ranks from"), null=True, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="order_number"),
            models.UniqueConstraint(
                fields=["dealer", "external_reference"],
                condition=~Q(external_reference=""),
                name="one_order_per_external_reference",
            ),
            models.CheckConstraint(
                condition=Q(total_gross=F("total_net") + F("total_tax")), name="order_gross_is_net_and_tax"
            ),
        )
        indexes = (
            models.Index(fields=["dealer", "-id"], name="order_of_dealer"),
            models.Index(fields=["updated_at", "id"], name="order_by_update"),
        )


class OrderLine(models.Model):
    """A quantity of one product in base units, with the price as agreed and how far the goods have come.

    `solo_unit_price` is what the dealer would pay alone: the baseline of the saving. `pack_units` is the number of
    base units in the entered unit; a shortage is shared in whole packs of it. `covered` is what stock on hand serves;
    the rest is pooled. What is neither cancelled, covered nor pooled waits for the next cycle of `factory`.

    `max_unit_price` is the dealer's ceiling (null: any price). A pool may give `flex_up` base units more or `flex_down`
    fewer than the quantity. `first_requested` is what the line asked for when it was written: the line is its own first
    quantity event (ADR 14), and never changes it. `options` say how the goods are customised, by attribute of the
    product. With `all_or_nothing` a shortage gives the line what it requested or none. A line whose terms a short
    answer of the factory made worse may be withdrawn until `withdrawable_until`.
    """

    class Waiting(models.TextChoices):
        """Why a line waits for the next cycle: one that closed left it, or its goods were lost."""

        PRICE = "PRICE", _("The pool did not reach the highest price you pay")
        NOT_ON_SALE = "NOT_ON_SALE", _("The factory had no valid price")
        NOT_FOUND = "NOT_FOUND", _("The warehouse did not find the goods it had for you")

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    # Checked by statement, not by row (ADR 6): a line is of an order and of its dealer, and what it names is there.
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="lines", db_constraint=False, db_index=False
    )
    dealer = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    line_number = models.PositiveIntegerField(_("line"))
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("product"),
    )
    factory = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    cycle = models.ForeignKey(
        OrderCycle, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    quantity = QuantityField(_("quantity"))
    entered_quantity = QuantityField(_("entered quantity"))
    entered_unit = models.CharField(_("entered unit"), max_length=8)
    pack_units = QuantityField(_("base units in the entered unit"), default=1)
    unit_price = UnitPriceField(_("unit price"))
    solo_unit_price = UnitPriceField(_("solo unit price"))
    tax_rate = TaxRateField(_("tax rate"))
    net_amount = AmountField(_("net amount"))
    tax_amount = AmountField(_("tax amount"))
    ship_to_site = models.ForeignKey(
        Site,
        models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("ship to"),
    )
    need_by_date = models.DateField(_("needed by"), null=True, blank=True)
    max_unit_price = UnitPriceField(_("highest unit price"), null=True, blank=True)
    flex_up = QuantityField(_("takes up to this much more"), default=0, db_default=0)
    flex_down = QuantityField(_("takes up to this much less"), default=0, db_default=0)
    waiting_reason = models.CharField(
        _("waits because"), max_length=12, choices=Waiting.choices, blank=True, db_default=""
    )
    options = models.JSONField(_("options"), default=dict, db_default={}, blank=True)
    all_or_nothing = models.BooleanField(_("all or nothing"), db_default=False, default=False)
    withdrawable_until = models.DateTimeField(_("may be withdrawn until"), null=True, blank=True)
    first_requested = QuantityField(default=0, db_default=0)
    requested = QuantityField(default=0)
    cancelled = QuantityField(default=0)
    covered = QuantityField(default=0)
    pooled = QuantityField(default=0)
    allocated = QuantityField(default=0)
    received = QuantityField(default=0)
    shipped = QuantityField(default=0)
    delivered = QuantityField(default=0)
    returned = QuantityField(default=0)
    invoiced = QuantityField(default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ("order", "line_number")
        constraints = (
            models.UniqueConstraint(fields=["order", "line_number"], name="one_order_line_number"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, entered_quantity__gte=1, pack_units__gte=1),
                name="order_line_wants_something",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{bucket}__gte": 0 for bucket in BUCKETS}),
                name="order_line_buckets_not_negative",
            ),
            models.CheckConstraint(condition=Q(requested__lte=F("quantity")), name="requested_is_ordered"),
            models.CheckConstraint(
                condition=Q(flex_up__gte=0, flex_down__gte=0, flex_down__lte=F("quantity")),
                name="order_line_flex_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(max_unit_price__isnull=True) | Q(max_unit_price__gt=0),
                name="order_line_ceiling_is_a_price",
            ),
            models.CheckConstraint(
                condition=Q(requested__gte=F("cancelled") + F("covered") + F("pooled")),
                name="supply_within_request",
            ),
            models.CheckConstraint(
                condition=Q(allocated__lte=F("pooled"), received__lte=F("allocated")),
                name="received_within_allocated_within_pooled",
            ),
            models.CheckConstraint(
                condition=Q(shipped__lte=F("requested") - F("cancelled"))
                & Q(shipped__gte=F("delivered") + F("returned")),
                name="delivered_within_shipped",
            ),
            # What came back stays invoiced until finance has credited it.
            models.CheckConstraint(
                condition=Q(invoiced__lte=F("delivered") + F("returned")), name="invoiced_within_delivered"
            ),
        )
        indexes = (
            # What moves is in no index, neither as a column nor in a condition: an update of the buckets then writes
            # the row and no index (ADR 7). A line that waits is of an open cycle, of none, or a `Leftover`.
            models.Index(
                fields=["factory", "product"], condition=Q(cycle__isnull=True), name="order_line_of_no_cycle"
            ),
            models.Index(fields=["cycle", "product"], name="order_line_of_cycle"),
        )

    def __str__(self) -> str:
        return f"line {self.line_number}"

    @property
    def unpooled(self) -> int:
        """Base units that no stock and no purchase order serves yet."""
        return int(self.requested - self.cancelled - self.covered - self.pooled)

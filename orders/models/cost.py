"""Freight, duty, fees and warehousing, and the part of them that each dealer's goods bear."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders import states
from orders.models.cycle import OrderCycle
from orders.models.order import OrderLine
from orders.models.peg import Peg
from orders.models.purchase import PurchaseOrder


class CostKind(models.TextChoices):
    """What the money was spent on."""

    FREIGHT = "FREIGHT", _("Freight")
    DUTY = "DUTY", _("Duty")
    FEE = "FEE", _("Fee")
    STORAGE = "STORAGE", _("Warehousing")


class CostBasis(models.TextChoices):
    """What a dealer's part is in proportion to; each is counted on the goods the dealer really received."""

    QUANTITY = "QUANTITY", _("Quantity")
    WEIGHT = "WEIGHT", _("Weight")
    VOLUME = "VOLUME", _("Volume")
    VALUE = "VALUE", _("Value")
    DISTANCE = "DISTANCE", _("Distance")


class CostVoucher(Document):
    """A cost of one purchase order, one cycle or one shipment, shared over the goods that were received.

    `shared_amount` is the sum of its shares, kept by the database; once shared it is `amount` whenever a transaction
    commits. Only the operator sees vouchers; a dealer sees its shares.
    """

    machine = states.COST_VOUCHER
    tenancy: ClassVar[dict[str, Any]] = {}

    kind = models.CharField(_("kind"), max_length=8, choices=CostKind.choices)
    basis = models.CharField(_("shared by"), max_length=8, choices=CostBasis.choices)
    status = StatusField(states.COST_VOUCHER, verbose_name=_("status"))
    amount = AmountField(_("amount"))
    shared_amount = AmountField(_("shared"), default=0)
    currency = CurrencyField(_("currency"))
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, null=True, blank=True, related_name="+")
    cycle = models.ForeignKey(OrderCycle, models.PROTECT, null=True, blank=True, related_name="+")
    shipment_id = models.UUIDField(_("shipment"), null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    shared_at = models.DateTimeField(_("shared at"), null=True, blank=True)

    class Meta:
        verbose_name = _("cost voucher")
        verbose_name_plural = _("cost vouchers")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="cost_voucher_number"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="cost_voucher_costs_something"),
            models.CheckConstraint(
                condition=Q(purchase_order__isnull=False, cycle__isnull=True, shipment_id__isnull=True)
                | Q(purchase_order__isnull=True, cycle__isnull=False, shipment_id__isnull=True)
                | Q(purchase_order__isnull=True, cycle__isnull=True, shipment_id__isnull=False),
                name="cost_voucher_is_of_one_thing",
            ),
        )
        indexes = (
            models.Index(
                fields=["purchase_order"],
                condition=Q(purchase_order__isnull=False),
                name="cost_voucher_of_purchase_order",
            ),
            models.Index(fields=["cycle"], condition=Q(cycle__isnull=False), name="cost_voucher_of_cycle"),
            models.Index(
                fields=["shipment_id"],
                condition=Q(shipment_id__isnull=False),
                name="cost_voucher_of_shipment",
            ),
            models.Index(fields=["updated_at", "id"], name="cost_voucher_by_update"),
        )


class CostShare(models.Model):
    """The part of a voucher that the goods of one order line bear, by the peg they came through.

    Rows carry what a dealer needs to read them without the voucher, whose total is not the dealer's business.
    Null `dealer`: the platform's own surplus. `cycle` is the one whose statement told of the goods, null when none did.
    `weight` is the share's measure in the basis, a whole number. Dealer and product are those of the peg or order line,
    whose keys the database checks by statement (ADR 7); checking each row, and an index for each, would cost most of
    the time it takes to share a bill over a hundred thousand pegs.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    voucher = models.ForeignKey(
        CostVoucher, models.PROTECT, related_name="shares", db_index=False, db_constraint=False
    )
    voucher_number = models.CharField(_("voucher"), max_length=40)
    kind = models.CharField(_("kind"), max_length=8, choices=CostKind.choices)
    basis = models.CharField(_("shared by"), max_length=8, choices=CostBasis.choices)
    currency = CurrencyField(_("currency"))
    dealer = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    peg = models.ForeignKey(
        Peg, models.PROTECT, null=True, related_name="cost_shares", db_index=False, db_constraint=False
    )
    order_line = models.ForeignKey(
        OrderLine, models.PROTECT, null=True, related_name="cost_shares", db_index=False, db_constraint=False
    )
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        related_name="+",
        verbose_name=_("product"),
        db_index=False,
        db_constraint=False,
    )
    cycle = models.ForeignKey(
        OrderCycle, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    weight = models.DecimalField(_("measure"), max_digits=38, decimal_places=0)
    amount = AmountField(_("amount"))
    shared_at = models.DateTimeField(_("shared at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost share")
        verbose_name_plural = _("cost shares")
        constraints = (
            models.UniqueConstraint(
                fields=["voucher", "peg", "order_line"],
                name="one_cost_share_per_origin",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(amount__gte=0, weight__gte=0), name="cost_share_not_negative"),
            models.CheckConstraint(
                condition=Q(peg__isnull=False) | Q(order_line__isnull=False), name="cost_share_has_an_origin"
            ),
        )
        indexes = (models.Index(fields=["dealer", "cycle", "product"], name="cost_share_of_dealer"),)

    def __str__(self) -> str:
        return f"{self.voucher_number}: {self.amount}"

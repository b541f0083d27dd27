"""Agreed quantities at agreed prices, called off by and by."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import CurrencyField, QuantityField, StatusField, UnitPriceField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization, Site
from orders import states
from orders.models.order import Order, OrderLine
from orders.models.purchase import PurchaseOrder, PurchaseOrderLine
from orders.policies.blanket import WHOLE_BP

_TENANCY: dict[str, Any] = {actor.DEALER: "dealer_id", actor.FACTORY: "factory_id"}


class BlanketOrder(Document):
    """What a dealer will take from the platform, or the platform from a factory, between two days (UBL: contract).

    Exactly one of `dealer` and `factory` is set and names the other party. `valid_to` is the last day on which a
    release is taken. `tolerance_bp` is how many basis points above the agreed quantity may be called off.
    """

    machine = states.BLANKET_ORDER
    tenancy: ClassVar[dict[str, Any]] = _TENANCY

    dealer = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dealer")
    )
    factory = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("factory")
    )
    status = StatusField(states.BLANKET_ORDER, verbose_name=_("status"))
    currency = CurrencyField(_("currency"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"))
    tolerance_bp = models.PositiveIntegerField(_("tolerance, basis points"), default=0)
    ship_to_site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ship to")
    )
    external_reference = models.CharField(_("reference"), max_length=80, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("blanket order")
        verbose_name_plural = _("blanket orders")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="blanket_order_number"),
            models.CheckConstraint(
                condition=Q(dealer__isnull=True, factory__isnull=False)
                | Q(dealer__isnull=False, factory__isnull=True),
                name="blanket_order_has_one_other_party",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="blanket_order_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(tolerance_bp__lte=WHOLE_BP), name="blanket_order_tolerance_is_a_part"
            ),
        )
        indexes = (
            models.Index(fields=["dealer", "-created_at"], name="blanket_order_of_dealer"),
            models.Index(fields=["factory", "-created_at"], name="blanket_order_of_factory"),
            models.Index(fields=["valid_to"], condition=Q(status="AGREED"), name="blanket_in_force"),
        )

    @property
    def is_upstream(self) -> bool:
        """Tell whether the platform is the buyer."""
        return self.factory_id is not None

    @property
    def party_id(self) -> int:
        """The other party: the dealer, or the factory."""
        return int(self.dealer_id or self.factory_id or 0)


class BlanketOrderLine(models.Model):
    """A product, the agreed base units and the price of one; `supplier` makes it for a dealer's blanket order.

    What has been called off is not kept here: it is the sum of the release lines less what of them was cancelled
    (`selectors.blanket`), so that no counter can go stale.
    """

    tenancy: ClassVar[dict[str, Any]] = _TENANCY

    blanket_order = models.ForeignKey(BlanketOrder, models.PROTECT, related_name="lines")
    dealer = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    factory = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    line_number = models.PositiveIntegerField(_("line"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    supplier = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )
    quantity = QuantityField(_("agreed quantity"))
    unit_price = UnitPriceField(_("unit price"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("blanket order line")
        verbose_name_plural = _("blanket order lines")
        ordering = ("blanket_order", "line_number")
        constraints = (
            models.UniqueConstraint(fields=["blanket_order", "line_number"], name="one_blanket_line_number"),
            models.UniqueConstraint(fields=["blanket_order", "product"], name="one_blanket_line_per_product"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, unit_price__gte=0), name="blanket_line_agrees_on_something"
            ),
        )

    def __str__(self) -> str:
        return f"line {self.line_number}"


class BlanketRelease(models.Model):
    """A call-off: the dealer's order, or the purchase order, that takes a part of a blanket order; append-only."""

    tenancy: ClassVar[dict[str, Any]] = _TENANCY

    blanket_order = models.ForeignKey(BlanketOrder, models.PROTECT, related_name="releases")
    dealer = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    factory = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    release_number = models.PositiveIntegerField(_("release"))
    order = models.OneToOneField(Order, models.PROTECT, null=True, related_name="release")
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, null=True, related_name="releases")
    released_at = models.DateTimeField(_("released at"))
    released_by = models.CharField(_("released by"), max_length=150)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ("blanket_order", "release_number")
        constraints = (
            models.UniqueConstraint(fields=["blanket_order", "release_number"], name="one_release_number"),
            models.UniqueConstraint(
                fields=["blanket_order", "purchase_order"], name="one_release_per_purchase_order"
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=True, purchase_order__isnull=False)
                | Q(order__isnull=False, purchase_order__isnull=True),
                name="release_is_one_order",
            ),
        )

    def __str__(self) -> str:
        return f"release {self.release_number}"


class BlanketReleaseLine(models.Model):
    """Base units of a blanket line that an order line, or a purchase line, calls off; append-only."""

    tenancy: ClassVar[dict[str, Any]] = _TENANCY

    release = models.ForeignKey(BlanketRelease, models.PROTECT, related_name="lines")
    blanket_line = models.ForeignKey(BlanketOrderLine, models.PROTECT, related_name="releases")
    dealer = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    factory = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    order_line = models.OneToOneField(OrderLine, models.PROTECT, null=True, related_name="release_line")
    purchase_order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, null=True, related_name="release_lines"
    )
    quantity = QuantityField(_("quantity"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("release line")
        verbose_name_plural = _("release lines")
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=1), name="release_line_takes_something"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.blanket_line_id}"

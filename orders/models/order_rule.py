"""What a dealer must keep to when ordering."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, QuantityField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import BuyerGroup, Organization
from orders.models.pricing import audience


class OrderRule(models.Model):
    """A seller's minimum, multiple and maximum for a product, or for all of its products when `product` is null.

    A field that is null is inherited from the next rule: a buyer's before its group's before everyone's, then one for
    the product before one for all products, then the lowest `priority`. `min_amount` is what an order at this seller
    comes to before tax, at least, and belongs to a rule for all products.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "seller_id", actor.DEALER: "buyer_id"}

    seller = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("seller"))
    buyer = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("buyer")
    )
    buyer_group = models.ForeignKey(
        BuyerGroup, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("buyer group")
    )
    audience = audience()
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    min_quantity = QuantityField(_("minimum order quantity"), null=True, blank=True)
    order_multiple = QuantityField(_("order multiple"), null=True, blank=True)
    max_quantity = QuantityField(_("maximum order quantity"), null=True, blank=True)
    min_amount = AmountField(_("minimum order amount"), null=True, blank=True)
    currency = CurrencyField(_("currency of the amount"))
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=1, help_text=_("Of two equally near rules the lower number wins.")
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order rule")
        verbose_name_plural = _("order rules")
        constraints = (
            models.UniqueConstraint(
                fields=["seller", "audience", "product", "currency", "priority"],
                name="one_order_rule",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(buyer__isnull=True) | Q(buyer_group__isnull=True),
                name="order_rule_has_one_audience",
            ),
            models.CheckConstraint(
                condition=Q(min_quantity__gte=1, order_multiple__gte=1), name="order_rule_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(max_quantity__isnull=True) | Q(max_quantity__gte=F("min_quantity")),
                name="order_rule_maximum_above_minimum",
            ),
            models.CheckConstraint(
                condition=Q(min_amount__isnull=True) | Q(min_amount__gte=0, product__isnull=True),
                name="order_minimum_is_for_all_products",
            ),
        )
        indexes = (models.Index(fields=["product", "audience", "seller"], name="order_rule_of_product"),)

    def __str__(self) -> str:
        return f"{self.product_id or 'all'}: from {self.min_quantity} by {self.order_multiple}"

"""Another product a factory offers for what it cannot make, and what each dealer says to it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.core.ids import uuid7
from b2b.db.fields import QuantityField, StatusField, UnitPriceField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders import states
from orders.models.order import OrderLine
from orders.models.purchase import PurchaseOrderLine


class Substitution(models.Model):
    """The offer of `substitute_quantity` of another product for `quantity` of an order line that came short.

    The dealer alone decides; nothing is substituted before. Both quantities are base units, the price is that of a base
    unit of the substitute before tax.
    """

    machine = states.SUBSTITUTION
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    order_line = models.ForeignKey(OrderLine, models.PROTECT, related_name="substitutions")
    purchase_order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="substitutions")
    response_version = models.PositiveIntegerField(_("version"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("offered instead"))
    quantity = QuantityField(_("instead of"))
    substitute_quantity = QuantityField(_("offered"))
    unit_price = UnitPriceField(_("unit price"))
    purchase_unit_price = UnitPriceField(_("purchase price"))
    promised_date = models.DateField(_("promised date"))
    status = StatusField(states.SUBSTITUTION, verbose_name=_("status"))
    created_at = models.DateTimeField(_("offered at"))
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("substitution")
        verbose_name_plural = _("substitutions")
        constraints = (
            models.UniqueConstraint(
                fields=["order_line", "purchase_order_line", "response_version"],
                name="one_offer_per_response",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, substitute_quantity__gte=1), name="substitution_offers_something"
            ),
        )
        indexes = (models.Index(fields=["updated_at", "id"], name="substitution_by_update"),)

    def __str__(self) -> str:
        return f"{self.substitute_quantity} for {self.quantity}"

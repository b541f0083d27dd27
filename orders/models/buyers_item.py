"""What a dealer calls a product in its own books."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization


class BuyersItem(models.Model):
    """A dealer's own article code of a product (UBL BuyersItemIdentification); a product may have several."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    dealer = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, verbose_name=_("dealer")
    )
    code = models.CharField(_("your code"), max_length=80)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    updated_at = models.DateTimeField(_("written at"))
    updated_by = models.CharField(_("written by"), max_length=150)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("article code of yours")
        verbose_name_plural = _("article codes of yours")
        constraints = (
            models.UniqueConstraint(fields=["dealer", "code"], name="one_product_per_buyers_code"),
            models.CheckConstraint(condition=~Q(code=""), name="buyers_code_says_something"),
        )

    def __str__(self) -> str:
        return self.code

"""What pooling saved."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, QuantityField
from b2b.db.querysets import ScopedQuerySet


class Saving(models.Model):
    """A saving and its shares, which sum to it."""

    baseline = AmountField(_("bought alone"))
    pooled = AmountField(_("bought pooled"))
    dealer_share = AmountField(_("share of the dealer"))
    platform_share = AmountField(_("share of the platform"))
    factory_share = AmountField(_("share of the factory"))

    class Meta:
        abstract = True


SUMS: Final = models.Q(baseline=F("pooled") + F("dealer_share") + F("platform_share") + F("factory_share"))


class SavingFact(Saving):
    """The saving of one dealer in one cycle against buying alone; one that was restated counts nothing any more."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    statement_id = models.UUIDField(primary_key=True)
    number = models.CharField(_("statement"), max_length=40)
    cycle_id = models.UUIDField()
    cycle_number = models.CharField(_("cycle"), max_length=40, db_default="", default="")
    dealer_id = models.BigIntegerField()
    currency = CurrencyField()
    stated_at = models.DateTimeField(_("stated at"))
    is_restated = models.BooleanField(db_default=False, default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("saving")
        verbose_name_plural = _("savings")
        constraints = (models.CheckConstraint(condition=SUMS, name="shares_sum_to_the_saving"),)
        indexes = (models.Index(fields=["dealer_id", "stated_at"], name="saving_of_dealer"),)

    def __str__(self) -> str:
        return self.number


class SavingLineFact(Saving):
    """The same for one product of a statement that holds; `factory_id` is 0 where the cycle was of a category.

    `day` is when it was stated, in the platform's time zone. `ValueDay` follows every change, by a trigger.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    statement_id = models.UUIDField()
    product_id = models.BigIntegerField()
    category = models.CharField(_("category"), max_length=80)
    dealer_id = models.BigIntegerField()
    factory_id = models.BigIntegerField()
    cycle_id = models.UUIDField()
    currency = CurrencyField()
    day = models.DateField(_("day"))
    quantity = QuantityField(_("pooled quantity"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("saving on a product")
        verbose_name_plural = _("savings on products")
        constraints = (
            models.CheckConstraint(condition=SUMS, name="line_shares_sum_to_the_saving"),
            models.UniqueConstraint(fields=["statement_id", "product_id"], name="one_saving_per_product"),
        )
        indexes = (
            models.Index(fields=["dealer_id", "day"], name="saving_line_of_dealer"),
            models.Index(fields=["day"], name="saving_line_of_day"),
        )

    def __str__(self) -> str:
        return f"{self.product_id} of {self.statement_id}"

"""What pooling saved, and who got which part of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from b2b.catalog.models import Product
from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, QuantityField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders import states
from orders.models.cycle import OrderCycle


class Shares(models.Model):
    """A saving and its parts: baseline - pooled = dealer + platform + factory share, to the cent."""

    baseline = AmountField(_("baseline: alone"))
    pooled = AmountField(_("pooled"))
    dealer_share = AmountField(_("dealer's share"))
    platform_share = AmountField(_("platform's share"))
    factory_share = AmountField(_("factory's share"))

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    baseline=F("pooled") + F("dealer_share") + F("platform_share") + F("factory_share")
                ),
                name="%(class)s_shares_sum_to_saving",
            ),
        )


class SavingsStatement(Document, Shares):
    """What one dealer's goods of one cycle would have cost alone, what they cost pooled, and the shares.

    A later statement `restates` an earlier one when the factory's price changed since; the last one holds.
    """

    machine = states.SAVINGS_STATEMENT
    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("dealer"))
    cycle = models.ForeignKey(OrderCycle, models.PROTECT, related_name="savings_statements")
    currency = CurrencyField(_("currency"))
    restates = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="restated_by", verbose_name=_("restates")
    )
    status = StatusField(states.SAVINGS_STATEMENT, verbose_name=_("status"))

    class Meta(Shares.Meta):
        abstract = False
        verbose_name = _("savings statement")
        verbose_name_plural = _("savings statements")
        constraints = (
            *Shares.Meta.constraints,
            models.UniqueConstraint(
                fields=["dealer", "cycle"],
                condition=models.Q(restates__isnull=True),
                name="one_statement_per_cycle",
            ),
        )

    def __str__(self) -> str:
        return self.number


class SavingsStatementLine(Shares):
    """The same for one product."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    # Checked by statement, not by row (ADR 7): the statement is of the dealer, the product is there.
    statement = models.ForeignKey(
        SavingsStatement, models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    dealer = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("product"),
    )
    quantity = QuantityField(_("pooled quantity"))

    objects = ScopedQuerySet.as_manager()

    class Meta(Shares.Meta):
        abstract = False
        verbose_name = _("savings statement line")
        verbose_name_plural = _("savings statement lines")
        constraints = (
            *Shares.Meta.constraints,
            models.UniqueConstraint(fields=["statement", "product"], name="one_statement_line_per_product"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} saved {self.dealer_share}"


class SettledSaving(Shares):
    """What of a statement came true on the goods of one product and factory that were received; append-only.

    Written once, when the cycle closes. The shares sum to the saving; finance posts them to the ledger.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    statement = models.ForeignKey(SavingsStatement, models.PROTECT, related_name="settled")
    cycle = models.ForeignKey(OrderCycle, models.PROTECT, related_name="settled_savings")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("dealer"))
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    currency = CurrencyField(_("currency"))
    quantity = QuantityField(_("received quantity"))
    settled_at = models.DateTimeField(_("settled"))

    objects = ScopedQuerySet.as_manager()

    class Meta(Shares.Meta):
        abstract = False
        verbose_name = _("settled saving")
        verbose_name_plural = _("settled savings")
        constraints = (
            *Shares.Meta.constraints,
            models.UniqueConstraint(
                fields=["statement", "product", "factory"], name="a_saving_is_settled_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} settled {self.dealer_share}"

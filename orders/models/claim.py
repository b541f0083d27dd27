"""What the platform claims back from a factory, and whose loss it was."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import AmountField, CurrencyField, QuantityField, StatusField, UnitPriceField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders import states
from orders.models.peg import Peg
from orders.models.purchase import PurchaseOrder, PurchaseOrderLine
from orders.models.returns import ReturnLine


class Claim(Document):
    """One claim for all that was wrong with a purchase order, whichever dealers it hit; it names no dealer.

    `compensation_rate` is the part of the price claimed for goods that came short or were rejected at receipt: those
    were never owed, so their price itself is not. Null: each line at the rate its source declares.
    """

    machine = states.CLAIM
    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="claims")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("factory"))
    status = StatusField(states.CLAIM, verbose_name=_("status"))
    currency = CurrencyField(_("currency"))
    compensation_rate = models.DecimalField(
        _("compensation rate"), max_digits=6, decimal_places=5, default=0, null=True
    )
    claimed_amount = AmountField(_("claimed"), default=0)
    accepted_amount = AmountField(_("accepted"), default=0)
    note = models.CharField(_("note"), max_length=500, blank=True)
    answer_note = models.CharField(_("answer"), max_length=500, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    supplier_credit_number = models.CharField(_("supplier credit"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="claim_number"),
            models.CheckConstraint(
                condition=Q(accepted_amount__gte=0, accepted_amount__lte=F("claimed_amount"))
                & Q(compensation_rate__gte=0, compensation_rate__lte=1),
                name="claim_accepted_within_claimed",
            ),
        )
        indexes = (
            models.Index(fields=["factory", "-created_at"], name="claim_of_factory"),
            models.Index(fields=["purchase_order"], name="claim_of_purchase_order"),
            models.Index(fields=["updated_at", "id"], name="claim_by_update"),
        )


class ClaimLine(models.Model):
    """What was wrong with one purchase line for one cause; `accepted` values are null until the factory answers."""

    class Cause(models.TextChoices):
        """How the loss came about."""

        RETURNED = "RETURNED", _("Returned by dealers")
        REJECTED = "REJECTED", _("Rejected at receipt")
        MISSING = "MISSING", _("Missing at receipt")

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "factory_id"}

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="lines")
    factory = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    line_number = models.PositiveIntegerField(_("line"))
    purchase_order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="claim_lines")
    cause = models.CharField(_("cause"), max_length=8, choices=Cause.choices)
    unit_price = UnitPriceField(_("unit price"))
    rate = models.DecimalField(
        _("part of the price"), max_digits=6, decimal_places=5, default=1, db_default=1
    )
    claimed_quantity = QuantityField(_("claimed quantity"))
    claimed_amount = AmountField(_("claimed"))
    accepted_quantity = QuantityField(_("accepted quantity"), null=True, blank=True)
    accepted_amount = AmountField(_("accepted"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim line")
        verbose_name_plural = _("claim lines")
        ordering = ("claim", "line_number")
        constraints = (
            models.UniqueConstraint(fields=["claim", "line_number"], name="one_claim_line_number"),
            models.UniqueConstraint(
                fields=["claim", "purchase_order_line", "cause"], name="one_claim_line_per_cause"
            ),
            models.CheckConstraint(
                condition=Q(claimed_quantity__gte=1, claimed_amount__gte=0)
                & (
                    Q(accepted_quantity__isnull=True, accepted_amount__isnull=True)
                    | Q(accepted_quantity__gte=0, accepted_quantity__lte=F("claimed_quantity"))
                    & Q(accepted_amount__gte=0, accepted_amount__lte=F("claimed_amount"))
                ),
                name="claim_line_accepted_within_claimed",
            ),
        )

    def __str__(self) -> str:
        return f"line {self.line_number}"


class ClaimShare(models.Model):
    """The part of a claim line that one peg's owner lost; the shares of a line sum to it, claimed and accepted.

    `return_line` names the return it follows from: its dealer has been refunded, so the accepted part is the
    platform's. Without one the accepted part is passed on to the dealer. Null `dealer`: the platform's own surplus.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    line = models.ForeignKey(ClaimLine, models.PROTECT, related_name="shares")
    dealer = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    peg = models.ForeignKey(Peg, models.PROTECT, related_name="claim_shares")
    return_line = models.ForeignKey(ReturnLine, models.PROTECT, null=True, related_name="claim_shares")
    quantity = QuantityField(_("quantity"))
    claimed_amount = AmountField(_("claimed"))
    accepted_amount = AmountField(_("accepted"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim share")
        verbose_name_plural = _("claim shares")
        constraints = (
            models.UniqueConstraint(
                fields=["line", "peg", "return_line"], name="one_claim_share_per_origin", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, claimed_amount__gte=0, accepted_amount__gte=0)
                & Q(accepted_amount__lte=F("claimed_amount")),
                name="claim_share_within_claimed",
            ),
        )
        indexes = (models.Index(fields=["dealer"], name="claim_share_of_dealer"),)

    def __str__(self) -> str:
        return f"{self.quantity}: {self.claimed_amount}"

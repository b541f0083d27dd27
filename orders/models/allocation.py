"""How a shortage was shared, so that anybody can compute it again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.core.ids import uuid7
from b2b.db.fields import QuantityField
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization
from orders.models.peg import Peg
from orders.models.purchase import PurchaseOrder


class AllocationRun(models.Model):
    """One sharing of a purchase order's confirmed supply; `input_hash` is the SHA-256 of what it was given.

    Operators alone may read runs: they name every dealer. A dealer reads its own results.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="allocation_runs")
    response_version = models.PositiveIntegerField(_("response version"))
    policy = models.CharField(_("policy"), max_length=20)
    input_hash = models.CharField(_("input hash"), max_length=64)
    created_at = models.DateTimeField(_("shared at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation run")
        verbose_name_plural = _("allocation runs")
        constraints = (
            models.UniqueConstraint(
                fields=["purchase_order", "response_version"], name="one_run_per_response"
            ),
        )

    def __str__(self) -> str:
        return f"{self.policy} {self.response_version}"


class AllocationResult(models.Model):
    """What one peg was entitled to, as an exact fraction, and what it got in whole units."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    run = models.ForeignKey(AllocationRun, models.PROTECT, related_name="results")
    peg = models.ForeignKey(Peg, models.PROTECT, related_name="+")
    dealer = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    requested = QuantityField(_("requested"))
    entitlement_numerator = models.DecimalField(max_digits=40, decimal_places=0)
    entitlement_denominator = models.DecimalField(max_digits=40, decimal_places=0)
    rounded = QuantityField(_("allotted"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation result")
        verbose_name_plural = _("allocation results")
        constraints = (models.UniqueConstraint(fields=["run", "peg"], name="one_result_per_peg"),)

    def __str__(self) -> str:
        return f"{self.rounded} of {self.requested}"


class FairnessBalance(models.Model):
    """Base units a dealer is owed by rounding, positive when it got less than its exact share so far."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    category = models.CharField(_("product category"), max_length=80, blank=True)
    balance = models.DecimalField(_("balance"), max_digits=24, decimal_places=9, default=0)
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("fairness balance")
        verbose_name_plural = _("fairness balances")
        constraints = (models.UniqueConstraint(fields=["dealer", "category"], name="one_fairness_balance"),)

    def __str__(self) -> str:
        return f"{self.category}: {self.balance}"

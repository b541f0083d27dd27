"""How a shortage was shared, so that anybody can compute it again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
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
    """One sharing of a purchase order's confirmed supply, with all it was given, so that anybody can replay it.

    `inputs` is what `policies/sharing_run.py` packs; `input_hash` and `result_hash` are SHA-256 of what went in and
    came out, `policy_hash` that of the policy sealed at the freeze, `seed` what broke ties. Operators alone may read
    runs: they name every dealer. A dealer reads its own results.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="allocation_runs")
    response_version = models.PositiveIntegerField(_("response version"))
    policy = models.CharField(_("policy"), max_length=20)
    policy_hash = models.CharField(_("policy hash"), max_length=64, blank=True, db_default="")
    seed = models.BigIntegerField(_("seed of ties"), db_default=0)
    inputs = models.BinaryField(_("inputs"), db_default=b"")
    input_hash = models.CharField(_("input hash"), max_length=64)
    result_hash = models.CharField(_("result hash"), max_length=64, blank=True, db_default="")
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
    """What one peg was entitled to, as an exact fraction, and what it got in whole units.

    `rank` is its place in the queue of its purchase line, from 1. Carries are base units that rounding owed the dealer
    before and after, at most nine decimals. `is_forgone`: all or nothing was asked, and all was not to be had.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    # Checked by statement, not by row (ADR 7): there is the run, and the peg is of the dealer.
    run = models.ForeignKey(
        AllocationRun, models.PROTECT, related_name="results", db_index=False, db_constraint=False
    )
    peg = models.ForeignKey(Peg, models.PROTECT, related_name="+", db_constraint=False)
    dealer = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    requested = QuantityField(_("requested"))
    entitlement_numerator = models.DecimalField(max_digits=40, decimal_places=0)
    entitlement_denominator = models.DecimalField(max_digits=40, decimal_places=0)
    rounded = QuantityField(_("allotted"))
    rank = models.PositiveIntegerField(_("place in the queue"), db_default=0)
    tier = models.PositiveSmallIntegerField(_("priority tier"), db_default=1)
    carry_in = models.DecimalField(_("owed before"), max_digits=24, decimal_places=9, db_default=0)
    carry_out = models.DecimalField(_("owed after"), max_digits=24, decimal_places=9, db_default=0)
    is_forgone = models.BooleanField(_("all or nothing"), db_default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation result")
        verbose_name_plural = _("allocation results")
        constraints = (models.UniqueConstraint(fields=["run", "peg"], name="one_result_per_peg"),)

    def __str__(self) -> str:
        return f"{self.rounded} of {self.requested}"


class FairnessBalance(models.Model):
    """Base units a dealer is owed by rounding, positive when it got less than its exact share so far.

    The sum of its entries.
    """

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


class FairnessEntry(models.Model):
    """What one run changed in what rounding owes a dealer, in base units; append-only.

    A later run of the same purchase order replaces an earlier one: its entry is the difference.
    """

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    run = models.ForeignKey(AllocationRun, models.PROTECT, related_name="fairness_entries")
    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    category = models.CharField(_("product category"), max_length=80, blank=True)
    quantity = models.DecimalField(_("change"), max_digits=24, decimal_places=9)
    at = models.DateTimeField(_("at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("fairness entry")
        verbose_name_plural = _("fairness entries")
        constraints = (
            models.UniqueConstraint(fields=["run", "dealer", "category"], name="one_fairness_entry"),
        )
        indexes = (models.Index(fields=["dealer", "category"], name="fairness_entry_of_dealer"),)

    def __str__(self) -> str:
        return f"{self.category}: {self.quantity:+}"


class PriorityTier(models.Model):
    """From when on a dealer is served in which tier, 1 first; append-only, the last before a cut-off counts for it."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "dealer_id"}

    dealer = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("dealer"))
    tier = models.PositiveSmallIntegerField(_("priority tier"), validators=[MinValueValidator(1)])
    reason = models.CharField(_("reason"), max_length=200)
    created_at = models.DateTimeField(_("declared at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("priority tier")
        verbose_name_plural = _("priority tiers")
        constraints = (
            models.UniqueConstraint(fields=["dealer", "created_at"], name="one_tier_at_a_time"),
            models.CheckConstraint(condition=models.Q(tier__gte=1), name="tiers_count_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.dealer_id}: {self.tier}"

"""Runs, what they propose, and the cases that people own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import clock
from b2b.core.ids import uuid7
from b2b.db.fields import AmountField, CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from finance.states import CASE, MATCH


class ReconciliationRun(models.Model):
    """One comparison of two records of the same facts: what was compared, by which rules, and what came out.

    A run over bank lines goes in batches; `phase` and `cursor` say how far it came, so that whoever comes next goes on.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    what = models.CharField(_("what"), max_length=24)
    rule_version = models.CharField(_("rules"), max_length=24)
    started_at = models.DateTimeField(_("started"))
    run_by = models.CharField(_("run by"), max_length=150)
    finished_at = models.DateTimeField(_("finished"), null=True)
    phase = models.CharField(max_length=12, blank=True)
    cursor = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(_("to examine"), default=0)
    examined = models.PositiveIntegerField(_("examined"), default=0)
    matched = models.PositiveIntegerField(_("matched"), default=0)
    proposed = models.PositiveIntegerField(_("proposed"), default=0)
    cases = models.PositiveIntegerField(_("cases"), default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reconciliation run")
        verbose_name_plural = _("reconciliation runs")
        indexes = (models.Index(fields=["-started_at"], name="run_by_start"),)

    def __str__(self) -> str:
        return f"{self.what} {self.started_at:%Y-%m-%d %H:%M}"


class Match(models.Model):
    """Bank lines and the invoices they settle, by which rule and why, and how many others would do as well.

    ACCEPTED from the start when the rules allowed posting at once; PROPOSED waits for a person beside its alternatives.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    run = models.ForeignKey(ReconciliationRun, models.PROTECT, null=True, related_name="matches")
    rule = models.CharField(_("rule"), max_length=24)
    rule_version = models.CharField(_("rules"), max_length=24)
    explanation = models.CharField(_("why"), max_length=300)
    alternatives = models.PositiveIntegerField(_("alternatives"), default=0)
    status = StatusField(MATCH)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")

    def __str__(self) -> str:
        return f"{self.rule} {self.status}"


class MatchMember(models.Model):
    """A bank line with its amount, or an invoice with what it loses and what of it is paid; append-only."""

    match = models.ForeignKey(Match, models.PROTECT, related_name="members")
    line = models.ForeignKey("finance.StatementLine", models.PROTECT, null=True, related_name="members")
    invoice = models.ForeignKey("finance.Invoice", models.PROTECT, null=True, related_name="+")
    amount = AmountField(_("amount"))
    paid_amount = AmountField(_("paid"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a match")
        verbose_name_plural = _("members of a match")
        constraints = (
            models.CheckConstraint(
                condition=Q(line__isnull=False, invoice=None) | Q(line=None, invoice__isnull=False),
                name="member_is_line_or_invoice",
            ),
        )

    def __str__(self) -> str:
        return f"{self.match_id}: {self.line_id or self.invoice_id}"


class DiscountTerms(models.Model):
    """What a dealer may keep from then on when it pays within so many days of the invoice; append-only.

    The last row of a dealer counts; a rate of zero ends it.
    """

    dealer = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+", db_index=False)
    rate = models.DecimalField(_("rate"), max_digits=6, decimal_places=5)
    days = models.PositiveIntegerField(_("days"))
    set_by = models.CharField(_("set by"), max_length=150, default="")
    set_at = models.DateTimeField(_("set"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("discount terms")
        verbose_name_plural = _("discount terms")
        constraints = (
            models.CheckConstraint(condition=Q(rate__gte=0) & Q(rate__lt=1), name="discount_is_a_fraction"),
        )
        indexes = (models.Index(fields=["dealer", "-id"], name="discount_terms_of_dealer"),)

    def __str__(self) -> str:
        return f"{self.dealer_id}: {self.rate} within {self.days} days"


class Case(Document):
    """A difference nobody may decide but a person: what, how much, since when, and how it ended.

    `key` names the difference, so that the same one met again opens no second case while one is open.
    """

    machine = CASE

    status = StatusField(CASE)
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(max_length=120)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    currency = CurrencyField(_("currency"), blank=True, default="")
    amount = AmountField(_("amount"), null=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    statement_line = models.ForeignKey(
        "finance.StatementLine", models.PROTECT, null=True, related_name="cases"
    )
    run = models.ForeignKey(ReconciliationRun, models.PROTECT, null=True, related_name="+")
    resolution = models.TextField(_("resolution"), blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="one_case_number"),
            models.UniqueConstraint(fields=["key"], condition=Q(status="OPEN"), name="one_open_case_per_key"),
        )
        indexes = (models.Index(fields=["status", "-created_at"], name="case_by_status"),)

    @property
    def age_days(self) -> int:
        """How many days it has been open, or was."""
        days: int = ((self.resolved_at or clock.now()) - self.created_at).days
        return days

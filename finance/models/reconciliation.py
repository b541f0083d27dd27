"""Runs, what they propose, and the cases that people own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core.ids import uuid7
from b2b.db.fields import AmountField, CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from finance.states import CASE, PROPOSAL


class ReconciliationRun(models.Model):
    """One comparison of two records of the same facts: what was compared, by which rules, and what came out."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    what = models.CharField(_("what"), max_length=24)
    rule_version = models.CharField(_("rules"), max_length=24)
    started_at = models.DateTimeField(_("started"))
    run_by = models.CharField(_("run by"), max_length=150)
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


class MatchProposal(models.Model):
    """A possible settlement of an invoice by a statement line, why, and how many others would do as well.

    ACCEPTED from the start when the rules allowed posting at once; PROPOSED waits for a person.
    """

    line = models.ForeignKey("finance.StatementLine", models.PROTECT, related_name="proposals")
    invoice = models.ForeignKey("finance.Invoice", models.PROTECT, related_name="+")
    run = models.ForeignKey(ReconciliationRun, models.PROTECT, related_name="proposals")
    amount = AmountField(_("amount"))
    rule = models.CharField(_("rule"), max_length=24)
    explanation = models.CharField(_("why"), max_length=300)
    alternatives = models.PositiveIntegerField(_("alternatives"), default=0)
    status = StatusField(PROPOSAL)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("match proposal")
        verbose_name_plural = _("match proposals")
        constraints = (models.CheckConstraint(condition=Q(amount__gt=0), name="proposal_is_positive"),)

    def __str__(self) -> str:
        return f"{self.line_id} -> {self.invoice_id}"


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

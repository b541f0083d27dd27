"""Programmes: under which terms a funder finances which assets of whom."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.fields import CurrencyField, StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from finance.policies import day_count, schedule
from finance.policies.technique import TECHNIQUES
from finance.states import PROGRAMME


class RateField(models.DecimalField):
    """A rate or share as a fraction: 0.18 is eighteen per cent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 8)
        kwargs.setdefault("decimal_places", 6)
        super().__init__(*args, **kwargs)


class Programme(Document):
    """Terms of one technique, the same for whoever asks; they stay as they were once it is open.

    Limits are minor units. `grade_rates` is the yearly rate by score grade; a grade that is missing is not taken.
    `serial` names its accounts in the financing book.
    """

    machine = PROGRAMME
    tenancy: ClassVar[dict[str, Any]] = {actor.FUNDER: "funder_id"}

    serial = models.PositiveIntegerField(unique=True)
    kind = models.CharField(
        _("technique"), max_length=24, choices=[(key, one.name) for key, one in TECHNIQUES.items()]
    )
    name = models.CharField(_("name"), max_length=120)
    status = StatusField(PROGRAMME)
    funder = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    borrower_kind = models.CharField(_("for"), max_length=16)
    currency = CurrencyField(_("currency"))
    limit = models.BigIntegerField(_("limit"))
    party_limit = models.BigIntegerField(_("limit of one party"))
    advance_rate = RateField(_("advance rate"))
    grade_rates = models.JSONField(_("rates by grade"))
    penalty_rate = RateField(_("penalty rate"), default=0)
    fee_rate = RateField(_("fee"), default=0)
    day_count = models.CharField(
        _("day count"), max_length=12, choices=[(one, one) for one in day_count.CONVENTIONS]
    )
    schedule = models.CharField(
        _("schedule"), max_length=8, choices=[(one, one) for one in schedule.KINDS], default=schedule.BULLET
    )
    min_days = models.PositiveIntegerField(_("shortest, days"), default=1)
    max_days = models.PositiveIntegerField(_("longest, days"))
    grace_days = models.PositiveIntegerField(_("grace, days"), default=0)
    default_days = models.PositiveIntegerField(_("in default after days"), default=30)
    waterfall = ArrayField(models.CharField(max_length=12), verbose_name=_("waterfall"))
    with_recourse = models.BooleanField(_("with recourse"), default=True)
    margin_call_rate = RateField(_("margin call above"), null=True)
    proposed_by = models.CharField(_("proposed by"), max_length=150)
    opened_by = models.CharField(_("opened by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("financing programme")
        verbose_name_plural = _("financing programmes")
        constraints = (
            models.UniqueConstraint(fields=["number"], name="one_programme_number"),
            models.CheckConstraint(
                condition=Q(advance_rate__gt=0, advance_rate__lte=1), name="advance_rate_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(limit__gt=0, party_limit__gt=0) & Q(party_limit__lte=F("limit")),
                name="programme_limits_are_positive",
            ),
            models.CheckConstraint(
                condition=Q(penalty_rate__gte=0, fee_rate__gte=0, fee_rate__lt=1),
                name="programme_rates_are_not_negative",
            ),
            models.CheckConstraint(condition=Q(max_days__gte=F("min_days")), name="programme_runs_some_days"),
        )
        indexes = (models.Index(fields=["funder", "status"], name="programme_of_funder"),)


class CreditScore(models.Model):
    """A party's score as it was on a day: inputs, rule version and reasons; append-only."""

    tenancy: ClassVar[dict[str, Any]] = {
        actor.DEALER: "party_id",
        actor.FACTORY: "party_id",
    }

    party = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    inputs = models.JSONField(_("inputs"))
    rule_version = models.CharField(_("rule"), max_length=20)
    points = models.PositiveSmallIntegerField(_("points"))
    grade = models.CharField(_("grade"), max_length=1)
    reasons = ArrayField(models.CharField(max_length=200), verbose_name=_("reasons"))
    scored_at = models.DateTimeField(_("scored"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("credit score")
        verbose_name_plural = _("credit scores")
        constraints = (models.CheckConstraint(condition=Q(points__lte=100), name="score_is_of_a_hundred"),)
        indexes = (models.Index(fields=["party", "-id"], name="score_of_party"),)

    def __str__(self) -> str:
        return f"{self.party_id}: {self.grade}"

"""The rules that a new cycle takes over when nobody says otherwise."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.db.querysets import ScopedQuerySet
from orders.models.cycle import default_policy


class StandingRules(models.Model):
    """What cycles of a product category declare from now on, or all cycles where `category` is empty.

    `policy` and `window_days` are as on `OrderCycle`; `recurrence` is what `policies.recurrence.parse` reads, null for
    cycles that do not repeat. A cycle keeps what it took over, and hands it on to the one that follows it. Rules that
    were withdrawn stay for their history. The operator's alone: whoever orders reads the rules of the cycle itself.
    """

    tenancy: ClassVar[dict[str, Any]] = {}

    category = models.CharField(_("product category"), max_length=80, blank=True)
    policy = models.JSONField(_("policy"), default=default_policy)
    window_days = models.PositiveSmallIntegerField(
        _("pools needs of so many days"), null=True, blank=True, default=7
    )
    recurrence = models.JSONField(_("repeats"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("standing rules")
        verbose_name_plural = _("standing rules")
        constraints = (
            models.UniqueConstraint(fields=["category"], name="one_standing_rules_of_a_category"),
            models.CheckConstraint(
                condition=Q(window_days__isnull=True) | Q(window_days__gte=1),
                name="standing_window_is_a_day",
            ),
        )

    def __str__(self) -> str:
        return self.category or "*"

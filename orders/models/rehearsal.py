"""What would have come of other rules: played once, kept with everything it was played with."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization


class Rehearsal(models.Model):
    """A market played by several rules of replenishment, or past demand played again with other buffers.

    `settings` and `outcomes` are canonical JSON (`policies.rehearsal.comparison`); `facts_hash` is the SHA-256 of the
    demand that was played, so that the same play can be told from another. Append-only; the operator's alone.
    """

    class Kind(models.TextChoices):
        """What was played."""

        MARKET = "MARKET", _("Made-up market")
        PAST = "PAST", _("Past demand")

    tenancy: ClassVar[dict[str, Any]] = {}

    kind = models.CharField(_("played"), max_length=8, choices=Kind.choices)
    factory = models.ForeignKey(
        Organization, models.PROTECT, null=True, related_name="+", verbose_name=_("factory")
    )
    days = models.PositiveSmallIntegerField(_("days"))
    settings = models.TextField(_("settings"))
    outcomes = models.TextField(_("outcomes"))
    facts_hash = models.CharField(_("hash of the demand"), max_length=64)
    created_at = models.DateTimeField(_("played at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("rehearsal")
        verbose_name_plural = _("rehearsals")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.days} days"

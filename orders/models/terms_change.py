"""Who changed which terms of trade, when and why."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models import Organization


class TermsChange(models.Model):
    """A change of an agreement, a rule, a source, a warehouse's handling, an approval or standing rules; append-only.

    `seller` is whose terms they are: a rule of approval is its organisation's. `before` is null for what is new,
    `after` for what was removed. `organization_id` and `user_id` are null when the platform itself acted.
    """

    class Subject(models.TextChoices):
        """What was changed."""

        AGREEMENT = "AGREEMENT", _("Price agreement")
        RULE = "RULE", _("Order rule")
        SOURCE = "SOURCE", _("Supply source")
        HANDLING = "HANDLING", _("Handling of a warehouse")
        CYCLES = "CYCLES", _("Standing rules of cycles")
        APPROVAL = "APPROVAL", _("Rule of approval")
        STAND_IN = "STAND_IN", _("Substitute of an approver")

    tenancy: ClassVar[dict[str, Any]] = {actor.FACTORY: "seller_id", actor.DEALER: "seller_id"}

    subject = models.CharField(_("subject"), max_length=10, choices=Subject.choices)
    subject_id = models.BigIntegerField()
    seller = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name=_("seller"))
    verb = models.CharField(_("what"), max_length=16)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    reason = models.CharField(_("why"), max_length=500, blank=True)
    actor_name = models.CharField(_("who"), max_length=150)
    organization_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(_("when"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of terms")
        verbose_name_plural = _("changes of terms")
        indexes = (
            models.Index(fields=["subject", "subject_id", "at"], name="terms_change_of_subject"),
            BrinIndex(fields=["at"], name="terms_change_at"),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}: {self.verb}"

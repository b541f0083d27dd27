"""Groups of dealers that trade on the same terms."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models.organization import Organization


class BuyerGroup(models.Model):
    """Dealers for whom a seller may agree one price: a chain, a cooperative, a tier.

    It says nothing of credit; companies that owe together are a group by `Organization.group`.
    """

    code = models.SlugField(_("code"), max_length=24, unique=True)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("buyer group")
        verbose_name_plural = _("buyer groups")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class BuyerGroupMembership(models.Model):
    """A dealer's time in a buyer group; `valid_to` is the last day, null for no end."""

    tenancy: ClassVar[dict[str, Any]] = {actor.DEALER: "organization_id"}

    group = models.ForeignKey(BuyerGroup, models.PROTECT, related_name="members", verbose_name=_("group"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="buyer_groups", verbose_name=_("dealer")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("buyer group membership")
        verbose_name_plural = _("buyer group memberships")
        constraints = (
            models.UniqueConstraint(
                fields=["group", "organization", "valid_from"], name="one_membership_a_day"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="membership_ends_after_it_begins",
            ),
        )
        indexes = (models.Index(fields=["organization", "group"], name="groups_of_dealer"),)

    def __str__(self) -> str:
        return f"{self.organization_id} in {self.group_id} from {self.valid_from}"

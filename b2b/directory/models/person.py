"""People and the organisations they act for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models.organization import Organization


class User(AbstractUser):
    """A person who signs in; what they may see follows from their membership, never from the user alone.

    `second_factor` names the device whose codes are asked after the password, empty without one. It stands here
    because every request reads the user anyway, and none needs another look to know that a code is missing.
    """

    second_factor = models.CharField(max_length=80, blank=True, default="", editable=False)

    class Meta(AbstractUser.Meta):  # type: ignore[name-defined,misc]
        verbose_name = _("user")
        verbose_name_plural = _("users")


class Membership(models.Model):
    """A person's role in an organisation."""

    class Role(models.TextChoices):
        """What the person may do for the organisation."""

        ADMIN = "ADMIN", _("Administrator")
        BUYER = "BUYER", _("Buyer")
        CLERK = "CLERK", _("Clerk")
        FINANCE = "FINANCE", _("Finance")
        VIEWER = "VIEWER", _("Viewer")

    tenancy: ClassVar[dict[str, Any]] = dict.fromkeys(
        (actor.DEALER, actor.FACTORY, actor.CARRIER, actor.FUNDER), "organization_id"
    )

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.ADMIN)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(fields=["user", "organization"], name="one_role_per_organization"),
        )

    def __str__(self) -> str:
        return f"{self.user} at {self.organization}"

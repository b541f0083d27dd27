"""How machines identify themselves: API keys, and OAuth2 clients."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.db.querysets import ScopedQuerySet
from b2b.directory.models.organization import Organization

PARTIES = (actor.DEALER, actor.FACTORY, actor.CARRIER, actor.FUNDER)


class ApiKey(models.Model):
    """A long-lived credential of an organisation; the key itself is shown once and kept as SHA-256 only.

    A hash without salt is enough for 256 random bits. `prefix` names the key in lists and logs. `allowed_networks`
    are CIDR blocks it may be used from; empty means from everywhere.
    """

    tenancy: ClassVar[dict[str, Any]] = dict.fromkeys(PARTIES, "organization_id")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"))
    allowed_networks = ArrayField(
        models.CharField(max_length=43), default=list, blank=True, verbose_name=_("allowed networks")
    )
    created_at = models.DateTimeField(_("created at"))
    created_by = models.CharField(_("created by"), max_length=150)
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        indexes = (models.Index(fields=["organization", "-created_at"], name="api_key_of_organization"),)

    def __str__(self) -> str:
        return f"msk_{self.prefix} {self.name}"


class OAuthClient(models.Model):
    """Binds an OAuth2 application (client credentials, RFC 6749 section 4.4) to an organisation and its scopes."""

    tenancy: ClassVar[dict[str, Any]] = dict.fromkeys(PARTIES, "organization_id")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    application = models.OneToOneField("oauth2_provider.Application", models.CASCADE, related_name="client")
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("OAuth2 client")
        verbose_name_plural = _("OAuth2 clients")

    def __str__(self) -> str:
        return str(self.application)

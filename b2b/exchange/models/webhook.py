"""Who listens at which address, with which keys, and every message and attempt."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from b2b.core import actor
from b2b.core.ids import uuid7
from b2b.db.fields import StatusField
from b2b.db.models import Document
from b2b.db.querysets import ScopedQuerySet
from b2b.exchange.policies import signature
from b2b.exchange.states import SUBSCRIPTION

PARTIES = (actor.DEALER, actor.FACTORY, actor.CARRIER, actor.FUNDER)
OWN: dict[str, Any] = dict.fromkeys(PARTIES, "organization_id")


class WebhookSubscription(Document):
    """An address of an organisation that is told events; no topics means every topic.

    It hears what was recorded from `since_at` on. `last_sequence` numbers its messages without gaps, in commit order.
    `lease_until` says that a sender is at work for it, `free_at` from when on its address may be tried again after
    `failures` in a row, the first of them at `failing_since`.
    """

    machine = SUBSCRIPTION
    tenancy: ClassVar[dict[str, Any]] = OWN

    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    status = StatusField(SUBSCRIPTION)
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=200, blank=True)
    topics = ArrayField(models.CharField(max_length=80), verbose_name=_("topics"), default=list, blank=True)
    scheme = models.CharField(
        _("signature"),
        max_length=8,
        choices=[(signature.HMAC, "HMAC-SHA256"), (signature.ED25519, "Ed25519")],
        default=signature.HMAC,
    )
    since_at = models.DateTimeField()
    last_sequence = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    free_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = (
            models.UniqueConstraint(fields=["organization", "number"], name="one_webhook_number"),
            models.CheckConstraint(
                condition=Q(scheme__in=list(signature.SCHEMES)), name="webhook_scheme_known"
            ),
        )
        indexes = (
            models.Index(fields=["organization"], condition=~Q(status="ENDED"), name="webhook_listening"),
        )


class WebhookKey(models.Model):
    """A signing key, encrypted under the platform's own; one that is being replaced signs until `expires_at`."""

    tenancy: ClassVar[dict[str, Any]] = OWN

    subscription = models.ForeignKey(WebhookSubscription, models.CASCADE, related_name="keys")
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    sealed = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(expires_at=None), name="one_lasting_webhook_key"
            ),
        )

    def __str__(self) -> str:
        return f"key {self.pk}"


class WebhookMessage(models.Model):
    """One event for one subscription, written as it is sent; `id` is the `webhook-id` of every attempt."""

    class Status(models.TextChoices):
        """Where the message is."""

        PENDING = "PENDING", _("Waiting")
        TAKEN = "TAKEN", _("Delivered")
        DEAD = "DEAD", _("Given up")

    tenancy: ClassVar[dict[str, Any]] = OWN

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.ForeignKey(
        WebhookSubscription, models.PROTECT, related_name="messages", db_index=False
    )
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    event_id = models.UUIDField(_("event"))
    sequence = models.BigIntegerField(_("sequence"))
    topic = models.CharField(_("topic"), max_length=80)
    subject = models.CharField(_("subject"), max_length=64)
    body = models.TextField(_("body"))
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    taken_at = models.DateTimeField(_("delivered"), null=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("written"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        constraints = (
            models.UniqueConstraint(fields=["subscription", "event_id"], name="one_message_per_event"),
            models.UniqueConstraint(fields=["subscription", "sequence"], name="one_message_per_sequence"),
        )
        indexes = (
            models.Index(
                fields=["subscription", "due_at"], condition=Q(status="PENDING"), name="webhook_message_due"
            ),
            models.Index(fields=["created_at"], name="webhook_message_by_age"),
        )

    def __str__(self) -> str:
        return f"{self.topic} {self.sequence}"


class WebhookAttempt(models.Model):
    """One try to deliver a message; `status_code` 0 means that no answer came."""

    tenancy: ClassVar[dict[str, Any]] = OWN

    message = models.ForeignKey(WebhookMessage, models.CASCADE, related_name="tries")
    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField(_("at"))
    status_code = models.PositiveSmallIntegerField(_("answer"))
    duration_ms = models.PositiveIntegerField(_("took (ms)"))
    said = models.CharField(_("said"), max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status_code}"


class FanOut(models.Model):
    """How far events have been written as messages: one row, in the order of the feed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    xid = models.BigIntegerField(default=0)
    event_id = models.UUIDField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_fan_out"),)

    def __str__(self) -> str:
        return f"{self.xid}.{self.event_id}"

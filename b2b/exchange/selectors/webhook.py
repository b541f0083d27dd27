"""Webhooks, their messages and attempts, as far as an actor may know of them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import Actor
from b2b.exchange.models import WebhookAttempt, WebhookMessage, WebhookSubscription


def subscriptions(actor: Actor) -> QuerySet[WebhookSubscription]:
    """Return the webhooks of the actor's organisation; an operator sees all."""
    return WebhookSubscription.objects.visible_to(actor).select_related("organization")


def messages(actor: Actor, subscription_id: UUID | None = None) -> QuerySet[WebhookMessage]:
    """Return the messages of one webhook, or of all the actor may see."""
    rows = WebhookMessage.objects.visible_to(actor)
    return rows if subscription_id is None else rows.filter(subscription_id=subscription_id)


def attempts(actor: Actor, message_id: UUID) -> QuerySet[WebhookAttempt]:
    """Return the attempts to deliver a message, oldest first."""
    return WebhookAttempt.objects.visible_to(actor).filter(message_id=message_id).order_by("pk")

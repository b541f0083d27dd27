"""Webhooks: who listens where, with which keys, and every message and attempt."""

from b2b.exchange.models.webhook import (
    FanOut,
    WebhookAttempt,
    WebhookKey,
    WebhookMessage,
    WebhookSubscription,
)

__all__ = ["FanOut", "WebhookAttempt", "WebhookKey", "WebhookMessage", "WebhookSubscription"]

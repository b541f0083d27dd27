"""Addresses of the exchange."""

from __future__ import annotations

from django.urls import path

from b2b.exchange.rest.views import Feed, OneEvent
from b2b.exchange.rest.webhook import (
    EndWebhook,
    OneWebhook,
    OneWebhookMessage,
    PauseWebhook,
    ReplayMessage,
    ReplayWebhook,
    ResumeWebhook,
    RotateKey,
    TestWebhook,
    WebhookMessages,
    Webhooks,
)

urlpatterns = [
    path("events/", Feed.as_view(), name="events"),
    path("events/<uuid:event_id>/", OneEvent.as_view(), name="event"),
    path("webhooks/", Webhooks.as_view(), name="webhooks"),
    path("webhooks/<uuid:webhook_id>/", OneWebhook.as_view(), name="webhook"),
    path("webhooks/<uuid:webhook_id>/rotate-key/", RotateKey.as_view(), name="webhook-rotate-key"),
    path("webhooks/<uuid:webhook_id>/pause/", PauseWebhook.as_view(), name="webhook-pause"),
    path("webhooks/<uuid:webhook_id>/resume/", ResumeWebhook.as_view(), name="webhook-resume"),
    path("webhooks/<uuid:webhook_id>/end/", EndWebhook.as_view(), name="webhook-end"),
    path("webhooks/<uuid:webhook_id>/test/", TestWebhook.as_view(), name="webhook-test"),
    path("webhooks/<uuid:webhook_id>/replay/", ReplayWebhook.as_view(), name="webhook-replay"),
    path("webhooks/<uuid:webhook_id>/messages/", WebhookMessages.as_view(), name="webhook-messages"),
    path("webhook-messages/<uuid:message_id>/", OneWebhookMessage.as_view(), name="webhook-message"),
    path(
        "webhook-messages/<uuid:message_id>/replay/", ReplayMessage.as_view(), name="webhook-message-replay"
    ),
]

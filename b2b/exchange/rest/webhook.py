"""Webhooks: subscribe, change, replace the key, pause, test, read the log, send again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from b2b.core.actor import Actor
from b2b.core.errors import Invalid, NotFound, Problem
from b2b.directory.selectors import organization
from b2b.exchange.models import WebhookMessage
from b2b.exchange.rest.webhook_shapes import (
    MessageShape,
    MessageWithAttempts,
    SpanReplayed,
    SubscriptionChange,
    SubscriptionInput,
    SubscriptionShape,
    SubscriptionWithKey,
    TestSent,
    TimeSpan,
)
from b2b.exchange.selectors import webhook
from b2b.exchange.services import fan_out, message, subscription
from b2b.http.views import ChangeView, CommandView, DetailView, ListView


class Webhooks(ListView, CommandView):
    """List the webhooks of one's organisation; POST subscribes an address and shows the key to verify with, once."""

    scope = "events"
    selector = webhook.subscriptions
    serializer = SubscriptionShape
    input, output, status = SubscriptionInput, SubscriptionWithKey, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Subscribe it."""
        own = organization.visible(by).filter(pk=by.organization_id).first()
        if own is None:
            raise Invalid(problems=[Problem("no_organisation", "webhooks belong to an organisation")])
        made, key = subscription.subscribe(own, **data, by=by, at=at)
        return with_key(made, key)


def with_key(made: Any, key: str) -> Any:
    """Show a key beside the webhook it is for; it is kept nowhere readable."""
    made.key = key
    return made


class OneWebhook(DetailView, ChangeView):
    """Show one webhook; PATCH changes address, topics or description."""

    scope = "events"
    selector = webhook.subscriptions
    serializer = output = SubscriptionShape
    input = SubscriptionChange
    http_method_names = ["get", "patch", "head", "options"]

    def call(self, data: Any, *, by: Actor, at: Any, webhook_id: UUID) -> Any:
        """Change it."""
        return subscription.change(self.find(), **data, by=by, at=at)


class RotateKey(CommandView):
    """Make a new key and show it once; for a day every message bears the signatures of both."""

    scope = "events"
    selector = webhook.subscriptions
    output = SubscriptionWithKey

    def call(self, data: Any, *, by: Actor, at: Any, webhook_id: UUID) -> Any:
        """Replace it."""
        return with_key(*subscription.rotate_key(webhook_id, by=by, at=at))


class _Move(CommandView):
    scope = "events"
    selector = webhook.subscriptions
    output = SubscriptionShape
    verb = ""

    def call(self, data: Any, *, by: Actor, at: Any, webhook_id: UUID) -> Any:
        """Move it."""
        return subscription.move(webhook_id, self.verb, by=by, at=at)


class PauseWebhook(_Move):
    """Send nothing for now; what is told meanwhile waits."""

    verb = "pause"


class ResumeWebhook(_Move):
    """Go on, also after the platform disabled the webhook because its address failed for days or answered 410."""

    verb = "resume"


class EndWebhook(_Move):
    """End the webhook for good; its log stays readable."""

    verb = "end"


class TestWebhook(CommandView):
    """Send a test event, so that a receiver can be tried before anything happens."""

    scope = "events"
    selector = webhook.subscriptions
    output, status = TestSent, 202

    def call(self, data: Any, *, by: Actor, at: Any, webhook_id: UUID) -> Any:
        """Send it."""
        found = self.find()
        subscription.require_manager(by, found.organization_id)
        return {"event_id": fan_out.send_test(found.pk, at=at)}


class ReplayWebhook(CommandView):
    """Send every event recorded in a span of time again; a receiver tells what it knows by the event's id."""

    scope = "events"
    selector = webhook.subscriptions
    input, output, status = TimeSpan, SpanReplayed, 202

    def call(self, data: Any, *, by: Actor, at: Any, webhook_id: UUID) -> Any:
        """Send them."""
        return {"events": message.replay_span(webhook_id, **data, by=by, at=at)}


class MessageFilter(filters.FilterSet):
    """By status and topic."""

    status = filters.ChoiceFilter(choices=WebhookMessage.Status.choices)
    topic = filters.CharFilter(max_length=80)

    class Meta:
        model = WebhookMessage
        fields = ("status", "topic")


class WebhookMessages(ListView):
    """The delivery log: every message of a webhook, newest first."""

    scope = "events"
    serializer = MessageShape
    filterset = MessageFilter

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the messages of the webhook in the URL.

        :raises NotFound: when the actor knows no such webhook.
        """
        if self.kwargs and not webhook.subscriptions(actor).filter(pk=self.kwargs["webhook_id"]).exists():
            raise NotFound
        return webhook.messages(actor, self.kwargs.get("webhook_id"))


class OneWebhookMessage(DetailView):
    """One message with what it says and every attempt to deliver it."""

    scope = "events"
    serializer = MessageWithAttempts

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return messages with their attempts."""
        return webhook.messages(actor).prefetch_related("tries")


class ReplayMessage(CommandView):
    """Send one message again, with the same id and the same bytes."""

    scope = "events"
    output, status = MessageShape, 202

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the messages the actor may see."""
        return webhook.messages(actor)

    def call(self, data: Any, *, by: Actor, at: Any, message_id: UUID) -> Any:
        """Send it."""
        return message.replay(message_id, by=by, at=at)

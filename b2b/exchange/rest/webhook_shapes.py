"""How webhooks look in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from b2b.exchange.policies import signature


class SubscriptionInput(serializers.Serializer[Any]):
    """Where to send what; no topics means every topic."""

    url = serializers.CharField(max_length=500, help_text="https://erp.example.com/midstream")
    topics = serializers.ListField(child=serializers.CharField(max_length=80), default=list, max_length=100)
    scheme = serializers.ChoiceField(
        choices=signature.SCHEMES,
        default=signature.HMAC,
        help_text="how messages are signed (Standard Webhooks)",
    )
    description = serializers.CharField(max_length=200, default="", allow_blank=True)


class SubscriptionChange(serializers.Serializer[Any]):
    """What changes."""

    url = serializers.CharField(max_length=500)
    topics = serializers.ListField(child=serializers.CharField(max_length=80), max_length=100)
    description = serializers.CharField(max_length=200, allow_blank=True)


class SubscriptionShape(serializers.Serializer[Any]):
    """A webhook; `last_sequence` is the number of its newest message."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    organization = serializers.CharField(source="organization.code")
    status = serializers.CharField()
    url = serializers.CharField()
    topics = serializers.ListField(child=serializers.CharField())
    scheme = serializers.CharField()
    description = serializers.CharField()
    last_sequence = serializers.IntegerField()
    failures = serializers.IntegerField(help_text="in a row")
    failing_since = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SubscriptionWithKey(SubscriptionShape):
    """A webhook with the key its receiver verifies with; it is shown this once."""

    key = serializers.CharField(help_text="whsec_... (shared, HMAC) or whpk_... (public, Ed25519)")


class TestSent(serializers.Serializer[Any]):
    """The id of the test event."""

    event_id = serializers.UUIDField()


class TimeSpan(serializers.Serializer[Any]):
    """From one moment up to another."""

    since = serializers.DateTimeField(help_text="recorded at this moment or later")
    until = serializers.DateTimeField(help_text="and before this one")


class SpanReplayed(serializers.Serializer[Any]):
    """How many events are sent."""

    events = serializers.IntegerField()


class AttemptShape(serializers.Serializer[Any]):
    """One attempt; status_code 0 means that no answer came."""

    at = serializers.DateTimeField()
    status_code = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    said = serializers.CharField()


class MessageShape(serializers.Serializer[Any]):
    """A message; `id` is the webhook-id of every attempt to deliver it."""

    id = serializers.UUIDField()
    event_id = serializers.UUIDField()
    sequence = serializers.IntegerField()
    topic = serializers.CharField()
    subject = serializers.CharField()
    status = serializers.CharField()
    attempts = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    taken_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField()
    created_at = serializers.DateTimeField()


class MessageWithAttempts(MessageShape):
    """A message with what was sent and every attempt."""

    body = serializers.CharField()
    tries = AttemptShape(many=True)

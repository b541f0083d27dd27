"""The pull feed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.exchange.selectors import feed
from b2b.http.views import ApiView


class FeedQuery(serializers.Serializer[Any]):
    """Where to read on, how much, and of what."""

    after = serializers.CharField(
        default="",
        max_length=80,
        allow_blank=True,
        help_text="`next` of the last page; empty from the beginning",
    )
    limit = serializers.IntegerField(default=100, min_value=1, max_value=feed.PAGE_MAX)
    topic = serializers.ListField(
        child=serializers.CharField(max_length=80),
        default=list,
        help_text="only these topics (repeat the parameter)",
    )


class CloudEvent(serializers.Serializer[Any]):
    """A CloudEvents 1.0 envelope."""

    specversion = serializers.CharField()
    id = serializers.UUIDField()
    source = serializers.CharField()
    type = serializers.CharField()
    subject = serializers.CharField()
    time = serializers.DateTimeField()
    partitionkey = serializers.CharField()
    datacontenttype = serializers.CharField()
    data = serializers.DictField()


class FeedPage(serializers.Serializer[Any]):
    """Events in commit order; ask again with `after` set to `next`, also when the page is empty."""

    events = CloudEvent(many=True)
    next = serializers.CharField(allow_blank=True)


class Feed(ApiView):
    """Read every event you are a party to, in the order it was committed; nothing is lost to late commits."""

    scope = "events"
    serializer = FeedPage

    @extend_schema(parameters=[FeedQuery], responses=FeedPage)
    def get(self, request: Request) -> Response:
        """Answer with a page of events."""
        query = FeedQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        page = feed.read(self.actor, after=asked["after"], limit=asked["limit"], topics=asked["topic"])
        return Response({"events": page.events, "next": page.next})


class OneEvent(ApiView):
    """Read one event you are a party to, as a webhook that was too large to be sent names it."""

    scope = "events"
    serializer = CloudEvent

    @extend_schema(operation_id="event_retrieve", responses=CloudEvent)
    def get(self, request: Request, event_id: UUID) -> Response:
        """Answer with the event."""
        return Response(feed.one(self.actor, event_id))

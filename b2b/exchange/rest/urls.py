"""Addresses of the exchange."""

from __future__ import annotations

from django.urls import path

from b2b.exchange.rest.views import Feed

urlpatterns = [path("events/", Feed.as_view(), name="events")]

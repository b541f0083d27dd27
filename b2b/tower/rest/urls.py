"""Addresses of the control tower."""

from __future__ import annotations

from django.urls import path

from b2b.tower.rest.views import Timeline, ValueView

urlpatterns = [
    path("orders/<uuid:order_id>/timeline/", Timeline.as_view(), name="order-timeline"),
    path("value/", ValueView.as_view(), name="value"),
]

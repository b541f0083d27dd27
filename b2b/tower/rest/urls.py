"""Addresses of the control tower."""

from __future__ import annotations

from django.urls import path

from b2b.tower.rest import views

urlpatterns = [
    path("orders/<uuid:order_id>/timeline/", views.Timeline.as_view(), name="order-timeline"),
    path("value/", views.ValueView.as_view(), name="value"),
    path("value/by/<slug:grouping>/", views.ValueBy.as_view(), name="value-by"),
    path("value/documents/", views.ValueDocuments.as_view(), name="value-documents"),
    path("value/supply/<slug:grouping>/", views.SupplyValueView.as_view(), name="value-supply"),
]

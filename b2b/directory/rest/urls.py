"""Addresses of the directory."""

from __future__ import annotations

from django.urls import path

from b2b.directory.rest.organization import Me, OneSite, Sites

urlpatterns = [
    path("organizations/me/", Me.as_view(), name="organization-me"),
    path("sites/", Sites.as_view(), name="sites"),
    path("sites/<slug:code>/", OneSite.as_view(), name="site"),
]

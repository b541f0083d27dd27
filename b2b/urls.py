"""Every address of the platform."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView

APPS = (
    "b2b.directory",
    "b2b.catalog",
    "orders",
    "warehousing",
    "logistics",
    "finance",
    "b2b.tower",
    "b2b.exchange",
)


def _of_apps() -> list[Any]:
    return [
        path("", include(f"{app}.rest.urls"))
        for app in APPS
        if _has(f"{app}.rest") and _has(f"{app}.rest.urls")
    ]


def _has(module: str) -> bool:
    return find_spec(module) is not None


api: list[Any] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("redoc/", SpectacularRedocView.as_view(url_name="schema"), name="redoc"),
    *_of_apps(),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("b2b.admin.urls")),
    path("api/v1/", include(api)),
]

handler400 = "b2b.http.fallback.bad_request"
handler403 = "b2b.http.fallback.forbidden"
handler404 = "b2b.http.fallback.not_found"
handler500 = "b2b.http.fallback.broken"

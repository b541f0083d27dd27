"""Every address of the platform."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from b2b.http.health import health
from b2b.http.index import index
from b2b.http.job_views import JobResult, Jobs, OneJob
from b2b.http.oauth import Revoke, Token

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
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("jobs/", Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:job_id>/", OneJob.as_view(), name="job"),
    path("jobs/<uuid:job_id>/result/", JobResult.as_view(), name="job-result"),
    *_of_apps(),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("b2b.admin.urls")),
    path("", index, name="index"),
    path("healthz", health, name="health"),
    path("api/v1/", include(api)),
    path("drive/", include("logistics.rest.drive")),
    path("oauth/token/", Token.as_view(), name="oauth-token"),
    path("oauth/revoke/", Revoke.as_view(), name="oauth-revoke"),
]

handler400 = "b2b.http.fallback.bad_request"
handler403 = "b2b.http.fallback.forbidden"
handler404 = "b2b.http.fallback.not_found"
handler500 = "b2b.http.fallback.broken"

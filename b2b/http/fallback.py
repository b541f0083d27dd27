"""What Django itself answers outside any view: problem documents for programs, its own pages for people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from b2b.http.problems import UNKNOWN, is_api, problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    if is_api(request):
        return problem(request, 400, "bad_request", "The request is malformed.")
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    if is_api(request):
        return problem(request, 403, "forbidden", "You may not do this.")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    if is_api(request):
        return problem(request, 404, "not_found", "There is no such address.")
    return defaults.page_not_found(request, exception)


def broken(request: HttpRequest, *_: Any) -> HttpResponse:
    """Answer 500."""
    if is_api(request):
        return problem(request, 500, "internal", UNKNOWN)
    return defaults.server_error(request)

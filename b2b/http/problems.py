"""Every refusal under /api/ is one problem document (RFC 9457) with a stable `code`."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, Error, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from b2b.core.errors import DomainError, Problem

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1
UNKNOWN = "Something went wrong on our side; it has been recorded under the request id."


def problem(
    request: Any,
    status: int,
    code: str,
    detail: str = "",
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """Return a problem document; `errors` name the faulty places of the input."""
    request_id = getattr(getattr(request, "_request", request), "request_id", "")
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
    }
    if errors:
        body["errors"] = errors
    response = HttpResponse(json.dumps(body, default=str), status=status, content_type=MEDIA_TYPE)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def of_domain(request: Any, error: DomainError) -> HttpResponse:
    """Return the problem document of a refusal by a service."""
    headers = {}
    if "retry_after" in error.context:
        headers["Retry-After"] = str(error.context["retry_after"])
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and error.status != HTTPStatus.SERVICE_UNAVAILABLE:
        log.error("%s", error, exc_info=error)
        return problem(request, error.status, "internal", UNKNOWN)
    errors = [fault.as_dict() for fault in error.problems]
    return problem(request, error.status, error.code, error.message, errors=errors, headers=headers)


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """Turn whatever a view raised into a problem document; DRF calls this."""
    request = context.get("request")
    if isinstance(error, DomainError):
        return of_domain(request, error)
    if isinstance(error, exceptions.ValidationError):
        errors = [fault.as_dict() for fault in faults(error.detail)]
        return problem(request, 422, "invalid", "The input has faults; nothing was written.", errors=errors)
    if isinstance(error, exceptions.APIException):
        return _of_framework(request, error)
    if isinstance(error, Http404):
        return problem(request, 404, "not_found", "There is no such thing, or it is not yours to see.")
    if isinstance(error, PermissionDenied):
        return problem(request, 403, "forbidden", str(error) or "You may not do this.")
    if isinstance(error, RequestDataTooBig):
        return problem(request, 413, "too_large", "The body is larger than the platform accepts.")
    if isinstance(error, SuspiciousOperation):
        return problem(request, 400, "bad_request", "The request is malformed.")
    if isinstance(error, UnicodeEncodeError):
        return problem(request, 422, "invalid", "The input has characters that are no text.")
    if isinstance(error, Error):
        return _of_database(request, error)
    log.error("unexpected: %s", error, exc_info=error)
    return problem(request, 500, "internal", UNKNOWN)


def _of_framework(request: Any, error: exceptions.APIException) -> HttpResponse:
    codes = {
        405: "method_not_allowed",
        415: "unsupported_media_type",
        429: "too_many_requests",
        400: "malformed",
    }
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if isinstance(error, exceptions.MethodNotAllowed):
        view = getattr(request, "parser_context", {}).get("view")
        headers["Allow"] = ", ".join(view.allowed_methods) if view else ""
    default = error.default_code if isinstance(error.default_code, str) else "refused"
    code = codes.get(error.status_code, default)
    return problem(request, error.status_code, code, str(error.detail), headers=headers)


def _of_database(request: Any, error: Error) -> HttpResponse:
    state = str(getattr(error.__cause__, "sqlstate", "") or "")
    if isinstance(error, DataError):
        return problem(request, 422, "invalid", "A value is out of range or has characters that are no text.")
    if isinstance(error, IntegrityError):
        log.warning("refused by the database: %s", error)
        if state == "23505":
            return problem(request, 409, "conflict", "There is one like it already.")
        return problem(request, 422, "rule_broken", "The change would break a rule of the database.")
    if isinstance(error, (OperationalError, InterfaceError)):
        log.warning("database busy or away: %s", error)
        return problem(request, 503, "busy", "The database is busy; try again in a moment.")
    log.error("database: %s", error, exc_info=error)
    return problem(request, 500, "internal", UNKNOWN)


def faults(detail: Any, path: tuple[str | int, ...] = ()) -> Iterator[Problem]:
    """Flatten a serializer's errors into problems with JSON pointers (RFC 6901) and, for rows, row and field."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from faults(inner, path if name == "non_field_errors" else (*path, name))
    elif isinstance(detail, list) and any(isinstance(item, (dict, list)) for item in detail):
        for index, inner in enumerate(detail):
            if inner:
                yield from faults(inner, (*path, index))
    elif isinstance(detail, list):
        for item in detail:
            yield from faults(item, path)
    else:
        rows = [part for part in path if isinstance(part, int)]
        names = [part for part in path if isinstance(part, str)]
        yield Problem(
            code=str(getattr(detail, "code", "") or "invalid"),
            message=str(detail),
            pointer=pointer(path),
            row=rows[-1] + 1 if rows else None,
            field=names[-1] if names else "",
        )


def pointer(path: tuple[str | int, ...]) -> str:
    """Return the JSON pointer of a path into a document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def is_api(request: HttpRequest) -> bool:
    """Tell whether the caller is a program that expects problem documents."""
    return request.path.startswith(("/api/", "/oauth/"))

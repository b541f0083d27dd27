"""Pages by key: constant cost however far a caller reads, and no row twice or missed while others write."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from b2b.core.errors import Invalid, Problem


def _fault(name: str, message: str) -> Invalid:
    return Invalid("The query has faults.", problems=[Problem(f"bad_{name}", message, field=name)])


class KeysetPagination(BasePagination):
    """Orders by one unique column (`view.ordering`, "-pk" by default: newest first for UUIDv7) and seeks past it."""

    def paginate_queryset(self, queryset: QuerySet[Any], request: Any, view: Any = None) -> list[Any]:
        """Return one page.

        :raises Invalid: when the cursor is not one of ours or the page size is not 1 to API_MAX_PAGE_SIZE.
        """
        ordering = view.ordering
        column = ordering.removeprefix("-")
        size = self._size(request.query_params.get("page_size"))
        cursor = request.query_params.get("cursor")
        rows = queryset.order_by(ordering)
        if cursor is not None:
            rows = rows.filter(
                **{
                    f"{column}__{'lt' if ordering[0] == '-' else 'gt'}": self._decode(
                        cursor, rows.model, column
                    )
                }
            )
        return self._cut(list(rows[: size + 1]), size, request, key=attrgetter(column))

    def quick_page(self, request: Any, view: Any, model: type[Model]) -> list[Any]:
        """Return one page of what `view.quick` shows of the newest rows, ready to be written out.

        :raises Invalid: as `paginate_queryset` does.
        """
        size = self._size(request.query_params.get("page_size"))
        cursor = request.query_params.get("cursor")
        before = None if cursor is None else self._decode(cursor, model, "pk")
        shown = type(view).quick(view.actor, before=before, limit=size + 1)
        return self._cut(shown, size, request, key=itemgetter("id"))

    def _cut(self, page: list[Any], size: int, request: Any, *, key: Callable[[Any], Any]) -> list[Any]:
        """Drop the row that only tells that there is a next page, and keep that page's address."""
        self.next_url = None
        if len(page) > size:
            page = page[:size]
            self.next_url = replace_query_param(
                request.build_absolute_uri(), "cursor", self._encode(key(page[-1]))
            )
        return page

    def _size(self, text: str | None) -> int:
        if text is None:
            return int(settings.API_PAGE_SIZE)
        if not (
            text.isascii()
            and text.isdigit()
            and len(text) < 6
            and 1 <= int(text) <= settings.API_MAX_PAGE_SIZE
        ):
            raise _fault("page_size", f"a whole number from 1 to {settings.API_MAX_PAGE_SIZE}")
        return int(text)

    def _encode(self, key: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(str(key)).encode()).decode().rstrip("=")

    def _decode(self, cursor: str, model: type[Model], column: str) -> Any:
        field = model._meta.pk if column == "pk" else model._meta.get_field(column)
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            text = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
            if not isinstance(text, str) or "\0" in text:
                raise ValueError("not a key")
            return field.to_python(text)
        except Exception as error:
            raise _fault("cursor", "not a cursor that this list gave out") from error

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the address of the next one, null at the end."""
        return Response({"results": data, "next": self.next_url}, headers=self._headers())

    def quick_response(self, page: list[Any]) -> HttpResponse:
        """Return a page of rows that need no further showing."""
        body = msgspec.json.encode({"results": page, "next": self.next_url})
        return HttpResponse(body, content_type="application/json", headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Link": f'<{self.next_url}>; rel="next"'} if self.next_url else {}

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page for OpenAPI."""
        following = {
            "type": ["string", "null"],
            "format": "uri",
            "description": "Address of the next page.",
        }
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {"results": schema, "next": following},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the query parameters for OpenAPI."""
        size = {
            "type": "integer",
            "minimum": 1,
            "maximum": settings.API_MAX_PAGE_SIZE,
            "default": settings.API_PAGE_SIZE,
        }
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "Taken from `next`.",
            },
            {"name": "page_size", "in": "query", "schema": size},
        ]

"""Pages by key: constant cost however far a caller reads, and no row twice or missed while others write."""

from __future__ import annotations

import base64
import json
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
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
                **{f"{column}__{'lt' if ordering[0] == '-' else 'gt'}": self._decode(cursor, rows, column)}
            )
        page = list(rows[: size + 1])
        self.next_url = None
        if len(page) > size:
            page = page[:size]
            self.next_url = replace_query_param(
                request.build_absolute_uri(), "cursor", self._encode(getattr(page[-1], column))
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

    def _decode(self, cursor: str, rows: QuerySet[Any], column: str) -> Any:
        model = rows.model
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
        headers = {"Link": f'<{self.next_url}>; rel="next"'} if self.next_url else {}
        return Response({"results": data, "next": self.next_url}, headers=headers)

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

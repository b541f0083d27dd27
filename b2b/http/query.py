"""What a caller may say in the query string of a list: filters, `updated_after`, `fields`; typos are refused."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.filters import BaseFilterBackend
from rest_framework.serializers import BaseSerializer, ListSerializer

from b2b.core.errors import Invalid, Problem

COMMON = frozenset({"cursor", "page_size", "fields", "updated_after", "format"})


def is_plain(request: Any) -> bool:
    """Tell whether a list is asked for as it is: no filter, all members."""
    return request.query_params.keys() <= {"cursor", "page_size"}


def _invalid(*problems: Problem) -> Invalid:
    return Invalid("The query has faults.", problems=problems)


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter that refuses names it does not know: a misspelt filter must not answer with everything."""

    def get_filterset_kwargs(self, request: Any, queryset: QuerySet[Any], view: Any) -> dict[str, Any]:
        """Keep NUL characters away from the database."""
        kwargs = super().get_filterset_kwargs(request, queryset, view)
        for name, value in request.query_params.items():
            if "\0" in value or "\0" in name:
                raise _invalid(Problem("bad_character", "NUL is no text", field=name.replace("\0", "")))
        return kwargs

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Filter, or say which parameter is wrong.

        :raises Invalid: for unknown names and values that do not parse.
        """
        filterset = self.get_filterset(request, queryset, view)
        known = set(filterset.form.fields) if filterset is not None else set()
        unknown = sorted(set(request.query_params) - known - COMMON)
        if unknown:
            remedy = f"known: {', '.join(sorted(known | COMMON))}"
            raise _invalid(
                *(
                    Problem("unknown_parameter", "there is no such filter", field=name[:80], remedy=remedy)
                    for name in unknown
                )
            )
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise _invalid(
                *(
                    Problem("bad_parameter", str(message), field=name)
                    for name, messages in filterset.errors.items()
                    for message in messages
                )
            )
        return filterset.qs


class UpdatedAfter(BaseFilterBackend):
    """Rows changed after a moment, for callers that synchronise; for models with `updated_at`."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Filter by `updated_at`.

        :raises Invalid: when the moment has no time zone or the rows know no changes.
        """
        text = request.query_params.get("updated_after")
        if text is None:
            return queryset
        try:
            moment = parse_datetime(text.replace(" ", "+"))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            message = "a moment with a time zone, such as 2026-01-31T08:00:00Z"
            raise _invalid(Problem("bad_parameter", message, field="updated_after"))
        if not _knows_changes(queryset):
            raise _invalid(
                Problem("unknown_parameter", "these rows keep no time of change", field="updated_after")
            )
        return queryset.filter(updated_at__gt=moment)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameter for OpenAPI, where it works."""
        after = {
            "name": "updated_after",
            "in": "query",
            "schema": {"type": "string", "format": "date-time"},
            "description": "Only what changed after this moment.",
        }
        return [after] if _knows_changes(view.get_queryset()) else []


def _knows_changes(queryset: QuerySet[Any]) -> bool:
    return any(field.name == "updated_at" for field in queryset.model._meta.get_fields())


def keep_fields(shown: BaseSerializer[Any], wanted: str | None) -> None:
    """Drop the members that were not asked for before anything is computed.

    :raises Invalid: when a name is not a member.
    """
    if wanted is None:
        return
    serializer: Any = shown.child if isinstance(shown, ListSerializer) else shown
    names = {name.strip() for name in wanted.split(",") if name.strip()}
    unknown = sorted(names - set(serializer.fields))
    if unknown:
        remedy = f"known: {', '.join(serializer.fields)}"
        raise _invalid(
            *(Problem("unknown_field", name[:80], field="fields", remedy=remedy) for name in unknown)
        )
    for name in set(serializer.fields) - names:
        serializer.fields.pop(name)

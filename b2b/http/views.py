"""Base views: an app's view says what it shows or calls; parsing, tenancy, keys, versions and pages are done here.

See docs/api.md for an example to copy. A view never touches `Model.objects`: it names selectors and services.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseBase
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from b2b.core import clock
from b2b.core.actor import NOBODY_ACTOR, Actor
from b2b.core.errors import NotFound
from b2b.db.locks import lock_one
from b2b.db.transactions import unit_of_work
from b2b.http import etags, idempotency, jobs, query


class ApiView(GenericAPIView):
    """Root of all views of the API.

    `scope` names the part of the API ("orders": GET needs orders:read, the rest orders:write of a credential);
    `kinds` the organisations that may call (None: all), `write_kinds` those that may change, if fewer.
    `rows(actor)` gives what the actor may see, by default `selector(actor)`. `lookup_field` is matched with the last
    value in the URL, and `serializer` shows a row.
    """

    scope: ClassVar[str] = ""
    kinds: ClassVar[Collection[str] | None] = None
    write_kinds: ClassVar[Collection[str] | None] = None
    selector: ClassVar[Callable[..., QuerySet[Any]] | None] = None
    serializer: ClassVar[type[BaseSerializer[Any]] | None] = None
    lookup_field = "pk"
    pagination_class: Any = None
    filter_backends: Any = ()

    @property
    def actor(self) -> Actor:
        """Who is asking; nobody while the OpenAPI file is written."""
        if getattr(self, "swagger_fake_view", False):
            return NOBODY_ACTOR
        return self.request._request.actor  # type: ignore[attr-defined,no-any-return]

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return what `actor` may see; `selector(actor)` unless a view needs more of the URL."""
        selector = type(self).selector
        if selector is None:
            raise NotImplementedError(f"{type(self).__name__} names no selector")
        return selector(actor)

    def _has_rows(self) -> bool:
        return type(self).selector is not None or type(self).rows is not ApiView.rows

    def get_queryset(self) -> QuerySet[Any]:
        """Answer DRF's own question the same way."""
        return self.rows(self.actor)

    def get_serializer_class(self) -> Any:
        """Answer DRF's own question the same way."""
        return type(self).serializer

    def find(self) -> Any:
        """Return the row the URL names.

        :raises NotFound: when there is none that the actor may see; a rival cannot tell the two apart.
        """
        found = self.rows(self.actor).filter(**self._named()).first()
        if found is None:
            raise NotFound
        return found

    def _named(self) -> dict[str, Any]:
        return {self.lookup_field: list(self.kwargs.values())[-1]}

    def present(self, serializer: type[BaseSerializer[Any]], value: Any, **options: Any) -> Any:
        """Return the shown form of `value`, with only the members the caller asked for in `fields`."""
        shown = serializer(value, context=self.get_serializer_context(), **options)
        query.keep_fields(shown, self.request.query_params.get("fields"))
        return shown.data


class ListView(ApiView):
    """GET: a page of what the actor may see, newest first; filters by `filterset`, `updated_after` and `fields`.

    `ordering` is one unique column, optionally with a minus. `quick(actor, before=, limit=)`, where there is one, gives
    the newest rows below a key as `serializer` would show them, for the plain page that programs ask for most.
    """

    quick: ClassVar[Callable[..., list[dict[str, Any]]] | None] = None
    filterset: ClassVar[Any] = None
    ordering: ClassVar[str] = "-pk"
    sparse: ClassVar[bool] = True
    filter_backends = (query.StrictFilterBackend, query.UpdatedAfter)

    @property
    def pagination_class(self) -> Any:  # type: ignore[override]
        """Pages by key."""
        from b2b.http.pagination import KeysetPagination

        return KeysetPagination

    @property
    def filterset_class(self) -> Any:
        """Name the filters to django-filter."""
        return type(self).filterset

    def get(self, request: Request, **where: Any) -> HttpResponseBase:
        """Answer with a page."""
        if type(self).quick is not None and query.is_plain(request):
            paginator: Any = self.paginator
            return paginator.quick_response(  # type: ignore[no-any-return]
                paginator.quick_page(request, self, self.rows(self.actor).model)
            )
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert type(self).serializer is not None
        return self.get_paginated_response(self.present(type(self).serializer, page, many=True))


class DetailView(ApiView):
    """GET: one document the actor may see, with its version as ETag."""

    sparse: ClassVar[bool] = True

    def get(self, request: Request, **where: Any) -> HttpResponseBase:
        """Answer with the document."""
        found = self.find()
        assert self.serializer is not None
        response = Response(self.present(self.serializer, found))
        if hasattr(found, "version"):
            response["ETag"] = etags.etag(found)
        return response


class CommandView(ApiView):
    """POST: parse the body with `input`, call a service, show its answer with `output`; all in one transaction.

    Write `call(self, data, *, by, at, **where)`: one call of a service; `where` are the values in the URL. `output`
    None answers 204. `versioned` demands If-Match with the ETag of the document the URL names (found through
    `rows`), which is locked before the service is called; with `held_by_service` the service locks it itself,
    after what comes before it, and is told the version. Idempotency-Key works by itself; deadlocks are retried.
    """

    input: ClassVar[type[BaseSerializer[Any]] | None] = None
    output: ClassVar[type[BaseSerializer[Any]] | None] = None
    status: ClassVar[int] = HTTPStatus.OK
    versioned: ClassVar[bool] = False
    held_by_service: ClassVar[bool] = False
    partial: ClassVar[bool] = False

    def call(self, data: Any, *, by: Actor, at: Any, **where: Any) -> Any:
        """Call the service and return what is to be shown."""
        raise NotImplementedError

    def post(self, request: Request, **where: Any) -> HttpResponseBase:
        """Run the command."""
        return self.command(request)

    def command(self, request: Request) -> HttpResponseBase:
        """Parse, claim the key, check the version, call, present, keep the answer; or leave it to a worker.

        :raises NotFound: before all else, when the URL names something that the actor may not see.
        """
        if self.kwargs and self._has_rows():
            self.find()
        if jobs.is_wanted(request, self.actor):
            return jobs.accept(self, request, self.actor)
        data = self.parse(request)
        claim = idempotency.claim_of(request, self.actor)
        return self._work(data, claim)

    def parse(self, request: Request) -> Any:
        """Return the checked input; an empty mapping when the command takes none.

        :raises ValidationError: with one problem per fault.
        """
        body = request.data
        if self.input is None:
            return {}
        given = self.input(data=body, partial=self.partial, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return given.validated_data

    @unit_of_work()
    def _work(self, data: Any, claim: idempotency.Claim | None) -> HttpResponseBase:
        if claim is not None:
            kept = idempotency.take(claim)
            if kept is not None:
                return kept
        if self.versioned:
            self._check_version()
        result = self.call(data, by=self.actor, at=clock.now(), **self.kwargs)
        response = self._answer(result)
        if claim is not None:
            idempotency.keep(claim, response)
        return response

    def _check_version(self) -> None:
        if self.held_by_service:
            etags.require_match(self.request.headers.get("If-Match"), self.find())
            return
        visible = self.rows(self.actor).filter(**self._named())
        model: type[Model] = visible.model
        document = lock_one(model._default_manager.filter(pk__in=visible.values("pk")))
        etags.require_match(self.request.headers.get("If-Match"), document)

    def _answer(self, result: Any) -> HttpResponse:
        if self.output is None:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        shown = JSONRenderer().render(self.present(self.output, result))
        response = HttpResponse(shown, status=self.status, content_type="application/json")
        if hasattr(result, "version"):
            response["ETag"] = etags.etag(result)
        return response


class ChangeView(CommandView):
    """PATCH: like CommandView, with only the members that change; demands If-Match."""

    versioned = partial = True
    http_method_names = ["get", "patch", "head", "options"]

    def patch(self, request: Request, **where: Any) -> HttpResponseBase:
        """Run the change."""
        return self.command(request)


__all__ = ["ApiView", "ChangeView", "CommandView", "DetailView", "ListView"]

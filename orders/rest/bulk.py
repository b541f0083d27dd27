"""Orders from files: CSV, TSV, XLSX, JSON, NDJSON, or a pasted table."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer

from b2b.core import clock
from b2b.core.actor import Actor
from b2b.directory.models import Organization
from b2b.http.views import CommandView
from orders.policies.raw_row import RawRow
from orders.rest.order import PARTIES
from orders.rest.parties import dealer_of, site_of
from orders.rest.shapes import fields
from orders.rest.shapes.bulk_answer import BulkHeadShape, BulkShape, answer
from orders.rest.uploads import Csv, Json, Ndjson, RowsView, Tsv, Workbook
from orders.selectors import earlier_order
from orders.selectors import order as selectors
from orders.services import bulk_order, bulk_result, upload

JSON: Final = "application/json"


class ReorderInput(serializers.Serializer[Any]):
    """How to take the rows."""

    mode = serializers.ChoiceField(
        ["preview", "submit"], default="preview", help_text="preview judges, submit orders"
    )
    rows = serializers.ChoiceField(
        ["atomic", "per_row"], default="atomic", help_text="all rows or none, or the good ones"
    )
    ship_to = fields.text(32, help_text="code of a site of yours, for rows that name none")
    external_reference = fields.text(help_text="your own id; unique when given")
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, allow_blank=True, default="")


class BulkQuery(ReorderInput):
    """How to take the rows, and for whom."""

    dealer = fields.text(24, help_text="for the operator only")


class ResultQuery(serializers.Serializer[Any]):
    """Which file to answer with, and for whom."""

    file = serializers.ChoiceField(["csv", "xlsx"], default="csv")
    ship_to = fields.text(32, help_text="code of a site of yours, for rows that name none")
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, allow_blank=True, default="")
    dealer = fields.text(24, help_text="for the operator only")


class _Rows(RowsView):
    """A command on the rows of orders."""

    scope, kinds = "orders", PARTIES
    query, read = BulkQuery, staticmethod(upload.read)
    parser_classes = [MultiPartParser, Csv, Tsv, Ndjson, Json, Workbook]


class BulkOrders(_Rows):
    """Judge or order the rows of a file (multipart `file`) or body; every row gets a result, none is dropped."""

    output = BulkShape

    @extend_schema(parameters=[BulkQuery, OpenApiParameter("Prefer", exclude=True)])
    def post(self, request: Any, **where: Any) -> Any:
        """Run the command."""
        return super().post(request, **where)

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Preview or submit."""
        return preview_or_submit(data, data["content"], dealer=dealer_of(by, data["dealer"]), by=by, at=at)

    def _answer(self, result: Any) -> HttpResponse:
        return bulk_answer(self, result)


class BulkResult(_Rows):
    """Judge the rows of a file or body and answer with a CSV or XLSX file of every row and what is wrong with it."""

    query, output = ResultQuery, None

    @extend_schema(parameters=[ResultQuery], responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def post(self, request: Any, **where: Any) -> Any:
        """Run the command; nothing is written, so that there is nothing to keep for a repetition."""
        data = self.parse(request)
        dealer = dealer_of(self.actor, data["dealer"])
        rows = data["content"]
        preview = bulk_order.preview(
            rows,
            dealer=dealer,
            ship_to=site_of(self.actor, dealer, data["ship_to"]),
            currency=data["currency"],
            by=self.actor,
            at=clock.now(),
        )
        kind = data["file"]
        return HttpResponse(
            bulk_result.written(preview, rows, kind=kind),
            content_type=bulk_result.MEDIA_TYPES[kind],
            headers={"Content-Disposition": f'attachment; filename="result.{kind}"'},
        )


class Reorder(CommandView):
    """Judge the lines of an earlier order at today's prices, or order them again."""

    scope, kinds = "orders", PARTIES
    selector = selectors.visible
    input, output = ReorderInput, BulkShape

    def call(self, data: Any, *, by: Actor, at: Any, order_id: UUID) -> Any:
        """Preview or submit."""
        earlier = self.find()
        rows = earlier_order.rows_of(earlier)
        return preview_or_submit(data, rows, dealer=earlier.dealer, by=by, at=at)

    def _answer(self, result: Any) -> HttpResponse:
        return bulk_answer(self, result)


def preview_or_submit(data: Any, rows: list[RawRow], *, dealer: Organization, by: Actor, at: Any) -> Any:
    """Do with rows what the caller wishes; the one path of files, bodies and earlier orders."""
    common = {
        "dealer": dealer,
        "ship_to": site_of(by, dealer, data["ship_to"]),
        "currency": data["currency"],
        "by": by,
        "at": at,
    }
    if data["mode"] == "preview":
        return SimpleNamespace(order=None, preview=bulk_order.preview(rows, **common))
    return bulk_order.submit(rows, external_reference=data["external_reference"], mode=data["rows"], **common)


def bulk_answer(view: CommandView, result: Any) -> HttpResponse:
    """Answer with the result of every row, without a serializer for each."""
    if "fields" in view.request.query_params:
        return HttpResponse(JSONRenderer().render(view.present(BulkShape, result)), content_type=JSON)
    return HttpResponse(answer(view.present(BulkHeadShape, result), result.preview.rows), content_type=JSON)

"""Orders from files: CSV, TSV, XLSX, JSON, NDJSON, or a pasted table."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser

from b2b.core.actor import Actor
from b2b.http.parsers import Raw
from b2b.http.views import CommandView
from orders.rest.order import PARTIES
from orders.rest.parties import dealer_of, site_of
from orders.rest.shapes import fields
from orders.rest.shapes.order import BulkShape
from orders.services import bulk_order, upload


class Csv(Raw):
    """CSV or a pasted table."""

    media_type = "text/csv"


class Tsv(Raw):
    """Tab-separated values."""

    media_type = "text/tab-separated-values"


class Ndjson(Raw):
    """One JSON object a line."""

    media_type = "application/x-ndjson"


class Json(Raw):
    """An array of rows, or an object with `lines`."""

    media_type = "application/json"


class Workbook(Raw):
    """An XLSX workbook."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


KINDS = {
    Csv.media_type: "csv",
    Tsv.media_type: "tsv",
    Ndjson.media_type: "ndjson",
    Json.media_type: "json",
    Workbook.media_type: "xlsx",
}


class BulkQuery(serializers.Serializer[Any]):
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
    dealer = fields.text(24, help_text="for the operator only")


class UploadInput(serializers.Serializer[Any]):
    """The file of a multipart body."""

    file = serializers.FileField()


class BulkOrders(CommandView):
    """Judge or order the rows of a file (multipart `file`) or body; every row gets a result, none is dropped."""

    scope, kinds = "orders", PARTIES
    input, output = UploadInput, BulkShape
    parser_classes = [MultiPartParser, Csv, Tsv, Ndjson, Json, Workbook]

    @extend_schema(parameters=[BulkQuery, OpenApiParameter("Prefer", exclude=True)])
    def post(self, request: Any, **where: Any) -> Any:
        """Run the command."""
        return super().post(request, **where)

    def parse(self, request: Any) -> Any:
        """Return the checked query and the rows.

        :raises ValidationError: for a faulty query. :raises UnreadableUpload: for an unreadable file.
        """
        query = BulkQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        body = request.data
        if isinstance(body, bytes):
            kind = KINDS[request.content_type.partition(";")[0].strip().lower()]
            rows = upload.read(body, kind=kind)
        else:
            given = self.input(data=body)
            given.is_valid(raise_exception=True)
            file = given.validated_data["file"]
            rows = upload.read(file.read(), filename=file.name)
            file.seek(0)
        return {**query.validated_data, "content": rows}

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Preview or submit."""
        dealer = dealer_of(by, data["dealer"])
        common = {
            "dealer": dealer,
            "ship_to": site_of(by, dealer, data["ship_to"]),
            "currency": data["currency"],
            "by": by,
            "at": at,
        }
        if data["mode"] == "preview":
            return SimpleNamespace(order=None, preview=bulk_order.preview(data["content"], **common))
        return bulk_order.submit(
            data["content"], external_reference=data["external_reference"], mode=data["rows"], **common
        )

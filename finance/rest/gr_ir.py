"""Goods received and not invoiced, by purchase line and age; the operator's."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from b2b.core import clock
from b2b.core.actor import OPERATOR
from b2b.core.spreadsheet import csv_file
from b2b.http.views import ApiView
from finance.rest.shapes import AMOUNT
from finance.selectors import gr_ir_age


class GrIrQuery(serializers.Serializer[Any]):
    """Of which factory, and how old on which day; all and today when it is not said."""

    factory = serializers.CharField(max_length=24, default="", allow_blank=True)
    on_date = serializers.DateField(required=False, default=None)


class GrIrLineShape(serializers.Serializer[Any]):
    """A purchase line whose goods are not cleared; `open_amount` is below zero when more was cleared than came."""

    purchase_order = serializers.CharField()
    line = serializers.IntegerField()
    factory = serializers.CharField()
    sku = serializers.CharField()
    currency = serializers.CharField()
    accepted = serializers.IntegerField()
    billed = serializers.IntegerField()
    open_amount = serializers.DecimalField(**AMOUNT)
    since = serializers.DateField(allow_null=True)
    age_days = serializers.IntegerField()
    band = serializers.CharField()
    code = serializers.CharField()
    reason = serializers.CharField()
    owner = serializers.CharField()


class GrIrShape(serializers.Serializer[Any]):
    """What was received and not invoiced, the oldest first."""

    lines = GrIrLineShape(many=True)


class _GrIr(ApiView):
    scope, kinds = "finance", frozenset({OPERATOR})
    serializer = GrIrShape

    def found(self, request: Request) -> list[gr_ir_age.Line]:
        """Return the lines that are asked for."""
        query = GrIrQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        return gr_ir_age.lines(self.actor, asked["on_date"] or clock.today(), factory=asked["factory"])


class GrIr(_GrIr):
    """List what was received and not invoiced, the oldest first, with reason and whose turn it is."""

    @extend_schema(parameters=[GrIrQuery], responses=GrIrShape)
    def get(self, request: Request) -> Response:
        """Answer with the lines."""
        return Response(GrIrShape({"lines": self.found(request)}).data)


class GrIrFile(_GrIr):
    """The same as a CSV file."""

    @extend_schema(parameters=[GrIrQuery], responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """Answer with the file."""
        rows = gr_ir_age.rows(self.found(request))
        return HttpResponse(
            csv_file([gr_ir_age.COLUMNS, *rows]),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="gr-ir.csv"'},
        )

"""A dealer's own article codes: what its orders may call products."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser

from b2b.core.actor import DEALER, OPERATOR, Actor
from b2b.http.views import ListView
from orders.rest.filters import BuyersItemFilter
from orders.rest.parties import dealer_of
from orders.rest.shapes import fields
from orders.rest.shapes.bulk import ProblemShape
from orders.rest.uploads import Csv, Json, Ndjson, RowsView, Tsv, Workbook
from orders.selectors import buyers_item as selectors
from orders.services import buyers_items
from orders.services.upload import buyers_items as files


class BuyersItemShape(serializers.Serializer[Any]):
    """What a dealer calls a product; `dealer` is its code."""

    code = serializers.CharField()
    sku = serializers.CharField(source="product.sku")
    name = serializers.CharField(source="product.name")
    dealer = serializers.CharField(source="dealer.code")
    updated_at = serializers.DateTimeField()
    updated_by = serializers.CharField()


class BuyersItemsQuery(serializers.Serializer[Any]):
    """What to do with the list."""

    mode = serializers.ChoiceField(
        ["preview", "merge", "replace"],
        default="preview",
        help_text="preview judges; merge adds and changes codes; replace forgets all others as well",
    )
    dealer = fields.text(24, help_text="for the operator only")


class TakenShape(serializers.Serializer[Any]):
    """What became of a list: how many codes are new, changed and gone, and every fault of a preview."""

    count = serializers.IntegerField()
    added = serializers.IntegerField(allow_null=True)
    changed = serializers.IntegerField(allow_null=True)
    removed = serializers.IntegerField(allow_null=True)
    problems = ProblemShape(many=True)


class BuyersItems(ListView, RowsView):
    """List the dealer's own article codes; POST a list (file or body with buyers_code and sku or gtin), all or nothing.

    Every way to order takes them, in a column `buyers_code` or in place of a SKU that no product has.
    """

    scope, kinds = "orders", {DEALER, OPERATOR}
    selector = selectors.visible
    serializer = BuyersItemShape
    filterset = BuyersItemFilter
    output = TakenShape
    query, read = BuyersItemsQuery, staticmethod(files.read)
    parser_classes = [MultiPartParser, Csv, Tsv, Ndjson, Json, Workbook]

    @extend_schema(parameters=[BuyersItemsQuery, OpenApiParameter("Prefer", exclude=True)])
    def post(self, request: Any, **where: Any) -> Any:
        """Run the command."""
        return super().post(request, **where)

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Judge the list or take it over."""
        dealer, rows = dealer_of(by, data["dealer"]), data["content"]
        if data["mode"] != "preview":
            taken = buyers_items.put(rows, dealer=dealer, mode=data["mode"], by=by, at=at)
            return SimpleNamespace(
                count=taken.count,
                added=taken.added,
                changed=taken.changed,
                removed=taken.removed,
                problems=(),
            )
        coded = buyers_items.preview(rows, dealer=dealer, by=by)
        return SimpleNamespace(
            count=len(coded.products), added=None, changed=None, removed=None, problems=coded.problems
        )

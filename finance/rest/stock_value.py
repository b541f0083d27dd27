"""What the platform's own stock is worth, and by which method it is valued."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from b2b.catalog.selectors import product
from b2b.core.actor import OPERATOR, Actor
from b2b.core.errors import Invalid, Problem
from b2b.core.money import Money
from b2b.directory.selectors import site
from b2b.http.views import CommandView, ListView
from finance.models import StockMethod, StockValue
from finance.selectors import stock_value
from finance.services import stock_method

OPERATORS = frozenset({OPERATOR})
AMOUNT = serializers.DecimalField(max_digits=18, decimal_places=3)


class StockValueFilter(filters.FilterSet):
    """By product and warehouse; `on_date` tells what stock was worth at the end of that day, as it was booked."""

    sku = filters.CharFilter(field_name="product__sku", max_length=40)
    warehouse = filters.CharFilter(field_name="warehouse_site__code", max_length=32)
    on_date = filters.DateFilter(method="at_end_of")

    class Meta:
        model = StockValue
        fields = ("sku", "warehouse")

    def at_end_of(self, queryset: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """Answer with the quantities and values of that day."""
        return stock_value.at_end_of(queryset, value)


class StockValueShape(serializers.Serializer[Any]):
    """A product at a warehouse: base units, their value, and how it is valued now."""

    sku = serializers.CharField(source="product.sku")
    warehouse = serializers.CharField(source="warehouse_site.code")
    quantity = serializers.IntegerField(source="units")
    value = serializers.SerializerMethodField()
    currency = serializers.CharField()
    method = serializers.CharField()

    @extend_schema_field(AMOUNT)
    def get_value(self, row: Any) -> str:
        """Write the value in the currency's own unit."""
        return str(Money.from_minor(row.worth, row.currency).amount.quantize(Decimal("0.001")))


class StockValues(ListView):
    """List what the platform's own stock is worth by product and warehouse, now or at the end of any day."""

    scope, kinds = "finance", OPERATORS
    selector = stock_value.worth
    serializer = StockValueShape
    filterset = StockValueFilter


class StockMethodShape(serializers.Serializer[Any]):
    """A declaration of a method; without product or warehouse it is for any. The narrowest counts."""

    id = serializers.IntegerField()
    sku = serializers.CharField(source="product.sku", default=None, allow_null=True)
    warehouse = serializers.CharField(source="warehouse_site.code", default=None, allow_null=True)
    method = serializers.CharField()
    since_at = serializers.DateTimeField()
    reason = serializers.CharField()
    declared_by = serializers.CharField()


class StockMethodInput(serializers.Serializer[Any]):
    """By which method to value what moves from now on; leave out product and warehouse for all of them."""

    sku = serializers.CharField(max_length=40, required=False)
    warehouse = serializers.CharField(max_length=32, required=False)
    method = serializers.ChoiceField(choices=StockMethod.Method.choices)
    reason = serializers.CharField(max_length=200)


class StockMethods(ListView, CommandView):
    """List the methods as they were declared; POST declares one from now on."""

    scope, kinds = "finance", OPERATORS
    selector = stock_value.methods
    serializer = output = StockMethodShape
    input, status = StockMethodInput, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Declare it."""
        sku, code = data.get("sku"), data.get("warehouse")
        products = product.keys_by_sku(by, [sku]) if sku else {}
        place = site.visible(by).filter(code=code).first() if code else None
        problems = []
        if sku and sku not in products:
            problems.append(Problem("unknown_product", "there is no such product", pointer="/sku"))
        if code and place is None:
            problems.append(Problem("unknown_warehouse", "there is no such warehouse", pointer="/warehouse"))
        if problems:
            raise Invalid(problems=problems)
        return stock_method.declare(
            method=data["method"],
            product_id=products.get(sku),
            warehouse_site_id=place.pk if place else None,
            reason=data["reason"],
            by=by,
            at=at,
        )

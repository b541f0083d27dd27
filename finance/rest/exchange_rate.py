"""What currencies were worth on which day; the operator's."""

from __future__ import annotations

from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from b2b.core.actor import OPERATOR, Actor
from b2b.core.errors import Invalid
from b2b.http.parsers import Raw
from b2b.http.views import CommandView, ListView
from finance.models import ExchangeRate
from finance.policies.exchange import MOST_ROWS, Rate
from finance.rest.bank import Csv
from finance.selectors import exchange_rate as selectors
from finance.services import exchange_rate

OPERATORS = frozenset({OPERATOR})
RATE = {"max_digits": 20, "decimal_places": 10}


class ExchangeRateFilter(filters.FilterSet):
    """By currencies and days."""

    since = filters.DateFilter(field_name="date", lookup_expr="gte")
    until = filters.DateFilter(field_name="date", lookup_expr="lte")

    class Meta:
        model = ExchangeRate
        fields = ("base", "quote")


class ExchangeRateShape(serializers.Serializer[Any]):
    """One unit of `base` was `rate` units of `quote` on a day; the last one told of a day counts."""

    id = serializers.IntegerField()
    date = serializers.DateField()
    base = serializers.CharField()
    quote = serializers.CharField()
    rate = serializers.DecimalField(**RATE)
    source = serializers.CharField()
    set_at = serializers.DateTimeField()


class OneRateInput(serializers.Serializer[Any]):
    """One unit of `base` is `rate` units of `quote` on a day."""

    date = serializers.DateField()
    base = serializers.RegexField(r"^[A-Z]{3}$")
    quote = serializers.RegexField(r"^[A-Z]{3}$")
    rate = serializers.DecimalField(**RATE)


class ExchangeRatesInput(serializers.Serializer[Any]):
    """Rates of one source."""

    source = serializers.CharField(max_length=80)
    rates = OneRateInput(many=True, allow_empty=False, max_length=MOST_ROWS)


class KeptRatesShape(serializers.Serializer[Any]):
    """How many rates were new."""

    kept = serializers.IntegerField()


class ExchangeRates(ListView, CommandView):
    """List exchange rates, the newest day first; POST keeps some, all or none."""

    scope, kinds = "finance", OPERATORS
    selector = selectors.told
    serializer = ExchangeRateShape
    filterset = ExchangeRateFilter
    input, output, status = ExchangeRatesInput, KeptRatesShape, 201

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Keep them."""
        rates = [Rate(**one) for one in data["rates"]]
        return {"kept": len(exchange_rate.keep(rates, source=data["source"], by=by, at=at))}


class ExchangeRateFiles(CommandView):
    """Take a CSV file with the columns date, base, quote and rate; `?source=` says who tells them."""

    scope, kinds = "finance", OPERATORS
    parser_classes: ClassVar[list[type[Raw]]] = [Csv]
    output, status = KeptRatesShape, 201

    @extend_schema(request={Csv.media_type: OpenApiTypes.BYTE}, responses={201: KeptRatesShape})
    def post(self, request: Request, **where: Any) -> Any:
        """Take the file."""
        return self.command(request)

    def parse(self, request: Request) -> Any:
        """Return the file as it came."""
        return request.data

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Keep its rates."""
        if not isinstance(data, bytes):
            raise Invalid("send the file as the body, with Content-Type text/csv")
        source = self.request.query_params.get("source", "")
        return {"kept": len(exchange_rate.take_file(data, source=source, by=by, at=at))}

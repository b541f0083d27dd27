"""Orders, their lines, and what is said about rows before they are ordered."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.models import BUCKETS, Order, OrderLine
from orders.rest.shapes import fields
from orders.rest.shapes.bulk import BreakShape


class LineInput(serializers.Serializer[Any]):
    """A wanted product: by SKU, GTIN or your own article code; in base units unless another pack is named."""

    sku = fields.text(40)
    gtin = fields.text(14)
    buyers_code = fields.text(80, help_text="your own article code, as you mapped it at buyers-items/")
    quantity = fields.quantity(min_value=1)
    unit = fields.text(8)
    ship_to = fields.text(32, help_text="code of a site of yours; the order's when empty")
    need_by_date = serializers.DateField(required=False, allow_null=True)
    max_unit_price = fields.unit_price(
        required=False,
        allow_null=True,
        help_text="the highest price of a base unit at which a pool may buy for you",
    )
    flex_up = fields.quantity(required=False, help_text="so many units more are welcome")
    flex_down = fields.quantity(required=False, help_text="so many units less are enough")
    options = serializers.DictField(
        child=serializers.CharField(max_length=200), required=False, help_text="how the goods are customised"
    )
    all_or_nothing = serializers.BooleanField(
        required=False, help_text="of a shortage, take what you asked or none"
    )


class OrderInput(serializers.Serializer[Any]):
    """An order. `dealer` is for the operator only."""

    ship_to = serializers.CharField(max_length=32, help_text="code of a site of yours")
    external_reference = fields.text(help_text="your own id; unique when given")
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, allow_blank=True, default="")
    dealer = fields.text(24)
    lines = LineInput(many=True, allow_empty=False)


class LineShape(serializers.Serializer[Any]):
    """An order line; each bucket is a quantity of base units."""

    line_number = serializers.IntegerField()
    sku = serializers.CharField(source="product.sku")
    quantity = serializers.IntegerField()
    entered_quantity = serializers.IntegerField()
    entered_unit = serializers.CharField()
    unit_price = fields.unit_price()
    solo_unit_price = fields.unit_price()
    tax_rate = serializers.DecimalField(max_digits=6, decimal_places=5)
    net_amount = fields.amount()
    tax_amount = fields.amount()
    ship_to = serializers.CharField(source="ship_to_site.code")
    need_by_date = serializers.DateField(allow_null=True)
    max_unit_price = fields.unit_price(allow_null=True)
    waiting_reason = serializers.CharField(
        help_text="why a cycle left it to the next: PRICE (above max_unit_price), NOT_ON_SALE, or empty"
    )
    all_or_nothing = serializers.BooleanField()
    withdrawable_until = serializers.DateTimeField(allow_null=True)
    flex_up = serializers.IntegerField()
    flex_down = serializers.IntegerField()
    options = serializers.DictField(child=serializers.CharField())
    cancel_requested = serializers.IntegerField(help_text="still owed until the factory agrees to make less")
    given_up = serializers.IntegerField(
        help_text="of `cancelled`, what was being bought already; it went to others, to stock, or back to the factory"
    )

    def get_fields(self) -> dict[str, Any]:
        """Add the buckets."""
        return {**super().get_fields(), **{bucket: serializers.IntegerField() for bucket in BUCKETS}}

    def to_representation(self, line: OrderLine) -> dict[str, Any]:
        """Write the members out as the fields above would: an order may have a thousand lines."""
        ceiling, until = line.max_unit_price, line.withdrawable_until
        shown = {
            **line.__dict__,
            "sku": line.product.sku,
            "unit_price": f"{line.unit_price:.6f}",
            "solo_unit_price": f"{line.solo_unit_price:.6f}",
            "tax_rate": f"{line.tax_rate:.5f}",
            "net_amount": f"{line.net_amount:.3f}",
            "tax_amount": f"{line.tax_amount:.3f}",
            "ship_to": line.ship_to_site.code,
            "need_by_date": line.need_by_date and line.need_by_date.isoformat(),
            "max_unit_price": None if ceiling is None else f"{ceiling:.6f}",
            "withdrawable_until": until and fields.moment(until),
            "options": {name: str(value) for name, value in line.options.items()},
        }
        return {name: shown[name] for name in self.fields}


class OrderShape(serializers.Serializer[Any]):
    """An order without its lines."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    dealer = serializers.CharField(source="dealer.code")
    ship_to = serializers.CharField(source="ship_to_site.code")
    external_reference = serializers.CharField()
    currency = serializers.CharField()
    payment_terms_days = serializers.IntegerField()
    total_net = fields.amount()
    total_tax = fields.amount()
    total_gross = fields.amount()
    created_at = serializers.DateTimeField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()

    def to_representation(self, order: Order) -> dict[str, Any]:
        """Write the members out as the fields above would, which costs a list of fifty half as much."""
        shown = {
            "id": str(order.pk),
            "number": order.number,
            "version": order.version,
            "status": order.status,
            "dealer": order.dealer.code,
            "ship_to": order.ship_to_site.code,
            "external_reference": order.external_reference,
            "currency": order.currency,
            "payment_terms_days": order.payment_terms_days,
            "total_net": f"{order.total_net:.3f}",
            "total_tax": f"{order.total_tax:.3f}",
            "total_gross": f"{order.total_gross:.3f}",
            "created_at": fields.moment(order.created_at),
            "confirmed_at": order.confirmed_at and fields.moment(order.confirmed_at),
            "updated_at": fields.moment(order.updated_at),
        }
        return {name: shown[name] for name in self.fields}


class CancelInput(serializers.Serializer[Any]):
    """Why; with `lines` only these line numbers are cancelled, at any stage until they have left."""

    lines = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=10**6), default=list, max_length=100_000
    )
    reason = fields.text(500)


class ReopenInput(serializers.Serializer[Any]):
    """Why the order is taken up again."""

    reason = fields.text(500)


class StatusShape(serializers.Serializer[Any]):
    """One step in the life of a document."""

    verb = serializers.CharField()
    from_status = serializers.CharField()
    to_status = serializers.CharField()
    reason = serializers.CharField()
    actor = serializers.CharField(source="actor_name")
    at = serializers.DateTimeField()


class PairInput(serializers.Serializer[Any]):
    """A product and a quantity of base units."""

    sku = serializers.CharField(max_length=40)
    quantity = fields.quantity(min_value=1)


class QuoteInput(serializers.Serializer[Any]):
    """Up to 10,000 pairs. `dealer` is for the operator only."""

    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, allow_blank=True, default="")
    dealer = fields.text(24)
    lines = serializers.ListField(child=PairInput(), allow_empty=False, max_length=10_000)


class QuoteShape(serializers.Serializer[Any]):
    """The price of a quantity; null when nobody sells it so."""

    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = fields.unit_price(allow_null=True)
    net_amount = fields.amount(allow_null=True)
    next_break = BreakShape(allow_null=True)
    min_quantity = serializers.IntegerField(allow_null=True)
    order_multiple = serializers.IntegerField(allow_null=True)
    max_quantity = serializers.IntegerField(allow_null=True)
    min_amount = fields.amount(
        allow_null=True, help_text="what an order at its seller comes to before tax, at least"
    )
    lead_time_days = serializers.IntegerField(allow_null=True)
    available = serializers.IntegerField()


class QuotesShape(serializers.Serializer[Any]):
    """One quote per pair, in order."""

    currency = serializers.CharField()
    quotes = QuoteShape(many=True)

"""Changes of orders, requests to factories, and substitutes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from orders.rest.shapes import fields
from orders.rest.shapes.order import LineInput, OrderShape


class LineEditInput(serializers.Serializer[Any]):
    """What a line shall be: base units in all (0 cancels it), a date, a site; what is not named stays."""

    line_number = serializers.IntegerField(min_value=1, max_value=10**6)
    quantity = fields.quantity(required=False, allow_null=True, default=None)
    need_by_date = serializers.DateField(required=False, allow_null=True, default=None)
    ship_to = fields.text(32, help_text="code of a site of yours")


class ChangeInput(serializers.Serializer[Any]):
    """Lines to change and lines to add; with `preview` nothing is changed."""

    lines = serializers.ListField(child=LineEditInput(), default=list, max_length=100_000)
    add = serializers.ListField(child=LineInput(), default=list, max_length=100_000)
    reason = fields.text(500)
    preview = serializers.BooleanField(default=False)


class ChangedLineShape(serializers.Serializer[Any]):
    """What a line was and is, and where what was given up went; `asked_of_factory` stays owed until it agrees."""

    line_number = serializers.IntegerField()
    sku = serializers.CharField()
    from_quantity = serializers.IntegerField()
    to_quantity = serializers.IntegerField(source="quantity")
    unit_price = fields.unit_price()
    net_amount = fields.amount()
    given_up = serializers.SerializerMethodField()
    passed_on = serializers.SerializerMethodField()
    kept_in_stock = serializers.SerializerMethodField()
    asked_of_factory = serializers.SerializerMethodField()

    def get_given_up(self, line: Any) -> int:
        """Return what is given up of goods that are being bought; the three that follow sum to it."""
        return int(sum(one.quantity for one in line.releases))

    def get_passed_on(self, line: Any) -> int:
        """Return what others who wait got."""
        return int(line.given(asked=False, owned=True))

    def get_kept_in_stock(self, line: Any) -> int:
        """Return what the platform took."""
        return int(line.given(asked=False))

    def get_asked_of_factory(self, line: Any) -> int:
        """Return what the factory is asked not to make."""
        return int(line.given(asked=True))


class ChangeResultShape(serializers.Serializer[Any]):
    """The order as it stands after the change, or would after a preview; `change_id` is null when nothing changed."""

    order = OrderShape()
    change_id = serializers.UUIDField(source="change.pk", default=None, allow_null=True)
    lines = ChangedLineShape(many=True)


class OldLineShape(serializers.Serializer[Any]):
    """What a change did to a line."""

    line_number = serializers.IntegerField(source="order_line.line_number")
    sku = serializers.CharField(source="order_line.product.sku")
    from_quantity = serializers.IntegerField()
    to_quantity = serializers.IntegerField()
    given_up = serializers.SerializerMethodField()
    passed_on = serializers.IntegerField()
    kept_in_stock = serializers.IntegerField()
    asked_of_factory = serializers.IntegerField()
    need_by_date = serializers.DateField(source="to_need_by_date", allow_null=True)

    def get_given_up(self, line: Any) -> int:
        """Return what was given up of goods that were being bought; the three beside it sum to it."""
        return int(line.passed_on + line.kept_in_stock + line.asked_of_factory)


class CancellationShape(serializers.Serializer[Any]):
    """What stays owed until a factory agrees to make less."""

    line_number = serializers.IntegerField(source="order_line.line_number")
    quantity = serializers.IntegerField()
    status = serializers.CharField()


class ChangeShape(serializers.Serializer[Any]):
    """A change of an order, from one version to the next."""

    id = serializers.UUIDField()
    from_version = serializers.IntegerField()
    to_version = serializers.IntegerField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    lines = OldLineShape(many=True, source="lines.all")
    requests = CancellationShape(many=True, source="requests.all")


class PurchaseChangeLineShape(serializers.Serializer[Any]):
    """How many base units of a purchase line are asked for instead of what was promised."""

    line_number = serializers.IntegerField(source="purchase_order_line.line_number")
    sku = serializers.CharField(source="purchase_order_line.product.sku")
    from_quantity = serializers.IntegerField()
    to_quantity = serializers.IntegerField()


class PurchaseChangeShape(serializers.Serializer[Any]):
    """A request to make less; it names no dealer."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    from_version = serializers.IntegerField()
    to_version = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    lines = PurchaseChangeLineShape(many=True, source="lines.all")


class PurchaseChangeInput(serializers.Serializer[Any]):
    """The answer to a request, by its id."""

    change = serializers.UUIDField()
    is_accepted = serializers.BooleanField()
    reason = fields.text(500)


class SubstitutionShape(serializers.Serializer[Any]):
    """An offer: so many of another product, at a price, for a part of a line that came short."""

    id = serializers.UUIDField()
    status = serializers.CharField()
    order = serializers.CharField(source="order_line.order.number")
    line_number = serializers.IntegerField(source="order_line.line_number")
    sku = serializers.CharField(source="order_line.product.sku")
    quantity = serializers.IntegerField()
    substitute_sku = serializers.CharField(source="product.sku")
    substitute_quantity = serializers.IntegerField()
    unit_price = fields.unit_price()
    promised_date = serializers.DateField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

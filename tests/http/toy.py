"""A toy API over the catalogue: the base views without any app's rules."""

from django.urls import include, path
from rest_framework import serializers

from b2b.catalog.models import Product
from b2b.core.actor import DEALER
from b2b.db.models import NumberSeries
from b2b.db.sequences import take
from b2b.http.views import ChangeView, CommandView, DetailView
from b2b.urls import urlpatterns as real

KIND = "toy"


class NumberInput(serializers.Serializer):
    """How many numbers are wanted."""

    count = serializers.IntegerField(min_value=1, max_value=10**30)
    note = serializers.CharField(required=False, allow_blank=True)
    lines = serializers.ListField(child=serializers.IntegerField(min_value=1), required=False)


class Numbers(CommandView):
    """Take numbers from a series: an effect that shows how often it happened."""

    scope, kinds = "toys", {DEALER}
    input = NumberInput
    output = type("NumberShape", (serializers.Serializer,), {"last": serializers.IntegerField()})
    status = 201

    def call(self, data, *, by, at):
        last = list(take(KIND, by.organization_id, data["count"]))[-1]
        return type("Taken", (), {"last": last})()


class Toy(Product):
    """A product that pretends to be a document: its weight is its version."""

    class Meta:
        proxy = True
        app_label = "catalog"

    @property
    def version(self):
        return self.weight_g


class ToyShape(serializers.Serializer):
    """SKU and name."""

    sku = serializers.CharField()
    name = serializers.CharField()


class OneToy(DetailView, ChangeView):
    """Show a toy; PATCH renames it."""

    scope = "toys"
    lookup_field = "sku"
    serializer = output = ToyShape
    input = type("ToyInput", (serializers.Serializer,), {"name": serializers.CharField(max_length=200)})

    def rows(self, actor):
        return Toy.objects.none() if actor.is_anonymous else Toy.objects.all()

    def call(self, data, *, by, at, sku):
        toy = Toy.objects.get(sku=sku)
        toy.name, toy.weight_g = data["name"], toy.weight_g + 1
        toy.save()
        return toy


def taken(organization):
    """Return how many numbers were taken."""
    row = NumberSeries.objects.filter(kind=KIND, issuer_id=organization.pk).first()
    return row.last_number if row else 0


urlpatterns = [
    path(
        "api/v1/toys/", include([path("numbers/", Numbers.as_view()), path("<str:sku>/", OneToy.as_view())])
    ),
    *real,
]

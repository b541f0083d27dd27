"""Loads offered to carriers: opened and withdrawn by the operator, answered by carriers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.request import Request

from b2b.core import clock
from b2b.core.actor import CARRIER, OPERATOR, Actor
from b2b.core.money import Money
from b2b.http.views import CommandView, DetailView, ListView
from logistics.models import Offer, Tender
from logistics.rest.inputs import ReasonInput
from logistics.selectors import tender as tenders
from logistics.services import tender, tender_answer

HAULIERS = (CARRIER, OPERATOR)
OVERSEERS = (OPERATOR,)


class TenderInput(serializers.Serializer[Any]):
    """Which shipments make the load, when it is fetched, who is asked (by default the nearest that fit) and how."""

    shipments = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=tender.MOST_SHIPMENTS
    )
    mode = serializers.ChoiceField(choices=Tender.Mode.values, default=Tender.Mode.BROADCAST)
    carriers = serializers.ListField(
        child=serializers.CharField(max_length=32), required=False, max_length=tender.MOST_CARRIERS
    )
    nearest = serializers.IntegerField(min_value=1, max_value=tender.MOST_CARRIERS, default=5)
    pickup_from_at = serializers.DateTimeField()
    pickup_until_at = serializers.DateTimeField()
    answer_minutes = serializers.IntegerField(min_value=1, max_value=10_080, default=60)
    price = serializers.DecimalField(max_digits=18, decimal_places=3, required=False, allow_null=True)
    currency = serializers.RegexField(r"^[A-Z]{3}$", default="CNY")


class CarrierOfferInput(serializers.Serializer[Any]):
    """What the carrier asks, with which vehicle, and when it fetches the load."""

    price = serializers.DecimalField(max_digits=18, decimal_places=3)
    vehicle = serializers.CharField(max_length=24)
    pickup_at = serializers.DateTimeField()


class AcceptOfferInput(serializers.Serializer[Any]):
    """With which vehicle and when (by default as soon as it is ready); the operator takes what the carrier named."""

    vehicle = serializers.CharField(max_length=24, required=False, default="", allow_blank=True)
    pickup_at = serializers.DateTimeField(required=False)


class OfferedLoadShape(serializers.Serializer[Any]):
    """A load, as whoever is asked to carry it may know it."""

    tender = serializers.CharField(source="number")
    mode = serializers.CharField()
    warehouse = serializers.CharField(source="warehouse_site.code")
    pickup_from_at = serializers.DateTimeField()
    pickup_until_at = serializers.DateTimeField()
    drops = serializers.IntegerField()
    distance_m = serializers.IntegerField()
    weight_g = serializers.IntegerField()
    volume_cm3 = serializers.IntegerField()
    required_skills = serializers.ListField(child=serializers.CharField())
    price = serializers.DecimalField(max_digits=18, decimal_places=3, allow_null=True)
    currency = serializers.CharField()


class CarrierOfferShape(serializers.Serializer[Any]):
    """What a carrier was asked and what it answered; `trip` once it has won."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    carrier = serializers.CharField(source="carrier.code")
    reasons = serializers.ListField(child=serializers.DictField())
    expires_at = serializers.DateTimeField()
    price = serializers.DecimalField(max_digits=18, decimal_places=3, allow_null=True)
    pickup_at = serializers.DateTimeField(allow_null=True)
    vehicle = serializers.CharField(source="vehicle.code", allow_null=True, default=None)
    load = OfferedLoadShape(source="tender")
    trip_id = serializers.SerializerMethodField()

    def get_trip_id(self, offer: Offer) -> UUID | None:
        """Name the trip to whoever won it."""
        return offer.tender.trip_id if offer.status == "ACCEPTED" else None


class TenderShape(OfferedLoadShape):
    """A tender."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.CharField()
    trip_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()


class OfferFilter(filters.FilterSet):
    """By status, tender or carrier."""

    tender = filters.CharFilter(field_name="tender__number", max_length=40)
    carrier = filters.CharFilter(field_name="carrier__code", max_length=32)

    class Meta:
        model = Offer
        fields = ("status",)


class Tenders(ListView, CommandView):
    """List the loads that are or were offered; POST offers shipments that wait as one load."""

    scope, kinds, write_kinds = "logistics", OVERSEERS, OVERSEERS
    selector = tenders.visible
    serializer = output = TenderShape
    input, status = TenderInput, HTTPStatus.CREATED

    def call(self, data: Any, *, by: Actor, at: Any) -> Any:
        """Open the tender."""
        shipments, price, currency = data.pop("shipments"), data.pop("price", None), data.pop("currency")
        terms = tender.Terms(
            **data, price=Money.of(price, currency) if price is not None else None, currency=currency
        )
        return tender.open_tender(shipments, terms, by=by, at=at)


class OneTender(DetailView):
    """Show a tender."""

    scope, kinds = "logistics", OVERSEERS
    selector = tenders.visible
    serializer = TenderShape


class Withdraw(CommandView):
    """Take a tender back while nobody has won it."""

    scope, kinds = "logistics", OVERSEERS
    selector = tenders.visible
    input, output = ReasonInput, TenderShape

    def call(self, data: Any, *, by: Actor, at: Any, tender_id: UUID) -> Any:
        """Withdraw it."""
        return tender.withdraw(tender_id, by=by, at=at, **data)


class Offers(ListView):
    """List what the caller was asked to carry (an operator: all offers)."""

    scope, kinds = "logistics", HAULIERS
    selector = tenders.offers
    serializer = CarrierOfferShape
    filterset = OfferFilter


class OneOffer(DetailView, CommandView):
    """Show an offer; POST names the carrier's price."""

    scope, kinds, write_kinds = "logistics", HAULIERS, (CARRIER,)
    selector = tenders.offers
    serializer = output = CarrierOfferShape
    input = CarrierOfferInput

    def call(self, data: Any, *, by: Actor, at: Any, offer_id: UUID) -> Any:
        """Name the price."""
        return tender_answer.offer(offer_id, vehicle_code=data.pop("vehicle"), by=by, at=at, **data)


class Accept(CommandView):
    """Take a load at its price, or, for the operator, at the price a carrier named; of several at once one wins."""

    scope, kinds = "logistics", HAULIERS
    selector = tenders.offers
    input, output = AcceptOfferInput, CarrierOfferShape

    def command(self, request: Request) -> HttpResponseBase:
        """Plan the round first, because a planner must not hold a transaction open; the rest is as ever."""
        offer, data = self.find(), self.parse(request)
        self.commitment = tender_answer.prepare(
            offer.pk,
            vehicle_code=data["vehicle"],
            pickup_at=data.get("pickup_at"),
            by=self.actor,
            at=clock.now(),
        )
        return super().command(request)

    def call(self, data: Any, *, by: Actor, at: Any, offer_id: UUID) -> Any:
        """Take it."""
        return tender_answer.accept(offer_id, self.commitment, by=by, at=at)


class End(CommandView):
    """End an offer: a carrier declines or withdraws, the operator refuses; whoever is next is asked."""

    scope, kinds = "logistics", HAULIERS
    selector = tenders.offers
    input, output = ReasonInput, CarrierOfferShape
    verb = ""

    def call(self, data: Any, *, by: Actor, at: Any, offer_id: UUID) -> Any:
        """End it by the verb of the URL."""
        return tender_answer.end(offer_id, self.verb, by=by, at=at, **data)


class Decline(End):
    """Decline to carry a load."""

    verb = "decline"


class TakeBack(End):
    """Withdraw a price that was named."""

    verb = "withdraw"


class Refuse(End):
    """Refuse a price that a carrier named; for the operator."""

    verb = "refuse"

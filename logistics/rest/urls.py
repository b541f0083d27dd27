"""Addresses of logistics."""

from __future__ import annotations

from django.urls import path

from logistics.rest import arrival, freight, position, route_plan, shipment, tender, trip

urlpatterns = [
    path("shipments/", shipment.Shipments.as_view(), name="shipments"),
    path("shipments/<uuid:shipment_id>/", shipment.OneShipment.as_view(), name="shipment"),
    path("shipments/<uuid:shipment_id>/tracking/", shipment.Tracking.as_view(), name="shipment-tracking"),
    path("shipments/<uuid:shipment_id>/arrivals/", arrival.Arrivals.as_view(), name="shipment-arrivals"),
    path("shipments/<uuid:shipment_id>/delivery/", shipment.Delivery.as_view(), name="shipment-delivery"),
    path("shipments/<uuid:shipment_id>/failure/", shipment.Failure.as_view(), name="shipment-failure"),
    path("shipments/<uuid:shipment_id>/retry/", shipment.Retry.as_view(), name="shipment-retry"),
    path("trips/", trip.Trips.as_view(), name="trips"),
    path("trips/<uuid:trip_id>/", trip.OneTrip.as_view(), name="trip"),
    path("trips/<uuid:trip_id>/depart/", trip.Depart.as_view(), name="trip-depart"),
    path("trips/<uuid:trip_id>/cancel/", trip.Cancel.as_view(), name="trip-cancel"),
    path("tenders/", tender.Tenders.as_view(), name="tenders"),
    path("tenders/<uuid:tender_id>/", tender.OneTender.as_view(), name="tender"),
    path("tenders/<uuid:tender_id>/withdraw/", tender.Withdraw.as_view(), name="tender-withdraw"),
    path("offers/", tender.Offers.as_view(), name="offers"),
    path("offers/<uuid:offer_id>/", tender.OneOffer.as_view(), name="offer"),
    path("offers/<uuid:offer_id>/accept/", tender.Accept.as_view(), name="offer-accept"),
    path("offers/<uuid:offer_id>/decline/", tender.Decline.as_view(), name="offer-decline"),
    path("offers/<uuid:offer_id>/withdraw/", tender.TakeBack.as_view(), name="offer-withdraw"),
    path("offers/<uuid:offer_id>/refuse/", tender.Refuse.as_view(), name="offer-refuse"),
    path("route-plans/", route_plan.RoutePlans.as_view(), name="route-plans"),
    path("route-plans/<uuid:plan_id>/", route_plan.OneRoutePlan.as_view(), name="route-plan"),
    path(
        "route-plans/<uuid:plan_id>/accept/", route_plan.AcceptRoutePlan.as_view(), name="route-plan-accept"
    ),
    path(
        "route-plans/<uuid:plan_id>/cancel/", route_plan.CancelRoutePlan.as_view(), name="route-plan-cancel"
    ),
    path("route-plans/<uuid:plan_id>/again/", route_plan.RepeatRoutePlan.as_view(), name="route-plan-again"),
    path("freight-invoices/", freight.FreightInvoices.as_view(), name="freight-invoices"),
    path("freight-invoices/<uuid:invoice_id>/", freight.OneFreightInvoice.as_view(), name="freight-invoice"),
    path(
        "freight-invoices/<uuid:invoice_id>/accept/",
        freight.AcceptFreightInvoice.as_view(),
        name="freight-invoice-accept",
    ),
    path(
        "freight-invoices/<uuid:invoice_id>/reject/",
        freight.RejectFreightInvoice.as_view(),
        name="freight-invoice-reject",
    ),
    path("positions/", position.Positions.as_view(), name="positions"),
    path("vehicles/nearest/", position.NearestVehicles.as_view(), name="vehicles-nearest"),
    path("vehicles/", trip.Vehicles.as_view(), name="vehicles"),
]

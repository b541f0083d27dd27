"""What logistics keeps: the fleet, shipments, trips, where goods were seen, who signed for them, what it cost."""

from logistics.models.alert import TripAlert
from logistics.models.arrival import ArrivalEstimate, Pace
from logistics.models.driver import DriverAction, DriverPass, Evidence
from logistics.models.fleet import Driver, Tariff, TariffBreak, Vehicle
from logistics.models.freight import FreightCharge
from logistics.models.freight_invoice import FreightInvoice, FreightInvoiceLine, FreightTolerance
from logistics.models.position import PositionFix, QuarantineDecision, QuarantinedFix, VehicleMirror
from logistics.models.proof import ProofLine, ProofOfDelivery
from logistics.models.route_plan import RoutePlan
from logistics.models.shipment import Shipment, ShipmentLine, ShipmentPackage
from logistics.models.tender import Offer, Tender, TenderedShipment
from logistics.models.tracking import TrackingEvent
from logistics.models.trip import Drop, Stop, Trip

__all__ = [
    "ArrivalEstimate",
    "Driver",
    "DriverAction",
    "DriverPass",
    "Drop",
    "Evidence",
    "FreightCharge",
    "FreightInvoice",
    "FreightInvoiceLine",
    "FreightTolerance",
    "Offer",
    "Pace",
    "PositionFix",
    "ProofLine",
    "ProofOfDelivery",
    "QuarantineDecision",
    "QuarantinedFix",
    "RoutePlan",
    "Shipment",
    "ShipmentLine",
    "ShipmentPackage",
    "Stop",
    "Tariff",
    "TariffBreak",
    "Tender",
    "TenderedShipment",
    "TrackingEvent",
    "Trip",
    "TripAlert",
    "Vehicle",
    "VehicleMirror",
]

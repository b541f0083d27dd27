"""What must always hold in logistics."""

from b2b.db.invariants import invariant

invariant(
    "logistics.freight_is_shared",
    "The freight shares of a trip that has left sum to its cost",
    """
    SELECT trip.number, trip.cost, coalesce(sum(charge.amount), 0) AS shared
    FROM logistics_trip trip LEFT JOIN logistics_freightcharge charge ON charge.trip_id = trip.id
    WHERE trip.status IN ('DEPARTED', 'COMPLETED')
    GROUP BY trip.id HAVING trip.cost <> coalesce(sum(charge.amount), 0)
    """,
)

invariant(
    "logistics.carried_once",
    "A shipment in transit is on exactly one open drop of a trip that has left; any other but a planned one on none",
    """
    SELECT shipment.number, shipment.status, count(trip.id) AS drops
    FROM logistics_shipment shipment
    LEFT JOIN logistics_drop visit ON visit.shipment_id = shipment.id AND visit.outcome = 'OPEN'
    LEFT JOIN logistics_trip trip ON trip.id = visit.trip_id AND trip.status = CASE shipment.status
        WHEN 'IN_TRANSIT' THEN 'DEPARTED' WHEN 'PLANNED' THEN 'PLANNED' ELSE trip.status END
    GROUP BY shipment.id
    HAVING count(trip.id) <> CASE WHEN shipment.status IN ('PLANNED', 'IN_TRANSIT') THEN 1 ELSE 0 END
    """,
)

invariant(
    "logistics.shipped_is_delivered_or_short",
    "Of every line of a delivered shipment, accepted and short quantities sum to what was shipped",
    """
    SELECT shipment.number, line.line_number, line.quantity,
        sum(taken.accepted_quantity) AS accepted, sum(taken.short_quantity) AS short
    FROM logistics_shipment shipment
    JOIN logistics_shipmentline line ON line.shipment_id = shipment.id
    LEFT JOIN logistics_proofline taken ON taken.shipment_line_id = line.id
    WHERE shipment.status = 'DELIVERED'
    GROUP BY shipment.id, line.id
    HAVING line.quantity <> coalesce(sum(taken.accepted_quantity + taken.short_quantity), 0)
    """,
)

invariant(
    "logistics.vehicle_is_in_one_place",
    "No vehicle has two trips at the same time",
    """
    SELECT one.number, other.number AS overlaps
    FROM logistics_trip one JOIN logistics_trip other
        ON other.vehicle_id = one.vehicle_id AND other.id > one.id
        AND one.departs_at < other.returns_at AND other.departs_at < one.returns_at
    WHERE one.status IN ('PLANNED', 'DEPARTED') AND other.status IN ('PLANNED', 'DEPARTED')
    """,
)

invariant(
    "logistics.load_fits",
    "No trip carries more than its vehicle may, by weight, volume or pallets",
    """
    SELECT trip.number, vehicle.code, trip.weight_g, vehicle.capacity_weight_g,
        trip.volume_cm3, vehicle.capacity_volume_cm3, trip.pallets, vehicle.capacity_pallets
    FROM logistics_trip trip JOIN logistics_vehicle vehicle ON vehicle.id = trip.vehicle_id
    WHERE trip.status IN ('PLANNED', 'DEPARTED')
    AND (trip.weight_g > vehicle.capacity_weight_g OR trip.volume_cm3 > vehicle.capacity_volume_cm3
        OR trip.pallets > vehicle.capacity_pallets)
    """,
)

"""Proofs of delivery, sealed into the chain of their trip."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from b2b.core.geo import great_circle_m
from b2b.core.ids import uuid7
from logistics.models import Drop, ProofLine, ProofOfDelivery, Shipment, ShipmentLine
from logistics.policies import evidence
from logistics.policies.acceptance import Taken
from logistics.selectors import proofs

if TYPE_CHECKING:
    from logistics.services.delivery import Capture


def is_sha256(text: str) -> bool:
    """Tell whether `text` is a SHA-256 in lower-case hex."""
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None


def write(
    shipment: Shipment,
    drop: Drop,
    capture: Capture,
    taken: Sequence[tuple[ShipmentLine, Taken]],
    *,
    at: datetime,
) -> ProofOfDelivery:
    """Write a proof and its lines as the next link of the trip's chain; the caller holds the trip."""
    last = ProofOfDelivery.objects.filter(trip_id=drop.trip_id).order_by("-chain_sequence").first()
    position = capture.position
    made = ProofOfDelivery(
        id=uuid7(),
        shipment=shipment,
        trip_id=drop.trip_id,
        drop=drop,
        dealer_id=shipment.dealer_id,
        carrier_id=drop.carrier_id,
        capture_id=capture.capture_id,
        signer_name=capture.signer_name.strip(),
        signer_role=capture.signer_role,
        delivered_at=capture.delivered_at,
        received_at=at,
        latitude=None if position is None else proofs.micro_degrees(position.latitude),
        longitude=None if position is None else proofs.micro_degrees(position.longitude),
        distance_m=None if position is None else great_circle_m(position, drop.stop.point),
        photo_sha256=capture.photo_sha256,
        signature_sha256=capture.signature_sha256,
        chain_sequence=last.chain_sequence + 1 if last else 1,
        previous_hash=last.hash if last else evidence.origin(drop.trip_id),
    )
    lines = [
        ProofLine(
            proof=made,
            shipment_line=line,
            dealer_id=shipment.dealer_id,
            carrier_id=drop.carrier_id,
            accepted_quantity=part.accepted_quantity,
            short_quantity=part.short_quantity,
            reason=part.reason[:120],
        )
        for line, part in taken
    ]
    made.hash = evidence.seal(proofs.content(made, lines), made.previous_hash)
    made.save(force_insert=True)
    ProofLine.objects.bulk_create(lines)
    return made

"""Proofs of delivery: what is sealed in them, and whether their chain holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from b2b.core.actor import Actor
from logistics.models import ProofLine, ProofOfDelivery
from logistics.policies import evidence


def of_shipment(actor: Actor, shipment_id: UUID) -> QuerySet[ProofOfDelivery]:
    """Return the proofs of a shipment an actor may see, with their lines."""
    proofs = ProofOfDelivery.objects.visible_to(actor).filter(shipment_id=shipment_id)
    return proofs.prefetch_related("lines__shipment_line").order_by("chain_sequence")


def micro_degrees(degrees: float) -> Decimal:
    """Return a position as it is kept: to a millionth of a degree, about a tenth of a metre."""
    return Decimal(repr(degrees)).quantize(Decimal("0.000001"))


def content(proof: ProofOfDelivery, lines: Iterable[ProofLine]) -> dict[str, Any]:
    """Return what a proof seals: everything it says, times in UTC."""
    signature = {"signature_sha256": proof.signature_sha256} if proof.signature_sha256 else {}
    return {
        **signature,  # proofs without one are sealed as they were before there was any
        "id": str(proof.pk),
        "shipment": str(proof.shipment_id),
        "trip": str(proof.trip_id),
        "sequence": proof.chain_sequence,
        "capture": proof.capture_id,
        "signer": [proof.signer_name, proof.signer_role],
        "delivered_at": proof.delivered_at.astimezone(UTC).isoformat(),
        "received_at": proof.received_at.astimezone(UTC).isoformat(),
        "position": None if proof.latitude is None else [str(proof.latitude), str(proof.longitude)],
        "distance_m": proof.distance_m,
        "photo_sha256": proof.photo_sha256,
        "lines": sorted(
            [line.shipment_line_id, line.accepted_quantity, line.short_quantity, line.reason]
            for line in lines
        ),
    }


def first_break(actor: Actor, trip_id: UUID) -> ProofOfDelivery | None:
    """Return the first proof of a trip that was changed or does not follow the one before it; None when all hold."""
    proofs = list(
        ProofOfDelivery.objects.visible_to(actor)
        .filter(trip_id=trip_id)
        .prefetch_related("lines")
        .order_by("chain_sequence")
    )
    links = [
        evidence.Link(content(proof, proof.lines.all()), proof.previous_hash, proof.hash) for proof in proofs
    ]
    broken = evidence.first_break(links, evidence.origin(trip_id))
    return None if broken is None else proofs[broken]

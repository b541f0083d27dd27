"""Why a signal asks for what it asks: what went in, written so that the same text comes out of it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from orders.policies import buffer


def written(facts: Mapping[str, Any]) -> str:
    """Return facts as canonical JSON: keys sorted, no spaces, numbers as they were told."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def result_of(facts: Mapping[str, Any]) -> dict[str, int]:
    """Compute zones, qualified demand, net flow and the order from the facts of a buffer."""
    profile = buffer.Profile(
        Decimal(facts["lead_time_factor"]), Decimal(facts["variability_factor"]), facts["order_cycle_days"],
        facts["spike_horizon_days"], facts["spike_basis_points"],
    )  # fmt: skip
    zone = buffer.zones(
        daily_usage=Decimal(facts["daily_usage"]),
        lead_time_days=Decimal(facts["lead_time_days"]),
        profile=profile,
        minimum=facts["moq"],
        zone_factor=Decimal(facts["zone_factor"]),
    )
    due = {date.fromisoformat(day): quantity for day, quantity in facts["demand"].items()}
    threshold = -(-zone.top_of_red * facts["spike_basis_points"] // 10_000)
    counted = buffer.qualified(
        due, today=date.fromisoformat(facts["today"]), horizon_days=facts["horizon_days"], threshold=threshold
    )
    net_flow = facts["on_hand"] + facts["on_order"] - counted
    lacks = buffer.shortfall(zone, net_flow)
    return {
        "red": zone.top_of_red,
        "yellow": zone.yellow,
        "green": zone.green,
        "qualified_demand": counted,
        "net_flow": net_flow,
        "shortfall": lacks,
        "quantity": buffer.to_order(lacks, minimum=facts["moq"], multiple=facts["order_multiple"]),
    }


def recompute(inputs: str) -> str:
    """Return the hash of what the inputs of a reason lead to."""
    facts = json.loads(inputs)
    return hashlib.sha256(written({"inputs": facts, "result": result_of(facts)}).encode()).hexdigest()

"""The value report of a played market: what happened, what it cost, what pooling saved and who got it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from b2b.market.play import Result
from b2b.tower.policies.value import COST_PARTS

SHARERS = {"dealer": "to the dealers", "platform": "to the platform", "factory": "to the factories"}
PARTS = {
    "freight_amount": "freight to dealers",
    "inbound_amount": "freight from factories",
    "duty_amount": "duty",
    "storage_amount": "warehousing",
    "fee_amount": "platform fees",
    "financing_amount": "financing",
    "shrinkage_amount": "lost and sent back",
    "claims_amount": "claimed back",
}


def as_json(result: Result) -> str:
    """Return the result as JSON; amounts as strings."""
    return json.dumps(as_dict(result), indent=2)


def as_dict(result: Result) -> dict[str, Any]:
    """Return the result as JSON writes it."""
    pace, bought = result.pace, result.bought
    return {
        "seed": result.seed,
        "days": result.days,
        "dealers": result.dealers,
        "counts": result.counts,
        "value": {name: _plain(found) for name, found in result.value.as_dict().items()},
        "bought": {"quantity": bought.purchased_quantity, "amount": str(bought.purchased_amount)},
        "pace": {name: _plain(getattr(pace, name)) for name in pace.__slots__},
        "broken_invariants": list(result.broken),
        "open_cases": result.open_cases,
    }


def _plain(found: Any) -> Any:
    return str(found) if isinstance(found, Decimal) else found


def as_text(result: Result) -> str:
    """Return the report as a person reads it."""
    value, pace = result.value, result.pace
    share = {name: getattr(value, f"{name}_share") for name in SHARERS}
    lines = [
        f"Market of {result.days} days, {result.dealers} dealers, seed {result.seed}",
        "",
        *(f"  {name:<28}{count:>12,}" for name, count in result.counts.items()),
        "",
        f"  {'bought alone':<28}{value.baseline:>16,.2f} {value.currency}",
        f"  {'bought together':<28}{value.pooled:>16,.2f}",
        f"  {'saved':<28}{value.saving:>16,.2f}   {_percent(value.saving, value.baseline)} of the baseline",
        *(
            f"    {SHARERS[name]:<26}{amount:>16,.2f}   {_percent(amount, value.saving)}"
            for name, amount in share.items()
        ),
        "",
        f"  {'circulation cost':<28}{value.circulation_cost:>16,.2f}   {value.cost_per_unit} a unit delivered",
        *(
            f"    {PARTS[name]:<26}{getattr(value, name):>16,.2f}"
            for name in COST_PARTS
            if getattr(value, name)
        ),
        "",
        f"  {'fill rate':<28}{value.fill_rate:>16.1%}",
        f"  {'on time in full':<28}{value.on_time_in_full:>16.1%}",
        f"  {'mean order cycle':<28}{value.cycle_time_s / 86400:>16.1f} days",
        f"  {'days sales outstanding':<28}{_known(pace.days_sales_outstanding):>16}",
        f"  {'inventory turns a year':<28}{_known(pace.inventory_turns):>16}",
        f"  {'bullwhip':<28}{_known(pace.bullwhip):>16}",
        "",
        f"  {'invariants broken':<28}{len(result.broken):>16}   {', '.join(result.broken)}",
        f"  {'open cases':<28}{result.open_cases:>16}",
    ]
    return "\n".join(line.rstrip() for line in lines)


def _known(found: Decimal | None) -> str:
    return "-" if found is None else str(found)


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{part / whole:.1%}" if whole else "-"

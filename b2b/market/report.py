"""The value report of a played market: what happened, what it cost, what pooling saved and who got it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from b2b.market.play import Result

SHARERS = {"dealer": "to the dealers", "platform": "to the platform", "factory": "to the factories"}


def as_json(result: Result) -> str:
    """Return the result as JSON; amounts as strings."""
    shown: dict[str, Any] = {
        "seed": result.seed,
        "days": result.days,
        "dealers": result.dealers,
        "counts": result.counts,
        "value": {name: _plain(found) for name, found in result.value.as_dict().items()},
        "broken_invariants": list(result.broken),
        "open_cases": result.open_cases,
    }
    return json.dumps(shown, indent=2)


def _plain(found: Any) -> Any:
    return str(found) if isinstance(found, Decimal) else found


def as_text(result: Result) -> str:
    """Return the report as a person reads it."""
    value = result.value
    share = {name: getattr(value, f"{name}_share") for name in ("dealer", "platform", "factory")}
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
        f"  {'freight':<28}{value.freight_amount:>16,.2f}   {value.freight_per_unit} a unit",
        "",
        f"  {'fill rate':<28}{value.fill_rate:>16.1%}",
        f"  {'on time in full':<28}{value.on_time_in_full:>16.1%}",
        f"  {'median order cycle':<28}{value.cycle_time_s / 86400:>16.1f} days",
        "",
        f"  {'invariants broken':<28}{len(result.broken):>16}   {', '.join(result.broken)}",
        f"  {'open cases':<28}{result.open_cases:>16}",
    ]
    return "\n".join(line.rstrip() for line in lines)


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{part / whole:.1%}" if whole else "-"

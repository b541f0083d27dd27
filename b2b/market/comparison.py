"""The same market lived twice, with pooling and without: each in a database of its own that is gone afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from b2b.core.errors import DomainError
from b2b.embedded.startup import MANAGE

ZERO: Final = Decimal(0)
# What a child must not inherit: where this installation keeps its data.
_OURS: Final = ("DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL")


class RunFailed(DomainError):
    """One of the two markets did not come to its end."""

    code = "market_run_failed"
    status = 500


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two markets, by its report; amounts in the market's currency."""

    ordered: int
    delivered: int
    goods: Decimal
    cost: Decimal
    bought_quantity: int
    bought: Decimal
    purchase_orders: int
    fill_rate: Decimal
    broken: tuple[str, ...]

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> Side:
        """Read a report of `play_market --json`."""
        value, bought = report["value"], report["bought"]
        return cls(
            ordered=value["ordered_quantity"],
            delivered=value["delivered_quantity"],
            goods=Decimal(value["ordered_amount"]),
            cost=Decimal(value["circulation_cost"]),
            bought_quantity=bought["quantity"],
            bought=Decimal(bought["amount"]),
            purchase_orders=report["counts"].get("purchase orders", 0),
            fill_rate=Decimal(value["fill_rate"]),
            broken=tuple(report["broken_invariants"]),
        )

    @property
    def price(self) -> Decimal:
        """What dealers pay for an ordered unit."""
        return _per(self.goods, self.ordered)

    @property
    def cost_per_unit(self) -> Decimal:
        """What it costs to bring a unit to a dealer."""
        return _per(self.cost, self.delivered)

    @property
    def landed(self) -> Decimal:
        """What a unit comes to at the dealer's: its price and what it costs to bring it."""
        return self.price + self.cost_per_unit


def _per(amount: Decimal, units: int) -> Decimal:
    return round(amount / units, 4) if units else ZERO


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two markets of one seed; `saving` is what the pooled one's orders cost less than they would have alone."""

    pooled: Side
    alone: Side

    @property
    def saving_per_unit(self) -> Decimal:
        """How much less a unit comes to at the dealer's."""
        return self.alone.landed - self.pooled.landed

    @property
    def saving(self) -> Decimal:
        """The same for all units that the pooled market ordered, to the cent."""
        return round(self.saving_per_unit * self.pooled.ordered, 2)

    def as_dict(self) -> dict[str, Any]:
        """Return both sides and the difference as JSON writes it."""
        return {
            **{
                name: {
                    member: _plain(getattr(side, member))
                    for member in (*side.__slots__, "price", "cost_per_unit", "landed")
                }
                for name, side in (("pooled", self.pooled), ("alone", self.alone))
            },
            "saving_per_unit": str(self.saving_per_unit),
            "saving": str(self.saving),
        }

    def as_text(self) -> str:
        """Return the comparison as a person reads it."""
        rows: Sequence[tuple[str, Any, Any]] = (
            ("units ordered", self.pooled.ordered, self.alone.ordered),
            ("units bought of factories", self.pooled.bought_quantity, self.alone.bought_quantity),
            ("purchase orders", self.pooled.purchase_orders, self.alone.purchase_orders),
            ("dealers pay a unit", self.pooled.price, self.alone.price),
            ("circulation cost a unit", self.pooled.cost_per_unit, self.alone.cost_per_unit),
            ("a unit at the dealer's", self.pooled.landed, self.alone.landed),
            ("fill rate", self.pooled.fill_rate, self.alone.fill_rate),
        )
        return "\n".join(
            [
                f"  {'':<28}{'pooled':>16}{'alone':>16}",
                *(f"  {name:<28}{pooled:>16,}{alone:>16,}" for name, pooled, alone in rows),
                "",
                f"  pooling saves {self.saving_per_unit} a unit, {self.saving:,} in all",
            ]
        )


def _plain(found: Any) -> Any:
    return str(found) if isinstance(found, Decimal) else list(found) if isinstance(found, tuple) else found


def run(*, days: int, dealers: int, seed: int, first_day: str) -> Comparison:
    """Live both markets in processes of their own, one after the other, and compare their reports.

    :raises RunFailed: when one of them does not end.
    """
    home = Path(tempfile.mkdtemp(prefix="ms-compare-"))
    home.chmod(0o755)
    try:
        told = [
            "--days",
            str(days),
            "--dealers",
            str(dealers),
            "--seed",
            str(seed),
            "--first-day",
            first_day,
            "--json",
        ]
        sides = {}
        for name, more in (("pooled", ()), ("alone", ("--no-pooling",))):
            _manage(home / name, "migrate", "--database", "owner", "--verbosity", "0")
            sides[name] = Side.of(json.loads(_manage(home / name, "play_market", *told, *more)))
        return Comparison(**sides)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _manage(var: Path, *command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    done = subprocess.run(
        [sys.executable, MANAGE, *command],
        env={**environment, "MIDSTREAM_VAR": str(var)},
        capture_output=True,
        text=True,
        check=False,
    )
    # A market whose invariants broke ends with 1 and its report.
    if done.returncode and not done.stdout.startswith("{"):
        raise RunFailed(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout

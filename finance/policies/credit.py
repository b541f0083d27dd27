"""How much a dealer may still order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """Exposure against a limit, in minor units: `used` is owed, `reserved` is ordered and not yet invoiced."""

    limit: int
    used: int
    reserved: int

    @property
    def available(self) -> int:
        """What may still be ordered; negative when the limit was lowered under the exposure."""
        return self.limit - self.used - self.reserved

    def shortfall(self, rise: int) -> int:
        """Return by how much a rise of the exposure would pass the limit; a fall is never refused."""
        return max(0, rise - self.available) if rise > 0 else 0


def after_change(ordered: int, invoiced: int) -> int:
    """Return what an order must still hold when its value is now `ordered`, of which `invoiced` became receivable."""
    return max(0, ordered - invoiced)


def after_invoice(held: int, invoiced_now: int, *, is_complete: bool) -> int:
    """Return what an order still holds after a part of it was invoiced; nothing once all of it was.

    Promise: the result is between zero and `held`.
    """
    return 0 if is_complete else max(0, held - invoiced_now)

"""What a dealer may still change of a line, and who gets what it gives up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from orders.policies.pooling import smallest

Rule = Literal["ask", "stock"]


@dataclass(frozen=True, slots=True)
class LineEdit:
    """What a line shall be: base units owed in all (0 cancels it), a date, a site's code; else it stays as it is."""

    line_number: int
    quantity: int | None = None
    need_by_date: date | None = None
    ship_to: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """An order line as it stands, locked. `pending` is what the factory was asked not to make.

    A line is bound once its goods are being bought or come from stock; until its cut-off it is free.
    """

    line_id: int
    line_number: int
    product_id: int
    sku: str
    base_unit: str
    category: str
    tax_rate: Decimal
    factory_id: int | None
    cycle_id: UUID | None
    quantity: int
    entered_unit: str
    pack_units: int
    unit_price: Decimal
    net_amount: Decimal
    tax_amount: Decimal
    requested: int
    cancelled: int
    covered: int
    pooled: int
    received: int
    shipped: int
    pending: int
    ship_to_site_id: int
    site_code: str
    need_by_date: date | None
    is_bound: bool
    is_closing: bool

    @property
    def owed(self) -> int:
        """Base units the dealer still wants of the line."""
        return self.requested - self.cancelled


@dataclass(frozen=True, slots=True)
class Move:
    """How the buckets of a line follow a new quantity; `given_up` is taken from its pegs, `extra` ordered anew."""

    requested: int = 0
    cancelled: int = 0
    covered: int = 0
    given_up: int = 0
    extra: int = 0


class TooLate(ValueError):
    """More would be given up than has not left yet and was not given up before."""


def plan(line: Held, quantity: int) -> Move:
    """Return how a line comes to owe `quantity` base units, as far as it decides that itself.

    A free line changes what it asks for. A bound one orders more as a line of its own; less is taken from what nobody
    bought yet, then from stock, then from what is being bought (`given_up`). Promise:
    owed - pending - cancelled - given_up + requested + extra is the quantity.

    :raises TooLate: when less is wanted than has left the warehouse.
    """
    change = quantity - (line.owed - line.pending)
    if not change:
        return Move()
    if not line.is_bound:
        return Move(cancelled=line.owed) if not quantity else Move(requested=change)
    if change > 0:
        return Move(extra=change)
    left = -change
    if quantity < line.shipped:
        raise TooLate
    waiting = min(left, line.owed - line.covered - line.pooled)
    # What left the warehouse came off the shelf or out of what was received; only the rest of both is still there.
    stock = min(left - waiting, line.covered, max(0, line.covered + line.received - line.shipped))
    return Move(cancelled=waiting + stock, covered=-stock, given_up=left - waiting - stock)


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase line that loses a part of its demand, in base units; `promised` is all of it while it is open."""

    promised: int
    despatched: int
    minimum: int
    multiple: int


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Where units that were given up go; they sum to what was given up."""

    passed_on: int
    kept_in_stock: int
    asked_of_factory: int


def absorb(given_up: int, bought: Bought, *, waiting: int, rule: Rule) -> Absorbed:
    """Return where `given_up` units of a purchase line go: to others who wait, then back to the factory, else to stock.

    Promise: the parts sum to `given_up`; what is asked of the factory leaves it a quantity its minimum and multiple
    admit, and has not been despatched. By the rule "stock" the factory is never asked.
    """
    passed_on = min(given_up, waiting)
    rest = given_up - passed_on
    asked = 0
    if rule == "ask" and rest:
        wanted = max(bought.promised - rest, bought.despatched)
        asked = bought.promised - smallest(wanted, minimum=bought.minimum, multiple=bought.multiple)
        asked = max(0, asked)
    return Absorbed(passed_on, rest - asked, asked)


@dataclass(frozen=True, slots=True)
class Pegged:
    """A peg that units are given up of: `held` base units count for its line, `received` of them have come."""

    peg_id: int
    held: int
    received: int


def spread(given_up: int, pegs: Sequence[Pegged]) -> list[tuple[int, int]]:
    """Return for each peg how many units it gives up and how many of those have come: what is to come goes first.

    :raises TooLate: when the pegs hold less.
    """
    to_come = [peg.held - peg.received for peg in pegs]
    taken = []
    left = given_up
    for units in to_come:
        taken.append(min(left, units))
        left -= taken[-1]
    arrived = []
    for peg in pegs:
        arrived.append(min(left, peg.received))
        left -= arrived[-1]
    if left:
        raise TooLate
    return [(first + second, second) for first, second in zip(taken, arrived, strict=True)]

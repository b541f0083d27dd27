"""What both desks show of a cycle: its moments, and how full its pools are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from b2b.admin import cells
from b2b.admin.tables import Fact, Table, columns
from b2b.core import clock
from orders.models import OrderCycle
from orders.selectors.pool_progress import Progress
from orders.states import BEFORE_CUTOFF


def moments(cycle: OrderCycle) -> Iterable[Fact]:
    """Say when a cycle opens, fills packs and closes, and how it repeats."""
    yield Fact(_("Opens"), cells.moment(cycle.opens_at))
    if cycle.boxfill_at:
        yield Fact(_("Fills packs from"), cells.moment(cycle.boxfill_at))
    yield Fact(_("Cut-off"), cells.moment(cycle.cutoff_at))
    if cycle.status in BEFORE_CUTOFF:
        yield Fact(_("Time left"), cells.left(cycle.cutoff_at, clock.now()))
    if cycle.recurrence:
        yield Fact(_("Repeats"), repeats(cycle.recurrence))
    if cycle.progress_at:
        yield Fact(_("Progress last told"), cells.moment(cycle.progress_at))


def repeats(rule: dict[str, Any]) -> str:
    """Say how a cycle repeats."""
    every = {"days": _("every %(n)d days"), "week": _("every %(n)d weeks"), "month": _("every %(n)d months")}
    said = every[rule["every"]] % {"n": rule.get("interval", 1)}
    return f"{said}, {rule['at'][:5]} {rule['zone']}" if "at" in rule else said


def next_price(one: Progress, currency: str) -> Any:
    """Say how far the next price is, in words that are true whatever the others order."""
    if one.next_unit_price is None or one.units_to_next_break is None:
        return _("best price reached")
    words = _("at most %(units)s more to %(price)s") % {
        "units": cells.quantity(one.units_to_next_break),
        "price": cells.price(one.next_unit_price, currency),
    }
    return cells.two_lines(cells.progress(one.percent_of_next_break or 0, 100, words), words)


def pools_table(cycle: OrderCycle, pools: list[Progress]) -> Table:
    """Show the pools as they are; for the operator."""
    return Table(
        _("Pools"),
        columns(
            _("Product"),
            (_("Dealers"),),
            (_("Sum"),),
            (_("Minimum"),),
            (_("Missing"),),
            _("To the next price"),
        ),
        [
            (
                cells.two_lines(one.name, one.sku),
                one.dealers,
                cells.quantity(one.quantity),
                cells.quantity(one.minimum),
                cells.quantity(one.missing),
                next_price(one, cycle.currency),
            )
            for one in pools
        ],
        empty=_("No dealer has ordered in this cycle yet."),
        note=_("Missing: what the pool lacks to the minimum and to a full pack of the factory."),
    )

"""Supply sources: on what terms a factory takes purchase orders, and what the platform pays it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from b2b.catalog.models import Product
from b2b.core.actor import Actor, acting_as, system
from b2b.core.errors import Invalid, Problem
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from orders.models import SourceBreak, SupplySource
from orders.policies.pricing import Break
from orders.services import terms_history
from orders.services.agreements import may_agree
from orders.services.terms_history import Change

SOURCE: Final = "SOURCE"


@dataclass(frozen=True, slots=True)
class Source:
    """On what terms a factory makes a product; quantities in base units, the lowest priority is asked first.

    `rejection_basis_points` of the price are claimed for goods that fail their inspection, `missing_basis_points` for
    goods that do not come; None: nothing is agreed (`policies.claiming.UNDECLARED`).
    """

    lead_time_days: int = 7
    moq: int = 1
    order_multiple: int = 1
    weekly_capacity: int | None = None
    priority: int = 1
    is_active: bool = True
    rejection_basis_points: int | None = None
    missing_basis_points: int | None = None


@unit_of_work()
def put(
    factory: Organization, product: Product, source: Source, *, reason: str = "", by: Actor, at: datetime
) -> SupplySource:
    """Make a factory a source of a product, or change its terms.

    :raises Forbidden: for anybody but the operator. :raises Invalid: when a number is not possible.
    """
    may_agree(by)
    _check(source)
    with acting_as(system("supply sources")):
        found = lock(SupplySource.objects.filter(factory=factory, product=product))
        made = found[0] if found else SupplySource(factory=factory, product=product)
        before = _shown(made) if found else None
        for name, value in asdict(source).items():
            setattr(made, name, value)
        made.save()
        change = Change(SOURCE, made.pk, factory.pk, "change" if found else "create", before, asdict(source))
        terms_history.record([change], by=by, at=at, reason=reason)
    return made


@unit_of_work()
def put_prices(
    source: SupplySource,
    breaks: Sequence[Break],
    *,
    currency: str,
    valid_from: date,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> None:
    """Write what the platform pays from a day on, in place of a table of the same day; the one before ends by it.

    No breaks at all take back the table of that day.

    :raises Forbidden: for anybody but the operator. :raises Invalid: for two prices of one quantity.
    """
    may_agree(by)
    if len({step.min_quantity for step in breaks}) < len(breaks):
        raise Invalid("There are two prices of one quantity.")
    with acting_as(system("supply sources")):
        locked = lock_one(SupplySource.objects.filter(pk=source.pk))
        old = SourceBreak.objects.filter(source=locked, currency=currency, valid_from=valid_from)
        before = [[step.min_quantity, step.unit_price] for step in old.order_by("min_quantity")]
        old.delete()
        SourceBreak.objects.bulk_create(
            SourceBreak(
                source=locked, currency=currency, valid_from=valid_from,
                min_quantity=step.min_quantity, unit_price=step.unit_price,
            )
            for step in breaks
        )  # fmt: skip
        change = Change(
            SOURCE, locked.pk, locked.factory_id, "price",
            _table(currency, valid_from, before) if before else None,
            _table(currency, valid_from, [[step.min_quantity, step.unit_price] for step in sorted(breaks)])
            if breaks else None,
        )  # fmt: skip
        terms_history.record([change], by=by, at=at, reason=reason)


def _table(currency: str, valid_from: date, breaks: list[list[Any]]) -> dict[str, Any]:
    return {"currency": currency, "valid_from": valid_from, "breaks": breaks}


def _shown(source: SupplySource) -> dict[str, Any]:
    return {name: getattr(source, name) for name in asdict(Source())}


def _check(source: Source) -> None:
    problems = [
        Problem(f"invalid_{name}", f"{value} is below {least}", field=name)
        for name, least in (
            ("moq", 1),
            ("order_multiple", 1),
            ("weekly_capacity", 0),
            ("lead_time_days", 0),
            ("priority", 0),
        )
        if (value := getattr(source, name)) is not None and value < least
    ]
    problems += [
        Problem(
            f"invalid_{name}",
            f"{value} is not within the price",
            field=name,
            remedy="give 0 to 10000, or nothing where nothing is agreed",
        )
        for name in ("rejection_basis_points", "missing_basis_points")
        if (value := getattr(source, name)) is not None and not 0 <= value <= 10_000
    ]
    if problems:
        raise Invalid("The terms are not possible.", problems=problems)

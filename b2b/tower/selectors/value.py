"""What circulation cost, what pooling saved, and how well dealers were served, from the sums of days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from b2b.core.actor import Actor
from b2b.db.bulk import fetch_dicts
from b2b.directory.selectors import organization
from b2b.tower.policies.value import Value

DEFAULT_DAYS: Final = 91
SAVINGS: Final = ("baseline", "pooled", "dealer_share", "platform_share", "factory_share")
_COUNTS: Final = (
    "lines",
    "ordered_quantity",
    "ordered_amount",
    "delivered_quantity",
    "freight_amount",
    "lines_in_full",
    "lines_on_time_in_full",
    "cycle_s",
)
_AMOUNTS: Final = ("ordered_amount", "freight_amount", *SAVINGS)
# A sum of whole numbers is a whole number.
_DAY_SUMS: Final = ", ".join(
    f"coalesce(sum({name}), 0){'' if name in _AMOUNTS else '::bigint'} AS {name}"
    for name in (*_COUNTS, *SAVINGS)
)
# Member -> the kind of flow that is summed up to it.
_FLOWS: Final = {
    "inbound_amount": "INBOUND",
    "duty_amount": "DUTY",
    "storage_amount": "STORAGE",
    "fee_amount": "FEE",
    "financing_amount": "FINANCING",
    "shrinkage_amount": "SHRINKAGE",
    "claims_amount": "CLAIM",
    "settled_dealer_share": "DEALER_SHARE",
    "settled_platform_share": "PLATFORM_SHARE",
    "settled_factory_share": "FACTORY_SHARE",
}
_FLOW_SUMS: Final = (
    ", ".join(
        f"coalesce(sum(amount) FILTER (WHERE kind = '{kind}'), 0) AS {name}" for name, kind in _FLOWS.items()
    )
    + ", coalesce(sum(quantity) FILTER (WHERE kind = 'ORDER'), 0)::bigint AS orders"
)
_KINDS: Final = ", ".join(f"'{kind}'" for kind in (*_FLOWS.values(), "ORDER"))
_WHERE: Final = """
    currency = %(currency)s AND day >= %(since)s AND day < %(until)s
        AND (%(dealer_id)s::bigint IS NULL OR dealer_id = %(dealer_id)s)
        AND (%(factory_id)s::bigint IS NULL OR factory_id = %(factory_id)s)
"""
DAYS: Final = f"""
    SELECT {{key}} AS key, count(DISTINCT dealer_id) FILTER (WHERE lines > 0) AS dealers, {_DAY_SUMS}
    FROM tower_valueday WHERE {_WHERE} AND (%(category)s::text IS NULL OR category = %(category)s) GROUP BY 1
"""
FLOWS: Final = f"""
    SELECT {{key}} AS key, {_FLOW_SUMS}
    FROM tower_flowfact flow LEFT JOIN catalog_product product ON product.id = flow.product_id
    WHERE kind IN ({_KINDS}) AND {_WHERE} AND (%(category)s::text IS NULL OR product.category = %(category)s)
    GROUP BY 1
"""
# Grouping -> the key of a day, of a flow. What is of no dealer, factory or category has a group of its own.
_PERIOD: Final = "date_trunc(%(step)s, day)::date::text"
_KEYS: Final = {
    "total": ("'all'", "'all'"),
    "period": (_PERIOD, _PERIOD),
    "category": ("category", "coalesce(product.category, '')"),
    "dealer": ("dealer_id::text", "coalesce(dealer_id, 0)::text"),
    "factory": ("factory_id::text", "coalesce(factory_id, 0)::text"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days [since, until) of the platform's time zone in one currency, and what they are narrowed to.

    A dealer's own figures are asked for with its own key, whatever `dealer_id` says.
    """

    since: date
    until: date
    currency: str = "CNY"
    dealer_id: int | None = None
    factory_id: int | None = None
    category: str | None = None

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days

    @property
    def step(self) -> str:
        """Into which periods it is cut for a plot: days, weeks or months (PostgreSQL's date_trunc)."""
        return "day" if self.days <= 31 else "week" if self.days <= 200 else "month"

    def params(self, actor: Actor) -> dict[str, Any]:
        """Return the parameters of a query on behalf of an actor; a party is narrowed to its own."""
        dealer_id = self.dealer_id if actor.sees_all else (actor.organization_id or 0)
        return {
            "since": self.since,
            "until": self.until,
            "currency": self.currency,
            "dealer_id": dealer_id,
            "factory_id": self.factory_id,
            "category": self.category or None,
            "step": self.step,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one period, cycle, category, product, dealer or factory; what is of none has key 0 or empty."""

    key: str
    label: str
    value: Value


def last(days: int, *, currency: str = "CNY", today: date) -> Span:
    """Return the span of so many days that ends with today."""
    return Span(today + timedelta(days=1 - days), today + timedelta(days=1), currency)


def of_moments(since: datetime, until: datetime, currency: str = "CNY") -> Span:
    """Return the span of the whole days that [since, until) touches."""
    zone = timezone.get_default_timezone()
    last_moment = timezone.localtime(until, zone) - timedelta(microseconds=1)
    return Span(timezone.localtime(since, zone).date(), last_moment.date() + timedelta(days=1), currency)


def between(actor: Actor, *, since: datetime, until: datetime, currency: str = "CNY") -> Value:
    """Return the figures of the days that [since, until) touches: a dealer's own, an operator's all. Two queries."""
    return total(actor, of_moments(since, until, currency))


def total(actor: Actor, span: Span) -> Value:
    """Return all of a span as one; two queries."""
    found = _grouped(actor, span, "total")
    return found[0].value if found else Value(span.currency)


def by_period(actor: Actor, span: Span) -> list[Group]:
    """Return the figures by day, week or month, the earliest first; periods without any are there too. Two queries."""
    found = {one.key: one for one in _grouped(actor, span, "period")}
    days = {_start(span.since + timedelta(days=index), span.step) for index in range(span.days)}
    return [
        found.get(day.isoformat(), Group(day.isoformat(), day.isoformat(), Value(span.currency)))
        for day in sorted(days)
    ]


def _start(day: date, step: str) -> date:
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day


def by_category(actor: Actor, span: Span) -> list[Group]:
    """Return the figures by category of goods, what was ordered most first; two queries."""
    return _largest(_grouped(actor, span, "category"))


def by_dealer(actor: Actor, span: Span) -> list[Group]:
    """Return the figures by dealer, what was ordered most first; a dealer sees itself alone. Three queries."""
    return named(_largest(_grouped(actor, span, "dealer")))


def by_factory(actor: Actor, span: Span) -> list[Group]:
    """Return the figures by factory, what was ordered most first; three queries."""
    return named(_largest(_grouped(actor, span, "factory")))


def _grouped(actor: Actor, span: Span, by: str) -> list[Group]:
    params, (day_key, flow_key) = span.params(actor), _KEYS[by]
    days = {row.pop("key"): row for row in fetch_dicts(DAYS.format(key=day_key), params)}
    moved = {row.pop("key"): row for row in fetch_dicts(FLOWS.format(key=flow_key), params)}
    return [
        Group(one, one, Value(span.currency, **days.get(one, {}), **moved.get(one, {})))
        for one in sorted({*days, *moved})
    ]


def _largest(groups: list[Group]) -> list[Group]:
    return sorted(groups, key=lambda one: (-one.value.ordered_amount, -one.value.saving, one.key))


def named(groups: list[Group]) -> list[Group]:
    """Give parties their names; one query."""
    known = organization.by_id(int(one.key) for one in groups)
    return [replace(one, label=known[int(one.key)].name if int(one.key) in known else "") for one in groups]

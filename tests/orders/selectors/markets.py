"""Random markets for the test of the resolver: who agreed what with whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

DAY = date(2026, 11, 23)
FIELDS = ("min_quantity", "order_multiple", "max_quantity", "min_amount")
# Few parties and one product, so that what is agreed meets.
SELLERS = BUYERS = GROUPS = 2
PRODUCTS = 1


@dataclass(frozen=True)
class Scope:
    """Whom terms are for: ("buyer", n), ("group", n) or everyone."""

    kind: str = "everyone"
    index: int = 0


@dataclass(frozen=True)
class Span:
    start: int
    end: int | None

    @property
    def holds(self) -> bool:
        return self.start <= 0 and (self.end is None or self.end >= 0)

    def columns(self) -> dict[str, date | None]:
        return {
            "valid_from": DAY + timedelta(days=self.start),
            "valid_to": None if self.end is None else DAY + timedelta(days=self.end),
        }


@dataclass(frozen=True)
class Agreed:
    seller: int
    scope: Scope
    product: int
    currency: str
    priority: int
    span: Span
    table: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Ruled:
    seller: int
    scope: Scope
    product: int | None
    priority: int
    values: tuple[int | None, ...]


@dataclass(frozen=True)
class Market:
    agreements: tuple[Agreed, ...]
    rules: tuple[Ruled, ...]
    members: tuple[tuple[int, int, Span], ...]
    sources: tuple[tuple[int, int, int, bool], ...]


SCOPES = st.one_of(
    st.just(Scope()),
    st.builds(Scope, st.sampled_from(["buyer", "group"]), st.integers(0, BUYERS - 1)),
)
SPANS = st.sampled_from([Span(-9, None), Span(0, 0), Span(-2, 5), Span(-9, -1), Span(1, None)])
TABLES = st.dictionaries(st.integers(1, 60), st.integers(1, 40), min_size=1, max_size=4).map(
    lambda steps: tuple(sorted(steps.items()))
)
AGREED = st.builds(
    Agreed,
    seller=st.integers(0, SELLERS - 1),
    scope=SCOPES,
    product=st.integers(0, PRODUCTS - 1),
    currency=st.sampled_from(["CNY", "CNY", "CNY", "EUR"]),
    priority=st.integers(1, 2),
    span=SPANS,
    table=TABLES,
)
RULED = st.builds(
    Ruled,
    seller=st.integers(0, SELLERS - 1),
    scope=SCOPES,
    product=st.one_of(st.none(), st.integers(0, PRODUCTS - 1)),
    priority=st.integers(1, 2),
    values=st.tuples(
        st.one_of(st.none(), st.integers(1, 9)),
        st.one_of(st.none(), st.integers(1, 9)),
        st.one_of(st.none(), st.integers(10, 19)),
        st.one_of(st.none(), st.integers(0, 99)),
    ),
)
MARKETS = st.builds(
    Market,
    agreements=st.lists(
        AGREED,
        min_size=3,
        max_size=12,
        unique_by=lambda one: (one.seller, one.scope, one.product, one.currency, one.priority),
    ).map(tuple),
    rules=st.lists(
        RULED,
        min_size=2,
        max_size=10,
        unique_by=lambda one: (one.seller, one.scope, one.product, one.priority),
    ).map(tuple),
    members=st.lists(
        st.tuples(st.integers(0, BUYERS - 1), st.integers(0, GROUPS - 1), SPANS),
        min_size=1,
        max_size=4,
        unique_by=lambda one: (one[0], one[1], one[2].start),
    ).map(tuple),
    sources=st.lists(
        st.tuples(
            st.integers(0, SELLERS - 1), st.integers(0, PRODUCTS - 1), st.integers(1, 2), st.booleans()
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda one: one[:2],
    ).map(tuple),
)

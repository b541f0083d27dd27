"""Every event of the published language survives JSON and names its aggregate and parties."""

import typing
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import UUID

import msgspec
import pytest

from b2b.contracts.base import Event
from b2b.core.ids import uuid7

for module in ("orders", "warehousing", "logistics", "finance"):
    import_module(f"b2b.contracts.{module}")

EVENTS = sorted(Event.__subclasses__(), key=lambda event: event.topic)


def example(kind: Any) -> Any:
    """Build a value of a contract's field type."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return (example(args[0]),)
    if args:  # an optional value
        return example(next(arg for arg in args if arg is not type(None)))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        return kind(**{field.name: example(hints[field.name]) for field in msgspec.structs.fields(kind)})
    simple = {
        str: "text",
        int: 7,
        bool: True,
        Decimal: Decimal("12.345678"),
        UUID: uuid7(),
        date: date(2026, 2, 28),
        datetime: datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC),
    }
    return simple[kind]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.topic)
def test_an_event_comes_back_as_it_went(event: type[Event]) -> None:
    fact = example(event)
    assert event.from_json(fact.to_json()) == fact
    assert fact.aggregate_id
    assert len(fact.parties) == len(event.party_fields)


def test_topics_are_unique_and_versioned() -> None:
    topics = [event.topic for event in EVENTS]
    assert len(set(topics)) == len(topics)
    assert all(topic.rpartition(".v")[2].isdigit() for topic in topics), topics


def test_an_event_does_not_change() -> None:
    with pytest.raises(AttributeError):
        example(EVENTS[0]).occurred_at = datetime.now(UTC)

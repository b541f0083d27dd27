"""What every event has in common: frozen, versioned, JSON in and out without loss."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A value inside an event."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that happened, in the past tense.

    `topic` is `<app>.<subject>.<fact>.v<N>`; a field is only ever added with a default, anything else is a new version.
    `aggregate` names the field that identifies the document the fact is about: order is kept per aggregate.
    `party_fields` name the fields that hold the organisations allowed to read the event from outside.
    """

    topic: ClassVar[str] = ""
    aggregate: ClassVar[str] = ""
    party_fields: ClassVar[tuple[str, ...]] = ()

    occurred_at: datetime

    @property
    def aggregate_id(self) -> str:
        """Identity of the document the fact is about."""
        return str(getattr(self, self.aggregate))

    @property
    def parties(self) -> tuple[int, ...]:
        """Organisations that may read this event; the operator always may."""
        return tuple(getattr(self, name) for name in self.party_fields)

    def to_json(self) -> str:
        """Return the event as JSON text; decimals and ids as strings."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read the event back from its JSON text.

        :raises msgspec.ValidationError: when the text does not fit the contract.
        """
        return msgspec.json.decode(text, type=cls)

"""Find EPCIS events: the simple event query of EPCIS 2.0, for whoever they concern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db.models import Exists, OuterRef, Q, QuerySet

from b2b.core.actor import Actor
from b2b.core.epcis import uris, vocabulary
from b2b.core.epcis.event import TYPES
from b2b.core.epcis.fingerprint import stamp
from b2b.core.errors import Invalid, NotFound, Problem
from b2b.db.bulk import fetch
from warehousing.models import EpcisCapture, EpcisEvent, EpcisMention

_ERRORS: Final = """
SELECT one.error::text FROM warehousing_epciscapture capture,
    jsonb_array_elements(capture.errors) WITH ORDINALITY AS one(error, place)
WHERE capture.id = %(key)s AND one.place > %(after)s ORDER BY one.place LIMIT %(most)s
"""
PER_PAGE: Final = 30
MOST_PER_PAGE: Final = 500
_MOST_VALUES: Final = 50

_TIMES: Final = {
    "GE_eventTime": "event_time__gte",
    "LT_eventTime": "event_time__lt",
    "GE_recordTime": "record_time__gte",
    "LT_recordTime": "record_time__lt",
}
_VALUES: Final = {
    "eventType": "kind",
    "EQ_bizStep": "biz_step",
    "EQ_disposition": "disposition",
    "EQ_readPoint": "read_point",
    "EQ_bizLocation": "biz_location",
    "EQ_eventID": "event_id",
}
_WORDS: Final = {"EQ_bizStep": "bizStep", "EQ_disposition": "disposition"}
# Parameter -> the parts of an event that are looked at; None for all of them.
_MATCHES: Final[dict[str, tuple[str, ...] | None]] = {
    "MATCH_epc": ("EPC", "CHILD"),
    "MATCH_parentID": ("PARENT",),
    "MATCH_anyEPC": None,
    "MATCH_epcClass": ("EPC", "CHILD"),
    "MATCH_anyEPCClass": None,
}
PAGING: Final = ("perPage", "nextPageToken")
PARAMETERS: Final = (*_VALUES, *_TIMES, *_MATCHES, *PAGING)


@dataclass(frozen=True, slots=True)
class Page:
    """Events as they are told, and the token of the next page; empty at the end."""

    events: list[dict[str, Any]]
    next_token: str


def query(actor: Actor, asked: Mapping[str, str]) -> Page:
    """Answer a simple event query: events in the order they were recorded; lists are separated by commas.

    :raises Invalid: for parameters that are unknown or make no sense.
    """
    problems: list[Problem] = []
    found = EpcisEvent.objects.visible_to(actor)
    for name, text in asked.items():
        if name in PAGING:
            continue
        condition = _condition(name, text)
        if isinstance(condition, Problem):
            problems.append(condition)
        else:
            found = found.filter(condition)
    size = _whole(asked.get("perPage", str(PER_PAGE)), most=MOST_PER_PAGE)
    after = _whole(asked.get("nextPageToken", "0"), most=2**62, least=0)
    if size is None or after is None:
        problems.append(
            Problem(
                "bad_page",
                f"perPage is 1 to {MOST_PER_PAGE}, nextPageToken a token given out",
                field="perPage",
            )
        )
    if problems or size is None or after is None:
        raise Invalid("The query has faults.", problems=problems)
    rows = list(found.filter(pk__gt=after).order_by("pk")[: size + 1])
    token = str(rows[size - 1].pk) if len(rows) > size else ""
    return Page([told(row) for row in rows[:size]], token)


def _condition(name: str, text: str) -> Q | Problem:
    values = [value.strip() for value in text.split(",") if value.strip()]
    if "\0" in text or not values or len(values) > _MOST_VALUES:
        return Problem("bad_value", f"give 1 to {_MOST_VALUES} values", field=name[:80])
    if name in _TIMES:
        moment = _moment(text)
        return (
            Q(**{_TIMES[name]: moment})
            if moment
            else Problem("bad_moment", "a moment with a time zone", field=name)
        )
    if name == "eventType" and set(values) - set(TYPES):
        return Problem("unknown_type", f"one of {', '.join(TYPES)}", field=name)
    if name in _WORDS:
        values = [vocabulary.bare(_WORDS[name], value) for value in values]
    if name in ("EQ_readPoint", "EQ_bizLocation"):
        values = [*values, *(uris.canonical(value) for value in values)]
    if name in _VALUES:
        return Q(**{f"{_VALUES[name]}__in": values})
    if name in _MATCHES:
        return Q(Exists(_mentioned(values, _MATCHES[name])))
    return Problem("unknown_parameter", f"known: {', '.join(PARAMETERS)}", field=name[:80])


def _mentioned(values: Sequence[str], roles: tuple[str, ...] | None) -> QuerySet[EpcisMention]:
    """Return mentions of any of these identifiers; one that ends in * stands for all that begin like it."""
    wanted = Q()
    for value in values:
        if value.endswith("*") and not value.startswith("urn:epc:idpat:"):
            wanted |= Q(uri__startswith=value[:-1])
        elif value.startswith("urn:epc:idpat:"):
            name = uris.canonical(value)
            wanted |= Q(uri=name) | Q(uri__startswith=f"{name}/")
        else:
            wanted |= Q(uri=uris.canonical(value))
    rows = EpcisMention.objects.filter(wanted, event_key=OuterRef("pk"), event_time=OuterRef("event_time"))
    return rows if roles is None else rows.filter(role__in=roles)


def _whole(text: str, *, most: int, least: int = 1) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    return int(text) if least <= int(text) <= most else None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def told(row: EpcisEvent) -> dict[str, Any]:
    """Return an event as it is told outside, with when it was recorded."""
    return {**row.document, "recordTime": stamp(row.record_time)}


def by_id(actor: Actor, event_id: str) -> EpcisEvent:
    """Return an event by its identity; where it was declared an error, the declaration.

    :raises NotFound: when there is none, or it is not the actor's to see.
    """
    found = (
        EpcisEvent.objects.visible_to(actor)
        .filter(event_id=event_id.replace("\0", ""))
        .order_by("-is_error", "-pk")
        .first()
    )
    if found is None:
        raise NotFound("there is no such event")
    return found


def errors_of(actor: Actor, capture_id: UUID, *, after: int, most: int) -> list[dict[str, Any]]:
    """Return up to so many problems of a capture, behind the first `after`, in the order of the document.

    :raises NotFound: when there is no such capture, or it is not the actor's to see.
    """
    if not captures(actor).filter(pk=capture_id).exists():
        raise NotFound("there is no such capture")
    rows = fetch(_ERRORS, {"key": capture_id, "after": after, "most": most})
    return [msgspec.json.decode(error) for (error,) in rows]


def captures(actor: Actor) -> QuerySet[EpcisCapture]:
    """Return what a party sent, newest first; operators see all."""
    return EpcisCapture.objects.visible_to(actor).order_by("-pk")

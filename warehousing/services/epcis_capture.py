"""Take EPCIS documents that partners send: good events in, wrong ones named, and what they mean for us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from b2b.core.actor import CARRIER, DEALER, FACTORY, Actor, acting_as, system
from b2b.core.epcis import check, document, event, fingerprint, uris, vocabulary
from b2b.core.errors import Invalid, Problem
from b2b.db.bulk import execute, fetch
from b2b.db.transactions import unit_of_work
from warehousing.models import EpcisCapture
from warehousing.selectors import epcis_goods, epcis_relations
from warehousing.selectors.epcis_goods import Named
from warehousing.services import epcis, epcis_shipping

FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
NOBODY: Final = -1  # of an event that is not known
_KNOWN: Final = """
SELECT event_id, is_error, captured_by_id FROM warehousing_epcisevent WHERE event_id = ANY(%(ids)s)
"""


@unit_of_work()
def capture(sent: Any, *, behaviour: str, by: Actor, at: datetime) -> EpcisCapture:
    """Take a document and return the job that says what became of it.

    With `rollback` one wrong event keeps all out, with `proceed` the good ones are taken. An event that is known is
    refused with 409 in its job; a declaration that an event was an error is taken once, from who told the event. What a
    factory says of its shipping for a purchase order is published as GoodsShipped, or refused where its goods are not
    known or not counted in whole base units. Units that a partner has nothing to do with (`epcis_relations`) are kept
    as it named them, not verified, and no trace follows them. A constant number of statements.

    :raises Invalid: when it is no EPCIS document at all; no job is made.
    """
    faults = check.envelope(sent)
    if faults:
        raise Invalid("This is no EPCIS 2.0 document.", problems=faults)
    namespaces = document.namespaces(sent["@context"])
    events: list[dict[str, Any]] = sent["epcisBody"]["eventList"]
    errors: list[dict[str, Any]] = []
    good: list[dict[str, Any]] = []
    for index, one in enumerate(events):
        pointer = f"/epcisBody/eventList/{index}"
        problems = check.event(one, pointer, namespaces) or _time_faults(one, pointer, at)
        errors += [_error(problem, 400) for problem in problems]
        if not problems:
            good.append(_named(one, namespaces, pointer))
    with acting_as(system("epcis")):  # our own keys of lots and units are nobody else's to see
        good, named = _advices(good, errors, by)
        fresh = _unknown(good, errors, by)
        if errors and behaviour == EpcisCapture.Behaviour.ROLLBACK:
            fresh = []
        _write(fresh, by)
        epcis_shipping.tell([one for one in fresh if epcis_shipping.is_advice(one, by)], named, by, at=at)
    return EpcisCapture.objects.create(
        captured_by_id=by.organization_id,
        behaviour=behaviour,
        created_at=at,
        finished_at=at,
        is_success=not errors,
        event_count=len(events),
        taken_count=len(fresh),
        error_count=len(errors),
        errors=errors,
    )


def _time_faults(one: Mapping[str, Any], pointer: str, at: datetime) -> list[Problem]:
    """Refuse what cannot have happened yet, or so long ago that it is a mistake: each month is a partition."""
    happened = datetime.fromisoformat(one["eventTime"])
    if FIRST <= happened <= at + timedelta(days=1):
        return []
    return [Problem("not_then", f"an event happened since {FIRST:%Y} and until now", f"{pointer}/eventTime")]


def _error(problem: Problem, status: int) -> dict[str, Any]:
    kind = "ResourceAlreadyExistsException" if status == 409 else "ValidationException"
    return {
        "type": f"epcisException:{kind}",
        "title": problem.code,
        "status": status,
        "detail": problem.message,
        "instance": problem.pointer,
    }


def _named(one: Mapping[str, Any], namespaces: Mapping[str, str], pointer: str) -> dict[str, Any]:
    """Give an event without identity the one its content makes, and write its words bare."""
    made = {name: value for name, value in one.items() if name not in ("recordTime", "@context")}
    for name in ("bizStep", "disposition"):
        if name in made:
            made[name] = vocabulary.bare(name, made[name])
    made.setdefault("eventID", fingerprint.event_id(one, namespaces))
    return {"event": made, "pointer": pointer}


def _advices(
    good: Sequence[dict[str, Any]], errors: list[dict[str, Any]], by: Actor
) -> tuple[list[dict[str, Any]], dict[str, Named]]:
    """Return the events without those whose shipping cannot be taken whole, and what the others name."""
    shipping = [one["event"] for one in good if epcis_shipping.is_advice(one["event"], by)]
    named = epcis_shipping.products(shipping)
    left = []
    for one in good:
        found: list[Problem] = []
        if epcis_shipping.is_advice(one["event"], by):
            found = list(epcis_shipping.faults(one["event"], named, one["pointer"]))
        errors += [_error(problem, 400) for problem in found]
        if not found:
            left.append(one)
    return left, named


def _unknown(good: Sequence[dict[str, Any]], errors: list[dict[str, Any]], by: Actor) -> list[dict[str, Any]]:
    """Return the events that are told for the first time; others hold the identity until they are done."""
    ids = sorted({one["event"]["eventID"] for one in good})
    execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(key, 16)) FROM unnest(%(ids)s::text[]) AS given(key)"
        " ORDER BY key",
        {"ids": ids},
    )
    seen = {(event_id, is_error): party for event_id, is_error, party in fetch(_KNOWN, {"ids": ids})}
    fresh = []
    for one in good:
        event_id, is_error = one["event"]["eventID"], "errorDeclaration" in one["event"]
        where = f"{one['pointer']}/eventID"
        mine = by.sees_all or seen.get((event_id, False), NOBODY) == by.organization_id
        if is_error and not mine:
            strange = Problem("not_your_event", "only who told an event declares that it was an error", where)
            errors.append(_error(strange, 400))
        elif (event_id, is_error) in seen:
            told = Problem("known", "an event of this identity was captured before", where)
            errors.append(_error(told, 409))
        else:
            seen[event_id, is_error] = by.organization_id
            fresh.append(one["event"])
    return fresh


def _write(fresh: Sequence[dict[str, Any]], by: Actor) -> None:
    party = by.organization_id
    parties = tuple(party if by.kind == kind else None for kind in (DEALER, FACTORY, CARRIER))
    named = [[(m, uris.canonical(m.uri)) for m in event.mentions(one)] for one in fresh]
    uris_named = {uri for one in named for _, uri in one}
    lots, units = epcis_goods.keys(uris_named)
    strange = epcis_relations.strange(by, uris_named)
    units = {uri: key for uri, key in units.items() if uri not in strange}
    rows, mentions = [], []
    for place, (one, found) in enumerate(zip(fresh, named, strict=True)):
        rows.append(epcis.event_row(place, one, (parties[0], parties[1], parties[2], party)))
        parent = next((units.get(uri) for m, uri in found if m.role == "PARENT"), None)
        mentions += [
            (
                place, uri, m.role, one.get("action", ""), lots.get(uri), units.get(uri),
                parent if m.role == "CHILD" else None, m.quantity, uri not in strange,
            )
            for m, uri in found
        ]  # fmt: skip
    epcis.write(rows, mentions, document_type="epcis_capture")

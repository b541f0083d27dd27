"""Look at what others send before believing it: envelope, then every event by itself.

Stricter than the public JSON schema, which lets dates, words and members through that are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from b2b.core.epcis import fingerprint, vocabulary
from b2b.core.epcis.event import AGGREGATION, ASSOCIATION, OBJECT, TRANSACTION, TRANSFORMATION, TYPES
from b2b.core.epcis.vocabulary import words
from b2b.core.errors import Problem

MOST_EVENTS: Final = 1_000
MOST_VALUES: Final = 200_000
MOST_DEPTH: Final = 12
MOST_TEXT: Final = 2_000
MOST_URI: Final = 350  # its canonical form is kept, which may be a little longer
MOST_PROBLEMS: Final = 20

_OFFSET: Final = re.compile(r"^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$")
_UNIT: Final = re.compile(r"^[A-Z0-9]{2,3}$")
_SCHEME: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*$")
_ENVELOPE: Final = frozenset(
    words(
        "@context id type schemaVersion creationDate instanceIdentifier sender receiver epcisHeader epcisBody"
    )
)
_COMMON: Final = frozenset(
    words("@context type eventTime recordTime eventTimeZoneOffset eventID certificationInfo errorDeclaration")
)
_WHY: Final = frozenset(
    words(
        "bizStep disposition persistentDisposition readPoint bizLocation bizTransactionList sourceList "
        "destinationList sensorElementList"
    )
)
_MEMBERS: Final = {
    OBJECT: _COMMON | _WHY | {"action", "epcList", "quantityList", "ilmd"},
    AGGREGATION: _COMMON | _WHY | {"action", "parentID", "childEPCs", "childQuantityList"},
    ASSOCIATION: _COMMON | _WHY | {"action", "parentID", "childEPCs", "childQuantityList"},
    TRANSACTION: _COMMON | _WHY | {"action", "parentID", "epcList", "quantityList"},
    TRANSFORMATION: _COMMON
    | _WHY
    | {
        "transformationID",
        "inputEPCList",
        "inputQuantityList",
        "outputEPCList",
        "outputQuantityList",
        "ilmd",
    },
}
_EPCS: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_QUANTITIES: Final = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_TYPED: Final = {
    "bizTransactionList": ("bizTransaction", vocabulary.TRANSACTIONS, False),
    "sourceList": ("source", vocabulary.PARTIES, True),
    "destinationList": ("destination", vocabulary.PARTIES, True),
}
Refuse = Callable[[str, str, str], None]


def envelope(document: Any) -> list[Problem]:
    """Return what is wrong with a document around its events; empty when the events can be looked at."""
    found: list[Problem] = []

    def refuse(code: str, message: str, pointer: str) -> None:
        found.append(Problem(code, message, pointer))

    if not isinstance(document, dict):
        return [Problem("not_a_document", "send an EPCISDocument as a JSON object", "")]
    if document.get("type") != "EPCISDocument":
        refuse("not_a_document", "type must be EPCISDocument", "/type")
    if not document.get("@context"):
        refuse("no_context", "a JSON-LD document names its context", "/@context")
    if not str(document.get("schemaVersion", "")).startswith("2"):
        refuse("schema_version", "schemaVersion must be 2.0", "/schemaVersion")
    if not _moment(document.get("creationDate")):
        refuse("no_moment", "creationDate must be a moment with a time zone", "/creationDate")
    for name in document.keys() - _ENVELOPE:
        if ":" not in name:
            refuse("unknown_member", f"there is no member {name[:60]}", f"/{name[:60]}")
    body = document.get("epcisBody")
    events = body.get("eventList") if isinstance(body, dict) else None
    if not isinstance(events, list):
        refuse("no_events", "epcisBody.eventList must be a list", "/epcisBody/eventList")
    elif not 1 <= len(events) <= MOST_EVENTS:
        refuse("too_many_events", f"send 1 to {MOST_EVENTS} events at once", "/epcisBody/eventList")
    return found[:MOST_PROBLEMS]


def event(value: Any, pointer: str = "", namespaces: Mapping[str, str] | None = None) -> list[Problem]:
    """Return what is wrong with one event; empty when it can be believed as far as form goes."""
    found: list[Problem] = []

    def refuse(code: str, message: str, where: str) -> None:
        found.append(Problem(code, message, pointer + where))

    if not isinstance(value, dict):
        return [Problem("not_an_event", "an event is a JSON object", pointer)]
    if value.get("type") not in TYPES:
        return [Problem("unknown_type", f"type must be one of {', '.join(TYPES)}", f"{pointer}/type")]
    if not _fits(value):
        return [Problem("too_large", "the event is nested too deeply or holds too much", pointer)]
    for name in sorted(value.keys() - _MEMBERS[value["type"]]):
        if ":" not in name:
            refuse("unknown_member", f"a {value['type']} has no member {name[:60]}", f"/{name[:60]}")
    _when(value, refuse)
    _what(value, refuse)
    _why(value, refuse)
    if not found:
        _identity(value, namespaces, refuse)
    return found[:MOST_PROBLEMS]


def _when(value: Mapping[str, Any], refuse: Refuse) -> None:
    if not _moment(value.get("eventTime")):
        refuse("no_moment", "eventTime must be a moment with a time zone", "/eventTime")
    if "recordTime" in value and not _moment(value["recordTime"]):
        refuse("no_moment", "recordTime must be a moment with a time zone", "/recordTime")
    if not _OFFSET.match(str(value.get("eventTimeZoneOffset", ""))):
        refuse("no_offset", "eventTimeZoneOffset must be like +08:00", "/eventTimeZoneOffset")
    declared = value.get("errorDeclaration")
    if declared is not None and not (isinstance(declared, dict) and _moment(declared.get("declarationTime"))):
        refuse("no_moment", "an error declaration says when it was made", "/errorDeclaration/declarationTime")


def _what(value: Mapping[str, Any], refuse: Refuse) -> None:
    kind = value["type"]
    for name in _EPCS:
        for index, uri in enumerate(_listed(value, name, refuse)):
            if not is_uri(uri):
                refuse("not_a_uri", f"an EPC is a URI of at most {MOST_URI} characters", f"/{name}/{index}")
    for name in _QUANTITIES:
        for index, one in enumerate(_listed(value, name, refuse)):
            _quantity(one, f"/{name}/{index}", refuse)
    if "parentID" in value and not is_uri(value["parentID"]):
        refuse("not_a_uri", "parentID is a URI", "/parentID")
    named = any(value.get(name) for name in (*_EPCS, *_QUANTITIES))
    sensed = bool(value.get("sensorElementList")) and bool(value.get("readPoint"))
    if kind in (OBJECT, TRANSFORMATION) and not named and not sensed and not value.get("transformationID"):
        refuse("no_goods", "the event names nothing that it happened to", "")
    if kind in (AGGREGATION, ASSOCIATION):
        if "parentID" not in value and value.get("action") != "OBSERVE":
            refuse("no_parent", "say what things were put into or taken from", "/parentID")
        if not named and value.get("action") != "DELETE":
            refuse("no_children", "say what was put into the parent", "/childEPCs")
    if kind == TRANSACTION and not value.get("bizTransactionList"):
        refuse("no_transaction", "a TransactionEvent names its transactions", "/bizTransactionList")


def _quantity(one: Any, where: str, refuse: Refuse) -> None:
    if not isinstance(one, dict) or not is_uri(one.get("epcClass")):
        refuse("not_a_uri", "a quantity names its class by a URI", f"{where}/epcClass")
        return
    amount = one.get("quantity", 0)
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount <= 10**12:
        refuse("not_a_quantity", "a quantity is a number from 0 to 10^12", f"{where}/quantity")
    if "uom" in one and not _UNIT.match(str(one["uom"])):
        refuse("not_a_unit", "a unit is a UN/ECE Recommendation 20 code", f"{where}/uom")
    if one.keys() - {"epcClass", "quantity", "uom"}:
        refuse("unknown_member", "a quantity has epcClass, quantity and uom", where)


def _why(value: Mapping[str, Any], refuse: Refuse) -> None:
    if value["type"] != TRANSFORMATION and not _among(vocabulary.ACTIONS, value.get("action")):
        refuse("unknown_action", "action must be ADD, OBSERVE or DELETE", "/action")
    for name in ("bizStep", "disposition"):
        if name in value and not _word(name, value[name]):
            refuse("unknown_word", f"{name} is no word of the vocabulary and no URI", f"/{name}")
    for name in ("readPoint", "bizLocation"):
        if name in value and not (isinstance(value[name], dict) and is_uri(value[name].get("id"))):
            refuse("not_a_uri", f"{name} has an id, a URI", f"/{name}/id")
    for name, (member, known, typed) in _TYPED.items():
        for index, one in enumerate(_listed(value, name, refuse)):
            if not isinstance(one, dict) or not is_uri(one.get(member)):
                refuse("not_a_uri", f"{member} is a URI", f"/{name}/{index}/{member}")
            elif (typed or "type" in one) and not (_among(known, one.get("type")) or is_uri(one.get("type"))):
                refuse("unknown_word", "type is no word of the vocabulary", f"/{name}/{index}/type")
    if value.get("ilmd") and value["type"] == OBJECT and value.get("action") != "ADD":
        refuse("ilmd_not_allowed", "only goods that come to be have ilmd", "/ilmd")


def _identity(value: Mapping[str, Any], namespaces: Mapping[str, str] | None, refuse: Refuse) -> None:
    """An event hash that is not the hash of its event was altered on the way."""
    named = value.get("eventID")
    if named is None:
        return
    if not is_uri(named) or len(named) > 400:
        refuse("not_a_uri", "eventID is a URI of at most 400 characters", "/eventID")
    elif (
        named.startswith("ni:///sha-256;")
        and named.endswith("?ver=CBV2.0")
        and named != fingerprint.event_id(value, namespaces)
    ):
        refuse("altered", "the event is not the one its hash names", "/eventID")


def _listed(value: Mapping[str, Any], name: str, refuse: Refuse) -> list[Any]:
    found = value.get(name, [])
    if isinstance(found, list):
        return found
    refuse("not_a_list", f"{name} is a list", f"/{name}")
    return []


def _among(words: frozenset[str], word: Any) -> bool:
    return isinstance(word, str) and word in words


def _word(name: str, word: Any) -> bool:
    words, prefix = vocabulary.BARE[name]
    if not isinstance(word, str):
        return False
    full = vocabulary.expand(name, word)
    if full.startswith(vocabulary.ROOT):
        return full.removeprefix(prefix) in words
    return is_uri(full) and not full.startswith("urn:epcglobal:cbv:")


def _moment(text: Any) -> bool:
    if not isinstance(text, str) or "T" not in text or len(text) > 40:
        return False
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return False
    return at.tzinfo is not None and 1970 <= at.year <= 9000


def is_uri(text: Any) -> bool:
    """Tell whether something is a URI with a scheme and no spaces, of a sane length."""
    if (
        not isinstance(text, str)
        or not 3 <= len(text) <= MOST_URI
        or any(c.isspace() or c in '<>"' for c in text)
    ):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(_SCHEME.match(parts.scheme)) and bool(parts.netloc or parts.path) and text.isascii()


def _fits(value: Any) -> bool:
    """Tell whether a value is neither nested too deeply nor too large, and its texts are of a sane length."""
    for count, (depth, one) in enumerate(_walk(value)):
        if depth > MOST_DEPTH or count > MOST_VALUES:
            return False
        if isinstance(one, str) and ("\x00" in one or len(one) > MOST_TEXT):
            return False
    return True


def _walk(value: Any) -> Iterator[tuple[int, Any]]:
    todo = [(0, value)]
    while todo:
        depth, one = todo.pop()
        yield depth, one
        if depth > MOST_DEPTH:
            return
        if isinstance(one, dict):
            todo += [(depth + 1, inner) for pair in one.items() for inner in pair]
        elif isinstance(one, list):
            todo += [(depth + 1, inner) for inner in one]

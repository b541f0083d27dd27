"""The event hash: one event gives one identifier, whatever the order and spelling it was written in.

Method: Core Business Vocabulary 2.0, section 8.9 (event hash ID), canonical property order included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from b2b.core.epcis import uris, vocabulary
from b2b.core.epcis.vocabulary import words

_QUANTITY: Final = ("epcClass", "quantity", "uom")
_METADATA: Final = words(
    "time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules"
)
_REPORT: Final = words(
    "type exception deviceID deviceMetadata rawData dataProcessingMethod time microorganism "
    "chemicalSubstance value component stringValue booleanValue hexBinaryValue uriValue minValue "
    "maxValue meanValue sDev percRank percValue uom coordinateReferenceSystem"
)
_EPCS: Final = ("epcList", "inputEPCList", "childEPCs", "outputEPCList")
_QUANTITIES: Final = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_TYPED: Final = {
    "bizTransactionList": "bizTransaction",
    "sourceList": "source",
    "destinationList": "destination",
}
_ORDER: Final = words(
    "eventTime eventTimeZoneOffset certificationInfo parentID epcList inputEPCList childEPCs "
    "quantityList childQuantityList inputQuantityList outputEPCList outputQuantityList action "
    "transformationID bizStep disposition persistentDisposition readPoint bizLocation bizTransactionList "
    "sourceList destinationList sensorElementList ilmd"
)
_TIMES: Final = frozenset(("eventTime", "time", "startTime", "endTime"))
_NAMESPACES: Final = {
    "gs1": "https://gs1.org/voc/",
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
}


def event_id(event: Mapping[str, Any], namespaces: Mapping[str, str] | None = None) -> str:
    """Return the `ni:` identifier of an event; `recordTime`, `eventID` and an error declaration do not count.

    `namespaces` are the prefixes of extensions. Promise: the order of members and list elements does not matter.
    """
    digest = sha256(canonical(event, namespaces).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def canonical(event: Mapping[str, Any], namespaces: Mapping[str, str] | None = None) -> str:
    """Return the string an event is hashed from."""
    known = {**_NAMESPACES, **(namespaces or {})}
    parts = [f"eventType={event['type']}"]
    parts += [
        _member(name, event[name], known) for name in _ORDER if event.get(name) not in (None, "", [], {})
    ]
    return "".join([*parts, *_extensions(event, known)])


def _member(name: str, value: Any, known: Mapping[str, str]) -> str:
    if name in _EPCS:
        return name + "".join(sorted(f"epc={uris.canonical(epc)}" for epc in value))
    if name in _QUANTITIES:
        return name + "".join(sorted("quantityElement" + _fields(one, _QUANTITY, known) for one in value))
    if name in _TYPED:
        return name + "".join(sorted(_typed(_TYPED[name], one) for one in value))
    if name == "persistentDisposition":
        return name + "".join(
            text
            for part in ("set", "unset")
            for text in sorted(_scalar(part, word) for word in value.get(part, ()))
        )
    if name in ("readPoint", "bizLocation"):
        return name + _fields(value, ("id",), known)
    if name == "sensorElementList":
        return name + "".join(sorted("sensorElement" + _sensor(one, known) for one in value))
    if name == "ilmd":
        return name + "".join(_extensions(value, known))
    if isinstance(value, list):
        return "".join(sorted(_scalar(name, one) for one in value))
    return _scalar(name, value)


def _typed(name: str, value: Mapping[str, Any]) -> str:
    kind = f"type={vocabulary.expand(name, value['type'])}" if value.get("type") else ""
    return f"{kind}{name}={uris.canonical(value[name])}"


def _sensor(value: Mapping[str, Any], known: Mapping[str, str]) -> str:
    metadata = value.get("sensorMetadata")
    reports = sorted("sensorReport" + _fields(one, _REPORT, known) for one in value.get("sensorReport", ()))
    head = "sensorMetadata" + _fields(metadata, _METADATA, known) if metadata else ""
    return "".join([head, *reports, *_extensions(value, known)])


def _fields(value: Mapping[str, Any], order: Iterable[str], known: Mapping[str, str]) -> str:
    present = [_scalar(name, value[name]) for name in order if value.get(name) not in (None, "")]
    return "".join([*present, *_extensions(value, known)])


def _scalar(name: str, value: Any) -> str:
    return f"{name}={_text(name, value)}"


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return number(value)
    text = str(value).strip()
    if name in _TIMES:
        return moment(text)
    return uris.canonical(vocabulary.expand(name, text))


def _extensions(value: Mapping[str, Any], known: Mapping[str, str]) -> list[str]:
    """Write members with a namespace, each with what is in it, in lexical order."""
    found: list[str] = []
    for name, content in value.items():
        if ":" not in name:
            continue
        prefix, _, local = name.partition(":")
        if name.startswith("@") or name == "rdfs:comment":
            continue
        key = f"{{{known.get(prefix, prefix + ':')}}}{local}"
        for one in content if isinstance(content, list) else [content]:
            if isinstance(one, dict):
                found.append(key + "".join(_extensions(one, known)))
            else:
                found.append(f"{key}={_text(local, one)}")
    return sorted(found)


def number(value: float | Decimal) -> str:
    """Write a number without trailing zeros."""
    if isinstance(value, int):
        return str(value)
    plain = format(Decimal(str(value)), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def moment(text: str) -> str:
    """Write a moment in UTC with milliseconds, the fourth decimal rounded.

    :raises ValueError: when it is no moment.
    """
    return stamp(datetime.fromisoformat(text))


def stamp(at: datetime) -> str:
    """Write an aware moment in UTC with milliseconds, rounded half up."""
    utc = at.astimezone(UTC)
    millis, rest = divmod(int(utc.timestamp()) * 1_000_000 + utc.microsecond, 1000)
    whole, part = divmod(millis + (rest >= 500), 1000)
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{part:03d}Z"

"""The envelopes events travel in (EPCIS 2.0, section 9.5; JSON-LD)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from b2b.core.epcis import vocabulary
from b2b.core.epcis.fingerprint import stamp


def document(events: Sequence[Mapping[str, Any]], *, at: datetime) -> dict[str, Any]:
    """Put events into an EPCISDocument, as they are sent to a partner."""
    return {**_head("EPCISDocument", at), "epcisBody": {"eventList": list(events)}}


def query_document(
    events: Sequence[Mapping[str, Any]], *, at: datetime, query: str = "SimpleEventQuery"
) -> dict[str, Any]:
    """Put events into an EPCISQueryDocument, as a query is answered."""
    results = {"queryName": query, "resultsBody": {"eventList": list(events)}}
    return {**_head("EPCISQueryDocument", at), "epcisBody": {"queryResults": results}}


def single(event: Mapping[str, Any]) -> dict[str, Any]:
    """Put the context into an event that travels alone."""
    return {"@context": [vocabulary.CONTEXT], **event}


def namespaces(context: Any) -> dict[str, str]:
    """Return the prefixes that a JSON-LD context declares for extensions."""
    found: dict[str, str] = {}
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict):
            found.update({name: uri for name, uri in part.items() if isinstance(uri, str)})
    return found


def _head(kind: str, at: datetime) -> dict[str, Any]:
    return {
        "@context": [vocabulary.CONTEXT],
        "type": kind,
        "schemaVersion": vocabulary.SCHEMA_VERSION,
        "creationDate": stamp(at),
    }

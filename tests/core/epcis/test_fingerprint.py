"""The hashes come from epcis-event-hash-generator 1.9.3, the reference implementation beside the standard.

Where an event has both a sourceList and a destinationList, 1.9.3 sorts the second before the first, against the
canonical property order of the standard (21 before 22), so no vector holds both.
"""

from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b.core.epcis.fingerprint import canonical, event_id, moment, number

RECEIVING: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventTime": "2026-03-02T16:00:00.123+08:00",
    "eventTimeZoneOffset": "+08:00",
    "recordTime": "2026-03-02T08:00:01Z",
    "eventID": "urn:uuid:3a5f2b3c-0000-4000-8000-000000000001",
    "action": "OBSERVE",
    "bizStep": "receiving",
    "disposition": "in_progress",
    "readPoint": {"id": "https://id.gs1.org/414/4006381333931/254/DOCK-1"},
    "bizLocation": {"id": "urn:epc:id:sgln:400638.133393.0"},
    "epcList": ["https://id.gs1.org/00/095212340000000012", "urn:epc:id:sscc:9521234.0000000024"],
    "quantityList": [
        {"epcClass": "https://id.gs1.org/01/04006381333931/10/L2", "quantity": 12.50, "uom": "KGM"},
        {"epcClass": "urn:epc:class:lgtin:400638.0133393.L1", "quantity": 200},
        {"epcClass": "https://id.gs1.org/01/04006381333931/10/L%2F9%20x", "quantity": 3},
    ],
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "urn:midstream:po:PO-1"},
        {"type": "desadv", "bizTransaction": "urn:midstream:desadv:DA-1"},
    ],
}
SOURCES = [
    {"type": "possessing_party", "source": "urn:epc:id:pgln:4006381.00000"},
    {"type": "location", "source": "https://id.gs1.org/414/4006381333931"},
]
DESTINATIONS = [{"type": "location", "destination": "https://id.gs1.org/414/4006381333931/254/A%2F1"}]
PACKING = {
    "type": "AggregationEvent",
    "eventTime": "2026-03-02T08:00:00Z",
    "eventTimeZoneOffset": "+00:00",
    "parentID": "https://id.gs1.org/00/095212340000000012",
    "childEPCs": ["https://id.gs1.org/01/04006381333931/21/S1"],
    "childQuantityList": [{"epcClass": "https://id.gs1.org/01/04006381333931", "quantity": 4}],
    "action": "ADD",
    "bizStep": "packing",
    "disposition": "in_progress",
    "persistentDisposition": {"set": ["completeness_verified"], "unset": ["expired"]},
    "readPoint": {"id": "urn:midstream:place:X"},
    "example:myField": "abc",
}
SHIPPING = {
    "type": "TransactionEvent",
    "eventTime": "2026-03-02T08:00:00.1239Z",
    "eventTimeZoneOffset": "+00:00",
    "bizTransactionList": [{"type": "po", "bizTransaction": "urn:midstream:po:PO-1"}],
    "epcList": ["https://id.gs1.org/00/095212340000000012"],
    "action": "ADD",
    "bizStep": "https://ref.gs1.org/cbv/BizStep-shipping",
    "errorDeclaration": {"declarationTime": "2026-03-03T00:00:00Z", "reason": "incorrect_data"},
}
NAMESPACES = {"example": "https://ns.example.com/epcis/"}


@pytest.mark.parametrize(
    ("event", "digest"),
    [
        (
            {**RECEIVING, "sourceList": SOURCES},
            "9eeba708ea7f7054e20b971343af9da2d72de08609e144fb86066f1a4a02a20f",
        ),
        (
            {**RECEIVING, "destinationList": DESTINATIONS},
            "9c1a8d3a868d4ef27747e5a90f4e71efacca0f618f10a974ac4a44fbd4d852b2",
        ),
        (
            {k: v for k, v in RECEIVING.items() if k != "quantityList"} | {"sourceList": SOURCES},
            "24b4bf7497a2035dfe1d714ff48eb670dddbc439175dabce5a6ea2d263832251",
        ),
        (PACKING, "6393d790412eff88b90c1a296fec118acc5f0cffeda7a3f79d2a3b3d2428f2b3"),
        (SHIPPING, "ae55ef73a85cbd535e138c065d3efcfd7621344432fdc387f30732507bca554d"),
    ],
)
def test_hashes_are_those_of_the_reference(event: dict[str, Any], digest: str) -> None:
    assert event_id(event, NAMESPACES) == f"ni:///sha-256;{digest}?ver=CBV2.0"


@given(st.randoms(use_true_random=False))
def test_order_and_what_was_recorded_when_do_not_matter(random: Random) -> None:
    event = {**deepcopy(RECEIVING), "sourceList": list(SOURCES), "destinationList": DESTINATIONS}
    for value in event.values():
        if isinstance(value, list):
            random.shuffle(value)
    members = list(event.items())
    random.shuffle(members)
    shuffled = dict(members) | {"recordTime": "2030-01-01T00:00:00Z", "eventID": "urn:x:y"}
    shuffled |= {"errorDeclaration": {"declarationTime": "2030-01-01T00:00:00Z"}}
    plain = {**RECEIVING, "sourceList": SOURCES, "destinationList": DESTINATIONS}
    assert event_id(shuffled) == event_id(plain)


@pytest.mark.parametrize("name", ["eventTime", "action", "bizStep", "disposition", "readPoint", "epcList"])
def test_what_happened_does_matter(name: str) -> None:
    changed = {key: value for key, value in RECEIVING.items() if key != name}
    if name == "eventTime":
        changed["eventTime"] = "2026-03-02T16:00:00.124+08:00"
    assert event_id(changed) != event_id(RECEIVING)


def test_sources_come_before_destinations() -> None:
    text = canonical({**RECEIVING, "sourceList": SOURCES, "destinationList": DESTINATIONS})
    assert text.index("sourceList") < text.index("destinationList")


def test_moments_and_numbers_are_written_in_one_way() -> None:
    assert moment("2023-01-18T11:04:03.1415Z") == "2023-01-18T11:04:03.142Z"
    assert moment("2023-12-31T23:59:59.9996+00:00") == "2024-01-01T00:00:00.000Z"
    assert [number(12.50), number(200), number(0.1), number(1e15)] == [
        "12.5",
        "200",
        "0.1",
        "1000000000000000",
    ]

"""What is exported validates against the public JSON schema; what comes in is checked harder than by it."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from b2b.core.epcis import check, document, event, uris, vocabulary
from b2b.core.epcis.event import Facts, Goods
from tests.support.examples import examples

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
SCHEMA = json.loads((Path(__file__).parent / "data" / "EPCIS-JSON-Schema.json").read_text())
VALIDATOR = Draft7Validator(SCHEMA, format_checker=FormatChecker())

TEXTS = st.text(st.characters(codec="ascii", exclude_categories=("C",)), min_size=1, max_size=12)
GOODS = st.builds(
    lambda lot, quantity, unit: Goods(uris.lot("4006381333931", lot), quantity, unit),
    TEXTS,
    st.integers(1, 10**9),
    st.sampled_from(["", "KGM"]),
)
FACTS = st.builds(
    Facts,
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    step=st.sampled_from(sorted(vocabulary.STEPS)),
    disposition=st.sampled_from(["", *sorted(vocabulary.DISPOSITIONS)]),
    action=st.sampled_from(sorted(vocabulary.ACTIONS)),
    read_point=st.builds(lambda code: uris.place("", "W", code), TEXTS),
    location=st.sampled_from(["", uris.place("4006381333931", "W")]),
    source=st.builds(lambda code: uris.place("4006381333931", "W", code), TEXTS),
    destination=st.just(uris.place("", "W", "X")),
    owners=st.sampled_from([("", ""), (uris.party("", "f1"), uris.party("4006381333931", "d"))]),
    transactions=st.sampled_from([(), (("po", uris.private("bt", "po", "P/1")),)]),
)
EVENTS = st.one_of(
    st.builds(
        lambda facts, goods: event.object_event(facts, goods=goods), FACTS, st.lists(GOODS, min_size=1)
    ),
    st.builds(
        lambda facts, goods: event.aggregation_event(
            facts, parent=uris.unit("095212340000000012"), epcs=[uris.unit("095212340000000029")], goods=goods
        ),
        FACTS,
        st.lists(GOODS, max_size=3),
    ),
)


def errors(value: Any) -> list[str]:
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in VALIDATOR.iter_errors(value)]


@settings(max_examples=examples(25))
@given(st.lists(EVENTS, min_size=1, max_size=3))
def test_what_is_exported_validates(events: list[dict[str, Any]]) -> None:
    assert not errors(document.document(events, at=AT))
    assert not errors(document.query_document(events, at=AT))
    assert not errors(document.single(events[0]))
    sent = document.document(events, at=AT)
    assert not check.envelope(sent)
    assert not [problem for one in events for problem in check.event(one)]


def good() -> dict[str, Any]:
    facts = Facts(AT, "receiving", "in_progress", read_point=uris.place("", "W"))
    return deepcopy(event.object_event(facts, goods=[Goods(uris.lot("4006381333931", "L1"), 5)]))


def bad(**members: Any) -> dict[str, Any]:
    made = good() | members
    made.pop("eventID", None)
    return {name: value for name, value in made.items() if value is not None}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (bad(type="Event"), "unknown_type"),
        (bad(eventTime="yesterday"), "no_moment"),
        (bad(eventTime="2026-03-02T08:00:00"), "no_moment"),
        (bad(eventTimeZoneOffset="8"), "no_offset"),
        (bad(action="CHANGE"), "unknown_action"),
        (bad(action=None), "unknown_action"),
        (bad(bizStep="stealing"), "unknown_word"),
        (bad(bizStep="urn:epcglobal:cbv:bizstep:stealing"), "unknown_word"),
        (bad(disposition=7), "unknown_word"),
        (bad(quantityList=None), "no_goods"),
        (bad(quantityList=[{"epcClass": "no uri", "quantity": 1}]), "not_a_uri"),
        (bad(quantityList=[{"epcClass": "urn:x:y", "quantity": -1}]), "not_a_quantity"),
        (bad(quantityList=[{"epcClass": "urn:x:y", "quantity": True}]), "not_a_quantity"),
        (bad(quantityList=[{"epcClass": "urn:x:y", "quantity": 1, "uom": "kilo"}]), "not_a_unit"),
        (bad(quantityList={}), "not_a_list"),
        (bad(epcList=["a b"]), "not_a_uri"),
        (bad(readPoint="here"), "not_a_uri"),
        (bad(sourceList=[{"source": "urn:x:y"}]), "unknown_word"),
        (bad(colour="red"), "unknown_member"),
        (bad(ilmd={"ex:a": 1}), "ilmd_not_allowed"),
        (bad(errorDeclaration={}), "no_moment"),
        (good() | {"action": "ADD"}, "altered"),
        ("text", "not_an_event"),
        (bad(**{"ex:deep": json.loads("[" * 30 + "]" * 30)}), "too_large"),
        (bad(**{"ex:long": "x" * 3000}), "too_large"),
        (bad(**{"ex:nul": "a\x00b"}), "too_large"),
        (bad(type="AggregationEvent", action="ADD", quantityList=None, childEPCs=["urn:x:y"]), "no_parent"),
        (bad(type="TransactionEvent"), "no_transaction"),
    ],
)
def test_events_that_cannot_be_are_refused(value: Any, code: str) -> None:
    assert code in [problem.code for problem in check.event(value)]


@pytest.mark.parametrize(
    "change",
    [
        {"type": "Document"},
        {"@context": None},
        {"schemaVersion": "1.2"},
        {"creationDate": "now"},
        {"epcisBody": {}},
        {"epcisBody": {"eventList": []}},
        {"epcisBody": {"eventList": [1] * (check.MOST_EVENTS + 1)}},
        {"colour": 1},
    ],
)
def test_envelopes_that_cannot_be_are_refused(change: dict[str, Any]) -> None:
    assert check.envelope({**document.document([good()], at=AT), **change})
    assert check.envelope(None)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(sorted(good())), inner),
    )
)
def test_nothing_makes_the_checks_fall_over(value: Any) -> None:
    check.envelope(value)
    check.event(value)
    if isinstance(value, dict):
        check.event({**value, "type": "ObjectEvent"})
        check.event({**good(), **{k: v for k, v in value.items() if k in good()}})


def test_the_hash_of_an_event_is_checked_only_where_it_claims_to_be_one() -> None:
    other = good() | {"eventID": "urn:uuid:0b5c0b3c-0000-4000-8000-000000000001"}
    assert not check.event(other)
    later = good() | {"recordTime": (AT + timedelta(days=1)).isoformat()}
    assert not check.event(later)

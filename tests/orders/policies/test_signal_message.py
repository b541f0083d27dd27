"""Signals leave as DELFOR and Forecast, nothing lost; answers come as ORDRSP and OrderResponse, none guessed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from b2b.core import edifact, ubl
from b2b.core.edifact import UnreadableMessage
from orders.policies import signal_message
from orders.policies.signal_message import LEVELS, Answer, Line, Message
from tests.support.examples import examples

MONDAY = date(2026, 11, 23)
SKUS = st.text(st.sampled_from("AZaz09-'+:?é"), min_size=1, max_size=10)


@st.composite
def messages(draw):
    lines = [
        Line(
            number,
            draw(SKUS),
            draw(st.sampled_from(["", "4006381333931"])),
            draw(st.integers(1, 10**9)),
            draw(st.sampled_from(sorted(LEVELS))),
            MONDAY + timedelta(weeks=draw(st.integers(0, 50))),
        )
        for number in range(1, draw(st.integers(1, 5)) + 1)
    ]
    return Message("PS-MILL-000001", datetime(2026, 11, 23, 8, 5, tzinfo=UTC), "MIDSTREAM", "mill", lines)


def compact(day):
    return date.fromisoformat(day)  # the basic format of ISO 8601


def read_delfor(text):
    """Read our DELFOR as a factory would."""
    lines, at = [], {}
    for one in edifact.segments(text.encode()):
        if one.tag == "LIN":
            at = {"number": int(one.value(0)), "gtin": one.value(2)}
        elif one.tag == "PIA":
            at["sku"] = one.value(1)
        elif one.tag == "SCC":
            at["level"] = one.value(0)
        elif one.tag == "QTY":
            at["quantity"] = int(one.value(0, 1))
        elif one.tag == "DTM" and one.value(0) == "64":
            at["from"] = compact(one.value(0, 1))
        elif one.tag == "DTM" and one.value(0) == "63":
            names = {level: name for name, level in LEVELS.items()}
            line = Line(at["number"], at["sku"], at["gtin"], at["quantity"], names[at["level"]], at["from"])
            assert line.week_end_date == compact(one.value(0, 1))
            lines.append(line)
    return lines


@given(messages())
@settings(max_examples=examples(60), deadline=None)
def test_a_delfor_tells_every_line_and_counts_its_segments(message):
    text = signal_message.delfor(message)
    assert read_delfor(text) == message.lines
    found = edifact.segments(text.encode())
    [head], [end] = ([one for one in found if one.tag == tag] for tag in ("UNH", "UNT"))
    assert (head.value(1), head.value(1, 2)) == ("DELFOR", "97A")
    assert int(end.value(0)) == end.number - head.number + 1
    assert found[0].value(4) == found[-1].value(1)


@given(messages())
@settings(max_examples=examples(40), deadline=None)
def test_a_forecast_tells_every_line(message):
    root = etree.fromstring(signal_message.forecast(message))
    lines = [
        (
            int(ubl.text(one, "ID")), ubl.text(one, "SalesItem/Item/BuyersItemIdentification/ID"),
            ubl.text(one, "SalesItem/Item/StandardItemIdentification/ID"), int(ubl.text(one, "SalesItem/Quantity")),
            ubl.text(one, "ForecastTypeCode"), date.fromisoformat(ubl.text(one, "ForecastPeriod/StartDate")),
        )
        for one in root.findall(ubl.CAC + "ForecastLine")
    ]  # fmt: skip
    assert lines == [
        (one.line_number, one.sku, one.gtin, one.quantity, LEVELS[one.commitment], one.week_start_date)
        for one in message.lines
    ]


def ordrsp(*lines, signal="PS-1", kind="ORDRSP", count=None):
    body = [("BGM", "231", "AB-7", "4"), *([("RFF", ("ON", signal))] if signal else []), *lines, ("UNS", "S")]
    end = str(len(body) + 2 if count is None else count)
    return edifact.written(
        [("UNB", ("UNOY", "4"), "mill", "MIDSTREAM"), ("UNH", "1", (kind, "D", "97A", "UN")), *body, ("UNT", end, "1"),
         ("UNZ", "1", "1")]
    ).encode()  # fmt: skip


ANSWERS = st.dictionaries(
    st.integers(1, 99), st.one_of(st.none(), st.integers(0, 10**9)), min_size=1, max_size=6
)


@given(ANSWERS)
@settings(max_examples=examples(60), deadline=None)
def test_an_ordrsp_is_read_as_it_was_meant(committed):
    lines = []
    for number, quantity in committed.items():
        code = "5" if quantity is None else "3" if quantity else "7"
        lines.append(("LIN", str(number), code))
        if quantity:
            lines.append(("QTY", ("113", str(quantity))))
    assert signal_message.ordrsp(ordrsp(*lines)) == Answer("PS-1", "AB-7", committed)


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (ordrsp(("LIN", "1", "42"), ("LIN", "x", "5"), ("LIN", "2", "3")),
         [("unknown_code", 5), ("bad_line", 6), ("bad_quantity", 7)]),
        (ordrsp(("LIN", "1", "5"), ("LIN", "1", "5")), [("bad_line", 6)]),
        (ordrsp(("LIN", "1", "3"), ("QTY", ("113", "1.5"))), [("bad_quantity", 6)]),
        (ordrsp(("LIN", "1", "5"), signal=""), [("no_signal", 2)]),
        (ordrsp(("LIN", "1", "5"), count=9), [("wrong_count", 7)]),
        (ordrsp(), [("no_lines", 2)]),
        (ordrsp(("LIN", "1", "5"), kind="ORDERS"), [("not_an_ordrsp", 2)]),
    ],
)  # fmt: skip
def test_faults_of_an_ordrsp_are_told_all_at_once_by_segment(content, faults):
    with pytest.raises(UnreadableMessage) as refused:
        signal_message.ordrsp(content)
    assert [(one.code, one.row) for one in refused.value.problems] == faults
    assert all(one.field and one.remedy for one in refused.value.problems)


def order_response(*items, signal="PS-1", code="CA"):
    cac, cbc = ubl.CAC[1:-1], ubl.CBC[1:-1]
    lines = "\n".join(f"<cac:OrderLine><cac:LineItem>{item}</cac:LineItem></cac:OrderLine>" for item in items)
    reference = f"<cac:OrderReference><cbc:ID>{signal}</cbc:ID></cac:OrderReference>" if signal else ""
    return f"""<OrderResponse xmlns="urn:oasis:names:specification:ubl:schema:xsd:OrderResponse-2"
 xmlns:cac="{cac}" xmlns:cbc="{cbc}">
<cbc:ID>AB-7</cbc:ID><cbc:OrderResponseCode>{code}</cbc:OrderResponseCode>{reference}
{lines}
</OrderResponse>""".encode()


def item(number, code="", quantity=""):
    status = f"<cbc:LineStatusCode>{code}</cbc:LineStatusCode>" if code else ""
    counted = f'<cbc:Quantity unitCode="C62">{quantity}</cbc:Quantity>' if quantity else ""
    return f"<cbc:ID>{number}</cbc:ID>{status}{counted}"


def test_an_order_response_is_read_as_it_was_meant():
    content = order_response(item(1, "5"), item(2, "3", "40"), item(3, "7"), item(4, "5", "12.0"))
    assert signal_message.order_response(content) == Answer("PS-1", "AB-7", {1: None, 2: 40, 3: 0, 4: 12})
    assert signal_message.order_response(order_response(item(1), code="AP")).committed == {1: None}
    assert signal_message.order_response(order_response(item(1), code="RE")).committed == {1: 0}


def test_faults_of_an_order_response_are_told_all_at_once_by_line():
    with pytest.raises(UnreadableMessage) as refused:
        signal_message.order_response(
            order_response(item(1), item("x", "5"), item(2, "3", "many"), signal="")
        )
    assert [(one.code, one.row) for one in refused.value.problems] == [
        ("no_signal", 2), ("unknown_code", 4), ("bad_line", 5), ("bad_quantity", 6),
    ]  # fmt: skip

"""Production signals in the words of the trade: EDIFACT DELFOR and UBL Forecast out, ORDRSP and OrderResponse in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from lxml import etree

from b2b.core import edifact, ubl
from b2b.core.edifact import Segment, UnreadableMessage, fault
from b2b.core.errors import Problem

# DELFOR D.97A, data element 4017, delivery plan commitment level.
LEVELS: Final = {"FIRM": "1", "MAKE": "2", "BUY_MATERIAL": "3", "FORECAST": "4"}
# UN/ECE 1229, what is said to a line.
ACCEPTED, CHANGED, REJECTED = "5", "3", "7"
_QUANTITIES: Final = ("113", "21", "12")
_ROOT: Final = "urn:oasis:names:specification:ubl:schema:xsd:Forecast-2"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a signal as it is sent: `quantity` base units in the week that begins on a Monday."""

    line_number: int
    sku: str
    gtin: str
    quantity: int
    commitment: str
    week_start_date: date

    @property
    def week_end_date(self) -> date:
        """The Sunday of its week."""
        return self.week_start_date + timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Message:
    """A signal as it is sent; parties by GLN where they have one, else by our code."""

    number: str
    created_at: datetime
    buyer: str
    factory: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a factory answers: the signal, its own number, and what it commits to by our line number; None: as asked."""

    signal: str
    number: str
    committed: Mapping[int, int | None]


def delfor(message: Message) -> str:
    """Return a signal as EDIFACT DELFOR D.97A: a line, its commitment level, and a quantity with its week."""
    day = f"{message.created_at:%y%m%d}"
    body: list[Sequence[str | Sequence[str]]] = [
        ("BGM", "241", message.number, "9"),
        ("DTM", ("137", f"{message.created_at:%Y%m%d%H%M}", "203")),
        ("NAD", "BY", (message.buyer, "", "92")),
        ("NAD", "SU", (message.factory, "", "92")),
    ]
    for line in message.lines:
        body += [
            ("LIN", str(line.line_number), "", (line.gtin, "EN") if line.gtin else ""),
            ("PIA", "1", (line.sku, "BP")),
            ("SCC", LEVELS[line.commitment]),
            ("QTY", ("113", str(line.quantity), "PCE")),
            ("DTM", ("64", f"{line.week_start_date:%Y%m%d}", "102")),
            ("DTM", ("63", f"{line.week_end_date:%Y%m%d}", "102")),
        ]
    body.append(("UNS", "S"))
    reference = message.number[-14:]
    return edifact.written(
        [
            (
                "UNB",
                ("UNOY", "4"),
                message.buyer,
                message.factory,
                (day, f"{message.created_at:%H%M}"),
                reference,
            ),
            ("UNH", "1", ("DELFOR", "D", "97A", "UN")),
            *body,
            ("UNT", str(len(body) + 2), "1"),
            ("UNZ", "1", reference),
        ]
    )


def forecast(message: Message) -> bytes:
    """Return a signal as UBL Forecast 2.4; the commitment level stands in the code of the purpose of each line."""
    root = etree.Element(
        f"{{{_ROOT}}}Forecast", nsmap={None: _ROOT, "cac": ubl.CAC[1:-1], "cbc": ubl.CBC[1:-1]}
    )
    basic = ubl.CBC
    _put(root, basic + "UBLVersionID", "2.4")
    _put(root, basic + "ID", message.number)
    _put(root, basic + "IssueDate", f"{message.created_at:%Y-%m-%d}")
    _put(root, basic + "IssueTime", f"{message.created_at:%H:%M:%S}")
    period = etree.SubElement(root, ubl.CAC + "ForecastPeriod")
    _put(period, basic + "StartDate", min(line.week_start_date for line in message.lines).isoformat())
    _put(period, basic + "EndDate", max(line.week_end_date for line in message.lines).isoformat())
    for name, party in (("BuyerCustomerParty", message.buyer), ("SellerSupplierParty", message.factory)):
        holder = etree.SubElement(etree.SubElement(root, ubl.CAC + name), ubl.CAC + "Party")
        _put(etree.SubElement(holder, ubl.CAC + "PartyIdentification"), basic + "ID", party)
    for line in message.lines:
        one = etree.SubElement(root, ubl.CAC + "ForecastLine")
        _put(one, basic + "ID", str(line.line_number))
        _put(one, basic + "ForecastTypeCode", LEVELS[line.commitment], listID="UNCL4017")
        span = etree.SubElement(one, ubl.CAC + "ForecastPeriod")
        _put(span, basic + "StartDate", line.week_start_date.isoformat())
        _put(span, basic + "EndDate", line.week_end_date.isoformat())
        sales = etree.SubElement(one, ubl.CAC + "SalesItem")
        _put(sales, basic + "Quantity", str(line.quantity), unitCode="C62")
        item = etree.SubElement(sales, ubl.CAC + "Item")
        _put(etree.SubElement(item, ubl.CAC + "BuyersItemIdentification"), basic + "ID", line.sku)
        if line.gtin:
            _put(etree.SubElement(item, ubl.CAC + "StandardItemIdentification"), basic + "ID", line.gtin)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _put(parent: Any, tag: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, tag, attributes).text = text


def ordrsp(content: bytes) -> Answer:
    """Read an EDIFACT ORDRSP that answers a signal; `RFF+ON` or `RFF+AAN` names the signal, LIN our line numbers.

    A line accepted as asked needs no quantity, a rejected one has none. Codes nobody knows are refused, never guessed.

    :raises UnreadableMessage: with every fault: number of the segment, element, remedy.
    """
    found = edifact.segments(content)
    heads = [one for one in found if one.tag == "UNH"]
    if len(heads) != 1 or heads[0].value(1) != "ORDRSP":
        told = ", ".join(one.value(1) or "nothing" for one in heads) or "none"
        raise UnreadableMessage(
            f"one ORDRSP is read, not {told[:60]}",
            problems=[
                fault("not_an_ordrsp", "another message", heads[0] if heads else 1, "UNH", "send one ORDRSP")
            ],
        )
    problems = _counted(found, heads[0])
    number = next((one.value(1) for one in found if one.tag == "BGM"), "")
    signal = next(
        (one.value(0, 1) for one in found if one.tag == "RFF" and one.value(0) in ("ON", "AAN")), ""
    )
    if not signal:
        problems.append(
            fault("no_signal", "no signal is named", heads[0], "RFF", "give our number as RFF+ON:number")
        )
    committed: dict[int, int | None] = {}
    for line, follows in _lines(found):
        _take(line, follows, committed, problems)
    if not committed and not problems:
        problems.append(
            fault("no_lines", "no line is answered", heads[0], "LIN", "answer lines by our number")
        )
    if problems:
        raise UnreadableMessage("The answer has faults; nothing was taken.", problems=problems)
    return Answer(signal, number, committed)


def _counted(found: Sequence[Segment], head: Segment) -> list[Problem]:
    end = next((one for one in found if one.tag == "UNT"), None)
    if end is None:
        return [fault("no_end", "the message has no UNT", found[-1], "UNT", "end the message with UNT")]
    count = end.number - head.number + 1
    if end.value(0) == str(count) and end.value(1) == head.value(0):
        return []
    return [
        fault("wrong_count", f"UNT tells {end.value(0)} segments, there are {count}", end, "UNT",
              "was the message cut off? send it again")
    ]  # fmt: skip


def _lines(found: Sequence[Segment]) -> list[tuple[Segment, list[Segment]]]:
    lines: list[tuple[Segment, list[Segment]]] = []
    for one in found:
        if one.tag == "LIN":
            lines.append((one, []))
        elif one.tag == "UNS":
            break
        elif lines:
            lines[-1][1].append(one)
    return lines


def _take(
    line: Segment, follows: Sequence[Segment], committed: dict[int, int | None], problems: list[Problem]
) -> None:
    told, action = line.value(0), line.value(1)
    if not (told.isascii() and told.isdigit()) or int(told) in committed:
        problems.append(fault("bad_line", f"{told[:20]!r} is no line of ours, or named twice", line, "LIN/1082",
                              "give our line number, each once"))  # fmt: skip
        return
    asked = [one for one in follows if one.tag == "QTY" and one.value(0) in _QUANTITIES]
    quantity = asked[-1].value(0, 1) if asked else ""
    if action not in (ACCEPTED, CHANGED, REJECTED):
        problems.append(fault("unknown_code", f"{action[:20]!r} is no answer that is known here", line, "LIN/1229",
                              "5 accepted, 3 changed, 7 not accepted"))  # fmt: skip
    elif action == REJECTED:
        committed[int(told)] = 0
    elif action == ACCEPTED and not asked:
        committed[int(told)] = None
    elif quantity.isascii() and quantity.isdigit() and len(quantity) <= 12:
        committed[int(told)] = int(quantity)
    else:
        problems.append(fault("bad_quantity", f"{quantity[:20]!r} is no whole number", asked[-1] if asked else line,
                              "QTY/6060", "give what you commit to as QTY+113:number"))  # fmt: skip


def order_response(content: bytes) -> Answer:
    """Read a UBL OrderResponse 2.0 to 2.4 that answers a signal; OrderReference names it, LineID our line numbers.

    :raises UnreadableMessage: with every fault: line of the file, element, remedy.
    :raises UnsafeXml, MalformedXml: for what is no plain XML.
    """
    root = ubl.root_of(content, "OrderResponse", UnreadableMessage)
    reader = ubl.Reader()
    number = reader.number(root, "answer")
    signal = ubl.text(root, "OrderReference/ID")
    whole = ubl.text(root, "OrderResponseCode")
    if not signal:
        reader.fault(
            "no_signal", "no signal is named", root, "OrderReference/ID", "give our number of the signal"
        )
    committed: dict[int, int | None] = {}
    for element in reader.lines(root, "OrderLine", "answer", "answer at least a line"):
        _take_ubl(reader, element.find(ubl.CAC + "LineItem"), element, whole, committed)
    if reader.problems:
        raise UnreadableMessage("The answer has faults; nothing was taken.", problems=reader.problems)
    return Answer(signal, number, committed)


def _take_ubl(
    reader: ubl.Reader, item: Any, element: Any, whole: str, committed: dict[int, int | None]
) -> None:
    at = item if item is not None else element
    told, action = ubl.text(item, "ID"), ubl.text(item, "LineStatusCode")
    action = action or {"AP": ACCEPTED, "RE": REJECTED}.get(whole, "")
    quantity = ubl.text(item, "Quantity")
    if not (told.isascii() and told.isdigit()) or int(told) in committed:
        reader.fault("bad_line", f"{told[:20]!r} is no line of ours, or named twice", at, "LineItem/ID",
                     "give our line number, each once")  # fmt: skip
    elif action not in (ACCEPTED, CHANGED, REJECTED):
        reader.fault("unknown_code", f"{action[:20]!r} is no answer that is known here", at,
                     "LineItem/LineStatusCode", "5 accepted, 3 changed, 7 not accepted")  # fmt: skip
    elif action == REJECTED:
        committed[int(told)] = 0
    elif action == ACCEPTED and not quantity:
        committed[int(told)] = None
    elif (plain := quantity.removesuffix(".0")).isascii() and plain.isdigit() and len(plain) <= 12:
        committed[int(told)] = int(plain)
    else:
        reader.fault("bad_quantity", f"{quantity[:20]!r} is no whole number", at, "LineItem/Quantity",
                     "give what you commit to")  # fmt: skip

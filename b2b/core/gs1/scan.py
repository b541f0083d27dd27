"""What a scan says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from b2b.core import clock
from b2b.core.gs1 import links, pairing, syntax
from b2b.core.gs1.elements import Element, day_of
from b2b.core.gs1.errors import ScanError, refuse

AIM: Final = re.compile(r"\]([A-Za-z])([0-9A-Za-z])", re.ASCII)
# AIM symbology identifiers of carriers of element strings, of plain retail numbers, and of whatever was put in.
ELEMENT_CARRIERS: Final = frozenset({"C1", "d2", "Q3", "e0", "J1"})
RETAIL_CARRIERS: Final = frozenset({"E0", "E1", "E2", "E3", "E4", "I0", "I1", "X0"})
MEASURE: Final = re.compile(r"3[1-6]\d\d", re.ASCII)
MAX_LENGTH: Final = 2048


@dataclass(frozen=True, slots=True)
class Scan:
    """What is marked on one thing. `ais` has every value as it was read, in its order.

    `gtin` is of the thing itself, `contained_gtin` of what it is filled with (14 digits both); `count` is pieces of
    these. Weights are kilograms; `measures` has each measure by the first three digits of its identifier, in its unit.
    """

    gtin: str | None = None
    contained_gtin: str | None = None
    sscc: str | None = None
    lot: str | None = None
    serial: str | None = None
    production_date: date | None = None
    packaging_date: date | None = None
    best_before: date | None = None
    sell_by: date | None = None
    expiry: date | None = None
    count: int | None = None
    net_weight_kg: Decimal | None = None
    gross_weight_kg: Decimal | None = None
    order_number: str | None = None
    ship_to_gln: str | None = None
    measures: Mapping[str, Decimal] = field(default_factory=dict)
    ais: Mapping[str, str] = field(default_factory=dict)
    elements: tuple[Element, ...] = ()

    @property
    def item_gtin(self) -> str | None:
        """The GTIN of the goods, whether they were scanned themselves or what holds them."""
        return self.gtin or self.contained_gtin


def parse(text: str, *, today: date | None = None) -> Scan:
    """Read one bar code and hold it against the pairing rules: it must make sense by itself.

    :raises ScanError: with position, identifier and remedy of everything that is wrong.
    """
    return combine([read(text, today=today)], today=today)


def combine(scans: Iterable[Scan], *, today: date | None = None) -> Scan:
    """Join the bar codes of one label or thing, and hold them together against the pairing rules.

    :raises ScanError: when they contradict each other, need something that is missing, or exclude each other.
    """
    given = list(scans)
    joined = given[0] if len(given) == 1 else _scan([part for scan in given for part in scan.elements], today)
    problems = pairing.faults({part.ai: part.position for part in joined.elements})
    if problems:
        raise ScanError("; ".join(problem.message for problem in problems), problems=problems)
    return joined


def read(text: str, *, today: date | None = None) -> Scan:
    """Read one of several bar codes; every value is checked, the pairing is not (`combine` does).

    Takes what scanners send: element strings with FNC1 as GS, ^ or {GS}; `(01)...` as printed under bar codes; a GS1
    Digital Link; a GTIN or SSCC alone; all of them with or without an AIM symbology identifier before it.

    :raises ScanError: with position, identifier and remedy of the first thing wrong.
    """
    trimmed = text.strip(" \t\r\n")
    start = text.find(trimmed[:1]) if trimmed else 0
    whole = text[: start + len(trimmed)]
    if len(text) > MAX_LENGTH:
        raise refuse(
            "too_long", f"there are more than {MAX_LENGTH} characters", position=1, remedy="scan again"
        )
    carrier = AIM.match(whole, start)
    symbology = carrier.group(1) + carrier.group(2) if carrier else ""
    elements = _elements(whole, carrier.end() if carrier else start, symbology)
    if not elements:
        raise refuse("empty_scan", "nothing was scanned", position=1, remedy="scan again")
    return _scan(elements, today)


def _elements(text: str, start: int, symbology: str) -> list[Element]:
    body = text[start:]
    if re.match("https?:", body, re.IGNORECASE):
        return links.link(text, start)
    if body.startswith("("):
        return syntax.brackets(text, start)
    if symbology not in ELEMENT_CARRIERS and re.fullmatch(r"\d{8}|\d{12,14}|\d{18}", body, re.ASCII):
        return syntax.plain(body, start)
    if symbology and symbology not in ELEMENT_CARRIERS:
        kind = "a retail bar code" if symbology in RETAIL_CARRIERS else "not marked as GS1"
        raise refuse(
            "not_gs1",
            f"the bar code (]{symbology}) is {kind}, and holds no GTIN or SSCC",
            position=start + 1,
            remedy="scan the GS1 bar code of the label",
        )
    return syntax.element_strings(text, start)


def _scan(elements: list[Element], today: date | None) -> Scan:
    ais: dict[str, str] = {}
    kept: list[Element] = []
    for part in elements:
        if ais.setdefault(part.ai, part.value) != part.value:
            raise refuse(
                "contradiction",
                f"({part.ai}) is {ais[part.ai]} and {part.value}",
                position=part.position,
                ai=part.ai,
                remedy="scan the bar codes of one thing only",
            )
        if all(one.ai != part.ai for one in kept):
            kept.append(part)
    return Scan(ais=ais, elements=tuple(kept), **_fields(ais, today or clock.today()))


def _fields(ais: dict[str, str], today: date) -> dict[str, Any]:
    def day(*keys: str) -> date | None:
        return next((day_of(ais[ai], today) for ai in keys if ai in ais), None)

    measures = {
        ai[:3]: Decimal(int(value)).scaleb(-int(ai[3])) for ai, value in ais.items() if MEASURE.fullmatch(ai)
    }
    count = ais.get("37", ais.get("30"))
    return {
        "gtin": ais.get("01", ais.get("03")),
        "contained_gtin": ais.get("02"),
        "sscc": ais.get("00"),
        "lot": ais.get("10"),
        "serial": ais.get("21"),
        "production_date": day("11"),
        "packaging_date": day("13"),
        "best_before": day("15"),
        "sell_by": day("16"),
        "expiry": day("17", "7003"),
        "count": int(count) if count is not None else None,
        "net_weight_kg": measures.get("310"),
        "gross_weight_kg": measures.get("330"),
        "order_number": ais.get("400"),
        "ship_to_gln": ais.get("410"),
        "measures": measures,
    }

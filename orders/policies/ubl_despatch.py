"""Read a DespatchAdvice in UBL 2.0 to 2.4 (OASIS; GS1 and Peppol profiles): lines, lots and nested handling units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from stdnum import ean

from b2b.core import ubl
from b2b.core.errors import Invalid
from b2b.core.ubl import CAC
from b2b.core.ubl import text as _text

_ARRIVAL: Final = (
    "Delivery/EstimatedDeliveryPeriod/EndDate", "Delivery/EstimatedDeliveryPeriod/StartDate",
    "Delivery/PromisedDeliveryPeriod/EndDate", "Delivery/LatestDeliveryDate", "Delivery/ActualDeliveryDate",
    "Delivery/RequestedDeliveryPeriod/EndDate", "Delivery/RequestedDeliveryPeriod/StartDate",
)  # fmt: skip
# UBL package and transport unit types (UN/ECE Recommendation 21) that are pallets.
_PALLETS: Final = frozenset({"PX", "PF", "PE", "201", "OA", "OB", "OC", "OD", "OE", "OF"})


class UnreadableAdvice(Invalid):
    """The file is no despatch advice that can be taken in full; nothing of it was written."""

    code = "unreadable_despatch_advice"


@dataclass(frozen=True, slots=True)
class Unit:
    """A handling unit by its SSCC, and the one it stands on or in."""

    sscc: str
    parent_sscc: str = ""
    kind: str = "CARTON"


@dataclass(frozen=True, slots=True)
class Line:
    """A despatch line as it was written; `row` is its line in the file, `quantity` in `unit_code`."""

    row: int
    line_id: str
    order_line_id: str
    order_number: str
    quantity: int
    unit_code: str
    gtin: str = ""
    buyers_sku: str = ""
    lot_number: str = ""
    expiry_date: date | None = None
    sscc: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """The whole document; `expected_at` falls back on the day of issue where no delivery date is given."""

    number: str
    order_number: str
    expected_at: datetime
    lines: tuple[Line, ...]
    units: tuple[Unit, ...]


def read(content: bytes) -> Advice:
    """Read the document.

    :raises UnreadableAdvice: with every fault: its line in the file, its element and a remedy.
    :raises UnsafeXml: for a document type, or a file too large or too deep. :raises MalformedXml: with the line.
    """
    root = ubl.root_of(content, "DespatchAdvice", UnreadableAdvice)
    return _Reader().advice(root)


def is_sscc(text: str) -> bool:
    """Tell whether a text is an SSCC: eighteen digits, the last the check digit of the others."""
    return bool(re.fullmatch(r"\d{18}", text, re.ASCII)) and ean.calc_check_digit(text[:-1]) == text[-1]


class _Reader(ubl.Reader):
    """Reads one document and collects what is wrong with it."""

    def __init__(self) -> None:
        super().__init__()
        self.units: dict[str, Unit] = {}
        self.unit_of_line: dict[str, str] = {}

    def advice(self, root: Any) -> Advice:
        """Return the document. :raises UnreadableAdvice: with everything that is wrong."""
        number = self.number(root, "advice")
        shipment = root.find(CAC + "Shipment")
        expected_at = self._expected(root, shipment)
        for unit in shipment.findall(CAC + "TransportHandlingUnit") if shipment is not None else ():
            self._unit(unit, "")
        elements = self.lines(root, "DespatchLine", "advice", "split the advice, or say what is despatched")
        lines = [self._line(element, root) for element in elements]
        orders = {line.order_number for line in lines if line.order_number}
        if not orders:
            self.fault("no_order", "no order is named", root, "OrderReference/ID",
                       "give the number of our purchase order in cac:OrderReference")  # fmt: skip
        if len(orders) > 1:
            self.fault("several_orders", f"the lines name {len(orders)} orders", root, "OrderReference/ID",
                       "send one advice for each purchase order")  # fmt: skip
        if self.problems:
            raise UnreadableAdvice("The advice has faults; nothing was taken.", problems=self.problems)
        return Advice(number, min(orders), expected_at, tuple(lines), tuple(self.units.values()))

    def _expected(self, root: Any, shipment: Any) -> datetime:
        places = [(shipment, path) for path in _ARRIVAL if shipment is not None] + [(root, "IssueDate")]
        for element, path in places:
            if _text(element, path):
                day = self.day(element, path)
                clock = _text(element, path.removesuffix("Date") + "Time")
                return datetime.combine(day or date.min, _clock(clock), UTC)
        self.fault("no_date", "neither a delivery nor an issue date is given", root, "IssueDate",
                   "give cbc:IssueDate as YYYY-MM-DD")  # fmt: skip
        return datetime.min.replace(tzinfo=UTC)

    def _line(self, element: Any, root: Any) -> Line:
        line_id = _text(element, "ID")
        item = element.find(CAC + "Item")
        lot = "ItemInstance/LotIdentification/"
        expiry = lot + "ExpiryDate" if _text(item, lot + "ExpiryDate") else "ItemInstance/BestBeforeDate"
        lot_number = _text(item, lot + "LotNumberID")
        if len(lot_number) > 40:
            self.fault("lot_too_long", "a lot number has at most 40 characters", item, lot + "LotNumberID",
                       "shorten it")  # fmt: skip
        for unit in element.iterfind(f"{CAC}Shipment/{CAC}TransportHandlingUnit"):
            self._unit(unit, "", line_id)
        return Line(
            row=element.sourceline or 0,
            line_id=line_id,
            order_line_id=_text(element, "OrderLineReference/LineID"),
            order_number=_text(element, "OrderLineReference/OrderReference/ID")
            or _text(root, "OrderReference/ID"),
            quantity=self._quantity(element),
            unit_code=ubl.unit_code(element, "DeliveredQuantity"),
            gtin=_text(item, "StandardItemIdentification/ID"),
            buyers_sku=_text(item, "BuyersItemIdentification/ID"),
            lot_number=lot_number,
            expiry_date=self.day(item, expiry, needed=False),
            sscc=self.unit_of_line.get(line_id, ""),
        )

    def _quantity(self, element: Any) -> int:
        text = _text(element, "DeliveredQuantity")
        whole = re.fullmatch(r"\+?(\d{1,12})(?:\.0+)?", text, re.ASCII)
        if whole and int(whole[1]):
            return int(whole[1])
        self.fault("bad_quantity", f"{text[:40]!r} is no whole number above zero", element, "DeliveredQuantity",
                   "give the number of units that were despatched")  # fmt: skip
        return 0

    def _unit(self, element: Any, parent: str, line_id: str = "") -> None:
        """Take a handling unit, the packages in it and the lines in those; units without an SSCC are only looked into.

        A line that says where it lies wins over a unit that says what it holds.
        """
        sscc = (
            _text(element, "ID").removeprefix("00")
            if len(_text(element, "ID")) == 20
            else _text(element, "ID")
        )
        if re.fullmatch(r"\d{18}", sscc, re.ASCII):
            if not is_sscc(sscc):
                self.fault("wrong_check_digit", f"the check digit of SSCC {sscc} is wrong", element, "ID",
                           "send the number as it is on the label")  # fmt: skip
            kind = _text(element, "TransportHandlingUnitTypeCode") or _text(element, "PackagingTypeCode")
            known = self.units.get(sscc)
            if known is not None and parent and known.parent_sscc not in ("", parent):
                self.fault("two_places", f"SSCC {sscc} stands in two units", element, "ID",
                           "name each unit within one other")  # fmt: skip
            above = parent or (known.parent_sscc if known else "")
            self.units[sscc] = Unit(sscc, above, "PALLET" if kind in _PALLETS else "CARTON")
            parent = sscc
        if parent:
            if line_id:
                self.unit_of_line[line_id] = parent
            for line in element.iterfind(f"{CAC}HandlingUnitDespatchLine"):
                self.unit_of_line.setdefault(_text(line, "ID"), parent)
        for within in _packages(element):
            self._unit(within, parent, line_id)


def _packages(element: Any) -> Iterator[Any]:
    for name in ("ActualPackage", "Package", "ContainedPackage"):
        yield from element.iterfind(CAC + name)


def _clock(text: str) -> time:
    found = re.match(r"([01]\d|2[0-3]):([0-5]\d)", text)
    return time(int(found[1]), int(found[2])) if found else time(0)

"""Whether what a picker scanned is what the task asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from b2b.core import gs1
from b2b.core.errors import Invalid, Problem


class WrongScan(Invalid):
    """What was scanned is not what the task asks for; nothing was picked."""

    code = "wrong_scan"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a task asks for; empty texts mean there is none."""

    place: str
    sku: str
    gtin: str
    lot: str
    sscc: str = ""
    expiry: date | None = None


def check(asked: Asked, *, place: str, goods: str, today: date) -> None:
    """Hold a scan of the place and one of the goods against a task; an empty scan was not made.

    Goods are named by SKU, by a bar code with their GTIN, or by the SSCC of the unit they stand in; a lot or expiry in
    the bar code must be the task's.

    :raises WrongScan: with everything that differs. :raises ScanError: when the bar code is not right in itself.
    """
    problems: list[Problem] = []
    if place and place.strip().upper() != asked.place.upper():
        problems.append(
            Problem(
                "wrong_place",
                f"this is {place.strip()}, and the goods are at {asked.place}",
                "/place",
                remedy=f"go to {asked.place} and scan it",
            )
        )
    if goods and goods.strip().upper() != asked.sku.upper():
        problems += _goods(asked, gs1.read(goods, today=today))
    if problems:
        raise WrongScan("; ".join(problem.message for problem in problems), problems=problems)


def _goods(asked: Asked, scan: gs1.Scan) -> list[Problem]:
    found: list[Problem] = []
    if scan.item_gtin:
        if scan.item_gtin != asked.gtin.zfill(14):
            found.append(_wrong("wrong_goods", "GTIN", scan.item_gtin, asked.gtin or f"SKU {asked.sku}"))
    elif scan.sscc:
        if scan.sscc != asked.sscc:
            found.append(_wrong("wrong_unit", "SSCC", scan.sscc, asked.sscc or "loose goods"))
    else:
        found.append(_wrong("no_goods", "bar code", "no goods", asked.gtin or asked.sku))
    if scan.lot is not None and asked.lot and scan.lot != asked.lot:
        found.append(_wrong("wrong_lot", "lot", scan.lot, asked.lot))
    if scan.expiry is not None and asked.expiry is not None and scan.expiry != asked.expiry:
        found.append(_wrong("wrong_expiry", "expiry", f"{scan.expiry}", f"{asked.expiry}"))
    return found


def _wrong(code: str, what: str, found: str, asked: str) -> Problem:
    return Problem(
        code,
        f"the scanned {what} is {found}; the task asks for {asked}",
        "/goods",
        remedy="put it back and take what the task asks for; when that is not there, report the pick short",
    )

"""What a logistic label says and where (GS1 Logistic Label Guideline): 4 x 6 inch, texts above, bar codes below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from b2b.core import gs1
from b2b.core.paper import symbols
from b2b.core.paper.sheet import Bars, Item, Matrix, Rule, Text

WIDTH_MM, HEIGHT_MM = 101.6, 152.4
MARGIN_MM: Final = 4.0
# Widest and narrowest module of a bar code, whole dots of a 203 dpi printer; shorter codes get the wider one.
MODULES_MM: Final = (0.5, 0.375, 0.25, 0.125)
SPLIT_AT: Final = 30  # characters of an element string from which the lot gets a bar code of its own
MATRIX_MM: Final = 24.0


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or gets it."""

    name: str
    address: str = ""
    gln: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Goods in a unit, of one product and lot; GTIN and lot number may be empty."""

    gtin: str
    quantity: int
    lot: str = ""
    expiry: date | None = None
    best_before: date | None = None
    sku: str = ""
    name: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """All that stands on a label. `hints` are lines for people: route, wave, hazard, temperature."""

    sscc: str
    sender: Party
    receiver: Party
    contents: tuple[Content, ...]
    gross_weight_g: int = 0
    need_by: date | None = None
    hints: tuple[str, ...] = ()


def elements(label: Label) -> dict[str, str]:
    """Return the application identifiers of a label.

    What it holds is said only when it holds one product; lot and dates only when they are the same throughout and can
    be written (GS1 lot numbers have 20 characters of set 82). Promise: the result passes the pairing rules.
    """
    out = {"00": label.sscc}
    gtins = {content.gtin for content in label.contents}
    count = sum(content.quantity for content in label.contents)
    if len(gtins) == 1 and (gtin := gtins.pop()) and 0 < count < 10**8:
        out |= {"02": gtin.zfill(14), "37": str(count)}
        first = label.contents[0]
        if all(content.lot == first.lot for content in label.contents):
            if first.expiry:
                out["17"] = f"{first.expiry:%y%m%d}"
            if first.best_before:
                out["15"] = f"{first.best_before:%y%m%d}"
            if _is_writable(first.lot):
                out["10"] = first.lot
    if label.gross_weight_g:
        out |= _weight(label.gross_weight_g)
    return out


def _is_writable(lot: str) -> bool:
    return 0 < len(lot) <= 20 and set(lot) <= set(gs1.CSET82)


def _weight(grams: int) -> dict[str, str]:
    """Write a gross weight in kilograms with as many decimals as six digits leave; rounded up."""
    for decimals in (3, 2, 1, 0):
        number = -(-grams // 10 ** (3 - decimals))
        if number < 10**6:
            return {f"330{decimals}": f"{number:06d}"}
    return {}


def bar_codes(ais: Mapping[str, str]) -> list[dict[str, str]]:
    """Part the identifiers over bar codes, the SSCC alone in the last one."""
    content = {ai: ais[ai] for ai in ("02", "17", "15", "37", "10") if ai in ais}
    out = [content] if content else []
    if "10" in content and len(gs1.element_string(content, paired=False)) > SPLIT_AT:
        out = [{ai: value for ai, value in content.items() if ai != "10"}, {"10": content["10"]}]
    return [*out, {"00": ais["00"]}]


def lay_out(label: Label) -> list[Item]:
    """Return what to draw, and where."""
    ais = elements(label)
    codes = bar_codes(ais)
    return [*_head(label), *_middle(label, ais), *_codes(codes)]


def _head(label: Label) -> Iterator[Item]:
    half = WIDTH_MM / 2
    for left, title, party, bold in (
        (MARGIN_MM, "From", label.sender, False),
        (half + 2, "Ship to", label.receiver, True),
    ):
        room = half - MARGIN_MM - 2
        yield Text(left, 7, title, 2.2, room)
        yield Text(left, 12, party.name, 3.6 if bold else 3.0, room, bold=bold)
        for number, line in enumerate(_lines(party.address, 30)[:2]):
            yield Text(left, 17 + 4 * number, line, 2.8, room)
        if party.gln:
            yield Text(left, 25, f"GLN {party.gln}", 2.4, room)
    yield Rule(half, 3, half, 27)
    yield Rule(0, 27, WIDTH_MM, 27)


def _lines(text: str, size: int) -> list[str]:
    """Break a text between words where it has any, else where the line is full."""
    out: list[str] = []
    while len(text) > size:
        cut = text.rfind(" ", 1, size + 1)
        cut = cut if cut > 0 else size
        out.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*out, text] if text else out


def _middle(label: Label, ais: Mapping[str, str]) -> Iterator[Item]:
    """The same in words, and in the two square codes."""
    room = WIDTH_MM - 2 * MATRIX_MM - 4 * MARGIN_MM
    orders = sorted({content.order for content in label.contents if content.order})
    lines = [
        ("SSCC", ais["00"]),
        ("GTIN", ais.get("02", "")),
        ("Count", ais.get("37", "")),
        ("Lot", ais.get("10", "")),
        ("Gross kg", f"{label.gross_weight_g / 1000:.1f}" if label.gross_weight_g else ""),
        ("Order", ", ".join(orders)),
        ("Needed", f"{label.need_by:%Y-%m-%d}" if label.need_by else ""),
    ]
    at = 32.0
    for title, value in [line for line in lines if line[1]]:
        yield Text(MARGIN_MM, at, f"{title}  {value}", 2.7, room)
        at += 3.7
    right = WIDTH_MM - MARGIN_MM - MATRIX_MM
    for left, kind, symbol, data in (
        (right - MATRIX_MM - MARGIN_MM, "datamatrix", symbols.gs1_data_matrix(ais), gs1.element_string(ais)),
        (right, "qr", symbols.qr(gs1.digital_link(ais)), gs1.digital_link(ais)),
    ):
        # Whole dots of a 203 dpi printer, so that PDF and ZPL show the same.
        module = max(int(MATRIX_MM * 8 / (symbol.width + 2 * symbol.quiet)), 3) / 8
        yield Matrix(left + symbol.quiet * module, 31 + symbol.quiet * module, module, symbol, kind, data)
    yield Rule(0, 61, WIDTH_MM, 61)
    if label.hints:  # the bar codes never reach up here
        yield Text(MARGIN_MM, 65.5, " · ".join(label.hints), 3.2, WIDTH_MM - 2 * MARGIN_MM, bold=True)


def _codes(codes: Sequence[dict[str, str]]) -> Iterator[Item]:
    """Bar codes from the bottom up, the SSCC lowest and highest."""
    at = HEIGHT_MM - 4
    for number, ais in enumerate(reversed(codes)):
        symbol = symbols.gs1_128(ais)
        height = 32.0 if number == 0 else 16.0
        module = next(
            (wide for wide in MODULES_MM if (symbol.width + 2 * symbol.quiet) * wide <= WIDTH_MM),
            MODULES_MM[-1],
        )
        left = (WIDTH_MM - symbol.width * module) / 2
        yield Text(left, at, gs1.bracketed(ais, paired=False), 2.6, WIDTH_MM - left)
        yield Bars(left, at - 3.6 - height, module, height, symbol, gs1.element_string(ais, paired=False))
        at -= height + 6.6


def pages(labels: Iterable[Label]) -> list[list[Item]]:
    """Lay out one page per label."""
    return [lay_out(label) for label in labels]

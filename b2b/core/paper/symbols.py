"""Bar code symbols as modules, dark or light; drawn by whoever prints. libzint lays the bits (ADR 8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from b2b.core import gs1

LONGEST_128: Final = 48  # characters, GS1 General Specifications, section 5.4.1


@dataclass(frozen=True, slots=True)
class Symbol:
    """`rows` are module rows from the top, a `1` for a dark module; `quiet` is the light margin needed, in modules."""

    rows: tuple[str, ...]
    quiet: int

    @property
    def width(self) -> int:
        """Modules from side to side, margins aside."""
        return len(self.rows[0])

    def bars(self) -> Iterator[tuple[int, int, int]]:
        """Yield runs of dark modules: (row from the top, first column, length)."""
        for number, row in enumerate(self.rows):
            at = row.find("1")
            while at >= 0:
                end = row.find("0", at)
                end = len(row) if end < 0 else end
                yield number, at, end - at
                at = row.find("1", end)


def gs1_128(ais: Mapping[str, str]) -> Symbol:
    """Return the GS1-128 symbol of elements; one of several on a label, so pairing is not asked.

    :raises ScanError: when a value is wrong. :raises ValueError: when it is too long for one symbol.
    """
    size = len(gs1.element_string(ais, paired=False))
    if size > LONGEST_128:
        raise ValueError(f"{size} characters do not fit one GS1-128 symbol; {LONGEST_128} do")
    return _encode("GS1_128", _zint(ais), quiet=10)


def gs1_data_matrix(ais: Mapping[str, str]) -> Symbol:
    """Return the GS1 DataMatrix symbol of elements. :raises ScanError: when a value or their combination is wrong."""
    gs1.element_string(ais)
    return _encode("DATAMATRIX", _zint(ais), quiet=2, square=True)


def qr(text: str) -> Symbol:
    """Return the QR code of a text. :raises ValueError: when it is too long."""
    return _encode("QRCODE", text, quiet=4, gs1_data=False)


def _zint(ais: Mapping[str, str]) -> str:
    """Write elements for libzint: identifiers in square brackets, which no value can hold."""
    string = gs1.element_string(ais, paired=False)  # checks them
    found = gs1.read(f"]C1{string}")
    return "".join(f"[{part.ai}]{part.value}" for part in found.elements)


def _encode(kind: str, text: str, *, quiet: int, gs1_data: bool = True, square: bool = False) -> Symbol:
    import zint  # a binary module of two megabytes; most processes never print

    symbol = zint.Symbol()
    symbol.symbology = getattr(zint.Symbology, kind)
    modes = zint.InputMode
    symbol.input_mode = modes.GS1 | modes.GS1NOCHECK if gs1_data else modes.UNICODE
    if square:
        symbol.option_3 = 100  # DM_SQUARE
    try:
        symbol.encode(text)
    except RuntimeError as error:
        raise ValueError(f"{text!r} does not fit one symbol: {error}") from error
    packed = symbol.encoded_data
    return Symbol(
        tuple(
            "".join(
                "1" if packed[row, column // 8] >> column % 8 & 1 else "0" for column in range(symbol.width)
            )
            for row in range(symbol.rows)
        ),
        quiet,
    )

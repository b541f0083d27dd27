"""A sheet as a list of things with places in millimetres from its upper left corner, and its PDF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from b2b.core.paper import fonts
from b2b.core.paper.symbols import Symbol

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

POINTS_PER_MM: Final = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; `y` is its baseline, `size` the height of its letters, `room` how wide it may be, in mm."""

    x: float
    y: float
    text: str
    size: float = 3.0
    room: float = 200.0
    bold: bool = False
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Rule:
    """A line from one place to another."""

    x: float
    y: float
    to_x: float
    to_y: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A linear symbol at its upper left bar; `module` is its X-dimension. `data` is what it says, for printers that
    draw symbols themselves."""

    x: float
    y: float
    module: float
    height: float
    symbol: Symbol
    data: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """A square symbol at its upper left module; `kind` is datamatrix or qr."""

    x: float
    y: float
    module: float
    symbol: Symbol
    kind: str
    data: str


Item = Text | Rule | Bars | Matrix


def pdf(pages: Iterable[Sequence[Item]], *, width: float, height: float, title: str = "") -> bytes:
    """Draw pages of one size in mm into a PDF; the same items give the same bytes."""
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(
        out, pagesize=(width * POINTS_PER_MM, height * POINTS_PER_MM), pageCompression=1, invariant=1
    )
    canvas.setTitle(title)
    for items in pages:
        canvas.setLineWidth(0.5)
        for item in items:
            _draw(canvas, item, height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, item: Item, height: float) -> None:
    if isinstance(item, Text):
        _write(canvas, item, height)
    elif isinstance(item, Rule):
        canvas.line(
            *(place * POINTS_PER_MM for place in (item.x, height - item.y, item.to_x, height - item.to_y))
        )
    else:
        tall = item.height if isinstance(item, Bars) else item.module
        path: Any = canvas.beginPath()
        for row, column, length in item.symbol.bars():
            path.rect(
                (item.x + column * item.module) * POINTS_PER_MM,
                (height - item.y - (row + 1) * tall) * POINTS_PER_MM,
                length * item.module * POINTS_PER_MM,
                tall * POINTS_PER_MM,
            )
        canvas.drawPath(path, stroke=0, fill=1)


def _write(canvas: Canvas, item: Text, height: float) -> None:
    size = item.size * POINTS_PER_MM
    text = fonts.fitted(item.text, size, item.room * POINTS_PER_MM, bold=item.bold)
    canvas.setFont(fonts.name_for(text, bold=item.bold), size)
    draw = canvas.drawRightString if item.align == "right" else canvas.drawString
    draw(item.x * POINTS_PER_MM, (height - item.y) * POINTS_PER_MM, text)

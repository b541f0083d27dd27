"""Pictures of buffers and forecasts: inline SVG, drawn on the server, told in words as well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from orders.models import BufferSnapshot

WIDTH: Final = 560
HEIGHT: Final = 160
# Red, yellow and green as the method draws them, dark enough for text beside them.
ZONES: Final = (("#d64545", "red"), ("#e0b23c", "yellow"), ("#4c9f70", "green"))


def zones(shot: BufferSnapshot, label: str) -> SafeString:
    """Draw a buffer's zones as one bar with marks for what is on hand (a line) and the net flow (a triangle)."""
    tops = (shot.top_of_red, shot.top_of_yellow, shot.top_of_green)
    most = max(1, int(max(*tops, shot.on_hand, shot.net_flow) * 1.05))

    def x(value: int) -> str:
        return f"{max(0, value) * WIDTH / most:.1f}"

    bars, start = [], 0
    for top, (colour, _) in zip(tops, ZONES, strict=True):
        bars.append((x(start), x(top - start), colour))
        start = top
    return format_html(
        '<svg viewBox="0 0 {} 34" width="100%" height="34" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        '<rect x="{}" y="2" width="3" height="26" fill="#1f2933"/>'
        '<path d="M{} 34 l5 -8 l-10 0 z" transform="rotate(180 {} 30)" fill="#1f2933"/></svg>',
        WIDTH,
        label,
        format_html_join("", '<rect x="{}" y="6" width="{}" height="18" fill="{}"/>', bars),
        x(shot.on_hand),
        x(shot.net_flow),
        x(shot.net_flow),
    )


def by_week(wanted: Sequence[int], asked: Sequence[int], label: str) -> SafeString:
    """Draw what was wanted each week (solid) and what factories were asked for (dashed): how demand is amplified."""
    return _two_lines(list(zip(wanted, asked, strict=True)), label)


def against_actual(points: Sequence[tuple[date, int | None, Decimal | None]], label: str) -> SafeString:
    """Draw what was asked for (solid) and what was forecast (dashed) week by week."""
    return _two_lines([point[1:] for point in points], label)


def _two_lines(points: Sequence[tuple[int | None, int | Decimal | None]], label: str) -> SafeString:
    told: list[Any] = [value for point in points for value in point if value is not None]
    most = max([1.0, *(float(value) for value in told)])

    def path(side: int) -> str:
        found = [
            (index, float(value)) for index, point in enumerate(points) if (value := point[side]) is not None
        ]
        wide = WIDTH / max(1, len(points) - 1)
        return " ".join(
            f"{'M' if number == 0 else 'L'}{index * wide:.1f} {HEIGHT - 6 - value / most * (HEIGHT - 16):.1f}"
            for number, (index, value) in enumerate(found)
        )

    return format_html(
        '<svg viewBox="0 0 {} {}" width="100%" role="img" aria-label="{}">'
        '<line x1="0" y1="{}" x2="{}" y2="{}" stroke="#9aa5b1"/>'
        '<path d="{}" fill="none" stroke="#1f2933" stroke-width="2"/>'
        '<path d="{}" fill="none" stroke="#2f6fd0" stroke-width="2" stroke-dasharray="6 4"/></svg>',
        WIDTH, HEIGHT, label, HEIGHT - 6, WIDTH, HEIGHT - 6, path(0), path(1),
    )  # fmt: skip

"""Plots as inline SVG, drawn on the server: no script, nothing loaded; the table beside a plot says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH: Final = 720
HEIGHT: Final = 200
_LEFT, _BOTTOM, _TOP = 64, 22, 10
_TICKS: Final = 3
_LABELS: Final = 6


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a plot: its name and a value for each place; `colour` is 1 to 8 of the style sheet's palette."""

    label: Any
    values: Sequence[Decimal | int]
    colour: int


def stacked(places: Sequence[str], series: Sequence[Series], label: Any) -> SafeString:
    """Draw a bar for each place, its series upon each other; what is negative hangs below the line."""
    tops = [sum(max(Decimal(one.values[i]), Decimal(0)) for one in series) for i in range(len(places))]
    depths = [sum(min(Decimal(one.values[i]), Decimal(0)) for one in series) for i in range(len(places))]
    highest, lowest = max([Decimal(1), *tops]), min([Decimal(0), *depths])
    scale = Decimal(HEIGHT - _BOTTOM - _TOP) / (highest - lowest)
    zero = _TOP + highest * scale
    step = Decimal(WIDTH - _LEFT) / max(1, len(places))
    wide = step * Decimal("0.7")
    bars = []
    for i, place in enumerate(places):
        up = down = zero
        x = _LEFT + step * i + (step - wide) / 2
        for one in series:
            value = Decimal(one.values[i])
            tall = abs(value) * scale
            if value > 0:
                up -= tall
            y = up if value > 0 else down
            if value < 0:
                down += tall
            if tall:
                bars.append((one.colour, f"{x:.1f}", f"{y:.1f}", f"{wide:.1f}", f"{tall:.1f}", place, one.label,
                             f"{value:,.2f}"))  # fmt: skip
    return format_html(
        '<svg class="ms-plot" viewBox="0 0 {} {}" role="img" aria-label="{}">{}<line class="ms-axis" x1="{}" y1="{}" '
        'x2="{}" y2="{}"/>{}{}</svg>{}',
        WIDTH, HEIGHT, label, _scale(highest, zero, scale), _LEFT, f"{zero:.1f}", WIDTH, f"{zero:.1f}",
        format_html_join(
            "",
            '<rect class="ms-series-{}" x="{}" y="{}" width="{}" height="{}"><title>{} {}: {}</title></rect>',
            bars,
        ),
        _names(places, step),
        _legend(series),
    )  # fmt: skip


def _scale(highest: Decimal, zero: Decimal, scale: Decimal) -> SafeString:
    marks = [highest * part / _TICKS for part in range(_TICKS + 1)]
    return format_html_join(
        "",
        '<text class="ms-tick" x="{}" y="{}" text-anchor="end">{}</text>',
        ((_LEFT - 6, f"{zero - mark * scale + 4:.1f}", _short(mark)) for mark in marks),
    )


def _short(value: Decimal) -> str:
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _names(places: Sequence[str], step: Decimal) -> SafeString:
    every = max(1, -(-len(places) // _LABELS))
    return format_html_join(
        "",
        '<text class="ms-tick" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{_LEFT + step * i + step / 2:.1f}", HEIGHT - 6, place)
            for i, place in enumerate(places)
            if i % every == 0
        ),
    )


def _legend(series: Sequence[Series]) -> SafeString:
    return format_html(
        '<ul class="ms-legend">{}</ul>',
        format_html_join(
            "",
            '<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="ms-series-{}" width="10" height="10"/></svg>'
            "{}</li>",
            ((one.colour, one.label) for one in series),
        ),
    )

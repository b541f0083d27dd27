"""What the templates of the two sites need beside Django's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from b2b.admin import cells

register = template.Library()


@register.filter
def paired(row: Sequence[Any], columns: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pair each cell of a row with its column."""
    return list(zip(columns, row, strict=True))


@register.filter
def tone(status: str) -> str:
    """Return the tone of a status, or the tone itself when it is one."""
    return status if status in cells.TONES else cells.tone_of(status)


@register.filter
def status_badge(document: Any, status: str) -> SafeString:
    """Show a document's status with its readable label."""
    label = getattr(document, "get_status_display", None)
    return cells.badge(status, label() if label else "")


@register.filter
def money(amount: Any, currency: str) -> str:
    """Write an amount in a currency."""
    return cells.money(amount, currency)


@register.filter
def quantity(value: Any) -> str:
    """Write a whole number."""
    return cells.quantity(value)

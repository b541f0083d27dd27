"""Columns of lists that write amounts, quantities, moments and statuses as the rest of the site does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _

from b2b.admin import cells
from b2b.core.money import Money

Shown = Callable[[Any], Any]


def _path(obj: Any, path: str) -> Any:
    for name in path.split("."):
        if obj is None:
            return None
        obj = getattr(obj, name)
    return obj


def _column(name: str, label: Any, order: str, write: Shown) -> Shown:
    def column(obj: Any) -> Any:
        return write(obj)

    column.__name__ = name.replace(".", "_")
    column.short_description = label  # type: ignore[attr-defined]
    column.admin_order_field = order or None  # type: ignore[attr-defined]
    return column


def status(label: Any = None, name: str = "status", order: str = "") -> Shown:
    """Show a status as a coloured word."""

    def write(obj: Any) -> Any:
        readable = getattr(obj, f"get_{name}_display", None)
        return cells.badge(getattr(obj, name), readable() if readable else "")

    return _column(f"{name}_badge", label or _("Status"), order, write)


def money(name: str, label: Any, currency: str = "currency", order: str = "") -> Shown:
    """Show an amount in the row's currency."""
    return _column(
        name, label, order, lambda obj: cells.mono(cells.money(_path(obj, name), _path(obj, currency) or ""))
    )


def quantity(name: str, label: Any, order: str = "") -> Shown:
    """Show a whole number with separators."""
    return _column(name, label, order, lambda obj: cells.mono(cells.quantity(_path(obj, name))))


def moment(name: str, label: Any, order: str = "") -> Shown:
    """Show a moment to the minute."""
    return _column(name, label, order, lambda obj: cells.mono(cells.moment(_path(obj, name))))


def day(name: str, label: Any, order: str = "") -> Shown:
    """Show a date."""
    return _column(name, label, order, lambda obj: cells.mono(cells.day(_path(obj, name))))


def text(path: str, label: Any, order: str = "") -> Shown:
    """Show a text reached by a dotted path; select_related is the list's business."""
    return _column(path, label, order, lambda obj: _path(obj, path) or cells.NOTHING)


def minor(name: str, label: Any, currency: str = "currency", order: str = "") -> Shown:
    """Show an amount that is kept in minor units, in the row's currency."""

    def write(obj: Any) -> Any:
        try:
            value, unit = _path(obj, name), _path(obj, currency)
        except ObjectDoesNotExist:
            return cells.NOTHING
        return cells.mono(cells.money(Money.from_minor(value, unit).amount, unit))

    return _column(name, label, order, write)

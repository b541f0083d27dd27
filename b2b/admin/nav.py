"""Where a list or a page stands in the menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse


@dataclass(frozen=True, slots=True)
class Nav:
    """A place in the menu: a group of b2b.admin.navigation.GROUPS, an order within it, a Material symbol."""

    group: str
    order: int
    icon: str
    title: Any = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is not a list of a model."""

    route: str
    name: str
    view: Callable[..., HttpResponse]
    nav: Nav | None

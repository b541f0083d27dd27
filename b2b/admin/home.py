"""The home page of a site: figures and cards that the apps put there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that matters today, with what it means and where to act on it."""

    label: Any
    value: Any
    hint: Any = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A block of the home page: a template of the app's own, or a table."""

    title: Any
    template: str
    context: dict[str, Any]
    wide: bool = False


class Home:
    """Collects the contributions; each is asked once a request, in its declared order."""

    def __init__(self) -> None:
        self._figures: list[tuple[int, Callable[[HttpRequest], Iterable[Figure]]]] = []
        self._cards: list[tuple[int, Callable[[HttpRequest], Card | None]]] = []

    def figures(self, order: int) -> Callable[..., Callable[..., Any]]:
        """Register a function that returns figures for a request."""

        def add(call: Callable[[HttpRequest], Iterable[Figure]]) -> Callable[[HttpRequest], Iterable[Figure]]:
            self._figures.append((order, call))
            return call

        return add

    def card(self, order: int) -> Callable[..., Callable[..., Any]]:
        """Register a function that returns a card, or None when it has nothing to say."""

        def add(call: Callable[[HttpRequest], Card | None]) -> Callable[[HttpRequest], Card | None]:
            self._cards.append((order, call))
            return call

        return add

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Ask every contributor and return what the template shows."""
        figures = [figure for _, call in sorted(self._figures, key=_order) for figure in call(request)]
        cards = [card for _, call in sorted(self._cards, key=_order) if (card := call(request))]
        return {"figures": figures, "cards": cards}


def _order(pair: tuple[int, Any]) -> int:
    return pair[0]

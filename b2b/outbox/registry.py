"""Who acts on which fact: `@on(Event)` on a function in an app's handlers.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from b2b.contracts.base import Event

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that acts on an event type, the queue it is worked in, and whether order matters to it."""

    name: str
    event: type[Event]
    call: Callable[[Any], None]
    queue: str
    ordered: bool


HANDLERS: dict[str, Handler] = {}
EVENTS: dict[str, type[Event]] = {}


def on(
    event: type[E], *, ordered: bool = False, queue: str = ""
) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a handler: one service call, safe to be called twice, late or out of order.

    Its name is `<app>.<function>` and its queue the app, unless another is named. With `ordered`, deliveries of one
    aggregate to this handler are done in the order they were published.

    :raises ValueError: when two handlers of one app share a name.
    """

    def register(call: Callable[[E], None]) -> Callable[[E], None]:
        app = call.__module__.partition(".handlers")[0].rpartition(".")[2]
        name = f"{app}.{call.__name__}"
        if name in HANDLERS and HANDLERS[name].call is not call:
            raise ValueError(f"two handlers are called {name}")
        HANDLERS[name] = Handler(name=name, event=event, call=call, queue=queue or app, ordered=ordered)
        EVENTS[event.topic] = event
        return call

    return register


def handlers_of(topic: str) -> list[Handler]:
    """Return the handlers of a topic, in the order they registered."""
    return [handler for handler in HANDLERS.values() if handler.event.topic == topic]

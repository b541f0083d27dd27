"""`manage.py document_events`: writes docs/events.md from the contracts and the registry of handlers."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

import b2b.contracts
from b2b.contracts.base import Event, Part
from b2b.outbox.registry import HANDLERS, Handler

HEAD = """# Events

Written by `manage.py document_events`; do not edit. Each fact is published in the transaction that made it true and
reaches every handler at least once, with exactly one effect. A handler marked *in order* gets the facts of one
aggregate in the order of publication. Fields are only ever added, with a default; anything else is a new version.
"""


class Command(BaseCommand):
    """Write docs/events.md, or check that it is what would be written."""

    help = "Write docs/events.md from the contracts and the registered handlers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="fail when docs/events.md is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or check."""
        path = Path(settings.BASE_DIR) / "docs" / "events.md"
        text = document()
        if options["check"]:
            if not path.exists() or path.read_text() != text:
                raise CommandError("docs/events.md is out of date; run manage.py document_events.")
            return
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        self.stdout.write(f"wrote {path.name}")


def document() -> str:
    """Return the catalogue of events as Markdown."""
    sections = [HEAD]
    for app, events, parts in _contracts():
        if not events:
            continue
        sections.append(f"## {app}\n")
        sections += [_event(event) for event in events]
        used = [part for part in parts if part.__module__.rpartition(".")[2] == app]
        if used:
            sections.append(f"### Parts of the events of {app}\n")
            sections += [f"**{part.__name__}**: {_summary(part)}\n\n{_fields(part)}" for part in used]
    return "\n".join(sections).rstrip() + "\n"


def _contracts() -> list[tuple[str, list[type[Event]], list[type[Part]]]]:
    found = []
    for module in sorted(info.name for info in pkgutil.iter_modules(b2b.contracts.__path__)):
        loaded = import_module(f"b2b.contracts.{module}")
        classes = [
            kind
            for kind in vars(loaded).values()
            if inspect.isclass(kind) and kind.__module__ == loaded.__name__
        ]
        events = [kind for kind in classes if issubclass(kind, Event) and kind.topic]
        parts = [kind for kind in classes if issubclass(kind, Part) and kind is not Part]
        found.append((module, sorted(events, key=lambda kind: kind.topic), parts))
    return found


def _event(event: type[Event]) -> str:
    listeners = sorted(
        (handler for handler in HANDLERS.values() if handler.event is event), key=lambda handler: handler.name
    )
    facts = [
        f"### {event.__name__}\n",
        f"{_summary(event)}\n",
        f"- topic `{event.topic}`, published by `{event.topic.split('.')[0]}`",
        f"- about `{event.aggregate}`; readable outside by "
        + (", ".join(f"`{name}`" for name in event.party_fields) or "the operator alone"),
        "- handled by " + (", ".join(map(_listener, listeners)) or "nobody inside yet"),
    ]
    return "\n".join(facts) + "\n\n" + _fields(event)


def _listener(handler: Handler) -> str:
    return f"`{handler.name}`" + (" (in order)" if handler.ordered else "")


def _summary(kind: type) -> str:
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())


def _fields(kind: type[msgspec.Struct]) -> str:
    hints = get_type_hints(kind)
    lines = ["| field | type | default |", "| --- | --- | --- |"]
    for field in msgspec.structs.fields(kind):
        default = "" if field.required else f"`{_default(field)!r}`"
        name = _type_name(hints[field.name]).replace("|", "\\|")
        lines.append(f"| `{field.name}` | {name} | {default} |")
    return "\n".join(lines) + "\n"


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def _type_name(hint: Any) -> str:
    if inspect.isclass(hint) and not getattr(hint, "__args__", ()):
        return hint.__name__
    return (
        str(hint)
        .replace("typing.", "")
        .replace("b2b.contracts.", "")
        .replace("datetime.", "")
        .replace("uuid.", "")
    )

"""The syntax of EDIFACT (ISO 9735, version 3 and 4): segments, composites, release marks, in UTF-8 or Latin 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from b2b.core.errors import Invalid, Problem

MAX_BYTES: Final = 4 * 2**20
MAX_SEGMENTS: Final = 100_000
# Between components, between elements, decimal mark, release, repetition or nothing, end of a segment.
PLAIN_MARKS: Final = ":+.? '"


class UnreadableMessage(Invalid):
    """The interchange has faults; nothing of it was taken."""

    code = "unreadable_message"


@dataclass(frozen=True, slots=True)
class Segment:
    """A tag and its elements, each a tuple of components; `number` counts segments of the file from 1."""

    number: int
    tag: str
    elements: tuple[tuple[str, ...], ...]

    def value(self, element: int, component: int = 0) -> str:
        """Return a component by its place, counted from 0; nothing where none is told."""
        found = self.elements[element] if element < len(self.elements) else ()
        return found[component].strip() if component < len(found) else ""


def fault(code: str, message: str, at: Segment | int, field: str, remedy: str) -> Problem:
    """Return what is wrong with a segment; `row` is its number in the file."""
    number = at if isinstance(at, int) else at.number
    return Problem(code, message, row=number, field=field, remedy=remedy)


def segments(content: bytes) -> list[Segment]:
    """Return the segments of an interchange, the service string advice (UNA) read and left out.

    :raises UnreadableMessage: when it is no text, too long, or ends within a segment.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableMessage(f"more than {MAX_BYTES} bytes are not read")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("iso-8859-1")  # UNOC and older name no other
    text = text.removeprefix("\ufeff").lstrip("\r\n ")
    marks = PLAIN_MARKS
    if text.startswith("UNA"):
        marks, text = text[3:9], text[9:]
        if len(set(marks) - {" "}) < 5:
            raise UnreadableMessage(
                "the service string advice names a mark twice",
                problems=[fault("bad_una", "UNA names six characters", 1, "UNA", f"send UNA{PLAIN_MARKS}")],
            )
    found = _split(text, marks)
    if not found:
        raise UnreadableMessage(
            "there is no segment",
            problems=[fault("empty", "nothing is told", 1, "UNB", "send an interchange")],
        )
    return found


def _split(text: str, marks: str) -> list[Segment]:
    component_mark, element_mark, _, release, _, end = tuple(marks)
    found: list[Segment] = []
    elements: list[tuple[str, ...]] = []
    components: list[str] = []
    part: list[str] = []
    characters = iter(text)
    for character in characters:
        if character == release and release != " ":
            part.append(next(characters, ""))
        elif character in (component_mark, element_mark, end):
            components.append("".join(part))
            part = []
            if character == component_mark:
                continue
            elements.append(tuple(components))
            components = []
            if character == end:
                found.append(_segment(len(found) + 1, elements))
                elements = []
        elif character not in "\r\n":
            part.append(character)
    if "".join(part).strip() or elements or components:
        raise UnreadableMessage(
            "the file ends within a segment",
            problems=[
                fault("cut_off", "the last segment has no end", len(found) + 1, "", f"end it with {end}")
            ],
        )
    return found


def _segment(number: int, elements: Sequence[tuple[str, ...]]) -> Segment:
    if number > MAX_SEGMENTS:
        raise UnreadableMessage(f"more than {MAX_SEGMENTS} segments are not read")
    [tag, *_] = elements[0]
    if not (len(tag.strip()) == 3 and tag.strip().isalnum() and tag.strip().isupper()):
        raise UnreadableMessage(
            f"segment {number} has no tag",
            problems=[
                fault(
                    "no_tag", f"{tag[:12]!r} is no tag", number, "", "begin each segment with three capitals"
                )
            ],
        )
    return Segment(number, tag.strip(), tuple(elements[1:]))


def written(parts: Iterable[Sequence[str | Sequence[str]]]) -> str:
    """Write segments, each a tag and its elements (a text, or its components), with the plain marks and UNA.

    Empty components and elements at the end are left out; marks within texts are released.
    """
    lines = [f"UNA{PLAIN_MARKS}"]
    for tag, *elements in parts:
        told = [str(tag)]
        for element in elements:
            components = [element] if isinstance(element, str) else list(element)
            while components and not components[-1]:
                components.pop()
            told.append(":".join(map(_released, components)))
        while told and not told[-1]:
            told.pop()
        lines.append("+".join(told) + "'")
    return "\n".join(lines) + "\n"


def _released(text: str) -> str:
    flat = " ".join(text.split()) if any(mark in text for mark in "\r\n") else text
    return "".join(f"?{character}" if character in ":+?'" else character for character in flat)

"""A VRPLIB file taken apart: specifications, sections and numbers, each with its line (TSPLIB 95, CVRPLIB, PyVRP)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from b2b.core.errors import Invalid, Problem

HARMLESS: Final = frozenset({
    "NAME", "COMMENT", "TYPE", "DIMENSION", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "NODE_COORD_TYPE",
    "DISPLAY_DATA_TYPE", "BEST_KNOWN", "AUTHOR", "SOURCE",
})  # fmt: skip
NUMBERS: Final = frozenset({
    "VEHICLES", "CAPACITY", "SERVICE_TIME", "DISTANCE", "RELEASE_TIME", "VEHICLES_MAX_DURATION",
    "VEHICLES_MAX_DISTANCE", "VEHICLES_FIXED_COST", "VEHICLES_UNIT_DISTANCE_COST",
})  # fmt: skip
BY_NODE: Final = frozenset({
    "NODE_COORD", "DEMAND", "LINEHAUL", "BACKHAUL", "TIME_WINDOW", "SERVICE_TIME", "RELEASE_TIME", "PRIZE",
    "PICKUP_AND_DELIVERY",
})  # fmt: skip
BY_VEHICLE: Final = frozenset({
    "CAPACITY", "VEHICLES_DEPOT", "VEHICLES_MAX_DURATION", "VEHICLES_MAX_DISTANCE", "VEHICLES_FIXED_COST",
    "VEHICLES_UNIT_DISTANCE_COST", "VEHICLES_ALLOWED_CLIENTS",
})  # fmt: skip
OTHER: Final = frozenset({"DEPOT", "EDGE_WEIGHT", "MUTUALLY_EXCLUSIVE_GROUP"})
SECTION = re.compile(r"^([A-Z][A-Z_ ]*?)_SECTION\s*:?\s*$")
SPECIFICATION = re.compile(r"^([A-Za-z][\w ]*?)\s*:\s*(.*)$")
SOLOMON = re.compile(r"^\s*VEHICLE\s*$", re.MULTILINE)


class BadInstance(Invalid):
    """The file is not an instance that can be planned; the message names the line and what to do."""

    code = "bad_instance"

    def __init__(self, line: int, text: str) -> None:
        where = f"line {line}: " if line else ""
        super().__init__(where + text, problems=[Problem("bad_instance", text, f"/{line}")])


@dataclass(frozen=True, slots=True)
class Row:
    """The numbers of a line."""

    line: int
    values: tuple[Decimal, ...]


@dataclass(slots=True)
class Text:
    """What a file says, not yet what it means."""

    specs: dict[str, tuple[int, str]] = field(default_factory=dict)
    sections: dict[str, list[Row]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def spec(self, name: str, default: str = "") -> str:
        """Return the text of a specification."""
        return self.specs.get(name, (0, default))[1]

    def number(self, name: str) -> Decimal | None:
        """Return the number a specification gives, None when it is not there."""
        if name not in self.specs:
            return None
        line, value = self.specs[name]
        return read_number(value, line)

    def whole(self, name: str) -> int | None:
        """Return the whole number above zero a specification gives, None when it is not there."""
        value = self.number(name)
        if value is not None and (value != int(value) or value < 1):
            raise BadInstance(self.specs[name][0], f"{name} has to be a whole number above zero, not {value}")
        return None if value is None else int(value)


def read_number(word: str, line: int) -> Decimal:
    """Return a finite number.

    :raises BadInstance: when the word is none.
    """
    try:
        value = Decimal(word)
    except InvalidOperation:
        raise BadInstance(line, f"{word!r} is not a number") from None
    if not value.is_finite():
        raise BadInstance(line, f"{word!r} is not a finite number")
    return value


def read(content: str, *, ignore: Iterable[str] = ()) -> Text:
    """Take a file apart, VRPLIB or Solomon's table; names in `ignore` are skipped, others nobody knows are refused.

    :raises BadInstance: for the first line that is not understood.
    """
    content = content.lstrip("\ufeff")
    if SOLOMON.search(content):
        return _solomon(content)
    found, skipped = Text(), {name.upper().removesuffix("_SECTION") for name in ignore}
    rows: list[Row] | None = None
    for number, line in _lines(content):
        if line.upper() == "EOF":
            break
        if header := SECTION.match(line.upper()):
            rows = _open(found, header[1].strip(), number, skipped)
        elif rows is not None:
            rows.append(Row(number, tuple(read_number(word, number) for word in line.split())))
        else:
            _specify(found, number, line, skipped)
    if not found.sections:
        raise BadInstance(0, "there is no section in it: this is not a VRPLIB file and not Solomon's table")
    return found


def _lines(content: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _open(found: Text, name: str, line: int, skipped: set[str]) -> list[Row]:
    if name in skipped:
        found.ignored.append(f"{name}_SECTION")
        return []
    if name not in BY_NODE | BY_VEHICLE | OTHER:
        raise BadInstance(
            line, f"{name}_SECTION may hold a rule this planner does not know; --ignore {name} skips it"
        )
    if name in found.sections:
        raise BadInstance(line, f"{name}_SECTION is there twice")
    found.sections[name] = []
    return found.sections[name]


def _specify(found: Text, line: int, text: str, skipped: set[str]) -> None:
    told = SPECIFICATION.match(text)
    if told is None:
        raise BadInstance(line, f"{text[:40]!r} is neither 'NAME : value' nor a section")
    name, value = told[1].strip().upper(), told[2].strip().strip('"')
    if name in skipped:
        found.ignored.append(name)
    elif name not in HARMLESS | NUMBERS:
        raise BadInstance(line, f"{name} may be a rule this planner does not know; --ignore {name} skips it")
    elif name in found.specs:
        raise BadInstance(line, f"{name} is there twice")
    else:
        found.specs[name] = (line, value)


def _solomon(content: str) -> Text:
    """Read a table of Solomon's or of Gehring and Homberger's: name, fleet, then a row for each customer."""
    lines = list(_lines(content))
    found, rows = Text({"NAME": lines[0], "EDGE_WEIGHT_TYPE": (0, "EUC_2D"), "TYPE": (0, "VRPTW")}), []
    for number, line in lines[1:]:
        words = line.split()
        if words[0][0].isalpha():
            continue  # headings
        values = tuple(read_number(word, number) for word in words)
        if len(values) == 2 and "VEHICLES" not in found.specs:
            found.specs |= {"VEHICLES": (number, words[0]), "CAPACITY": (number, words[1])}
        elif len(values) == 7:
            rows.append(Row(number, values))
        else:
            raise BadInstance(
                number, f"{len(values)} numbers; a customer has 7: number, x, y, demand, ready, due, service"
            )
    if "VEHICLES" not in found.specs or not rows:
        raise BadInstance(
            0, "Solomon's table needs the number and capacity of vehicles, a depot and customers"
        )
    found.specs["DIMENSION"] = (0, str(len(rows)))
    columns = {"NODE_COORD": (1, 3), "DEMAND": (3, 4), "TIME_WINDOW": (4, 6), "SERVICE_TIME": (6, 7)}
    for name, (start, end) in columns.items():
        found.sections[name] = [Row(row.line, (row.values[0], *row.values[start:end])) for row in rows]
    found.sections["DEPOT"] = [Row(rows[0].line, (rows[0].values[0],))]
    return found

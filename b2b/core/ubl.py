"""What every reader of a UBL 2.0 to 2.4 document does: open it, find elements, collect what is wrong (OASIS)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from b2b.core.errors import Invalid, Problem
from b2b.core.xml import parse_untrusted_xml

MAX_BYTES: Final = 16 * 2**20
MAX_LINES: Final = 20_000
CAC: Final = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
CBC: Final = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"


def root_of(content: bytes, name: str, unreadable: type[Invalid]) -> Any:
    """Return the root of a UBL 2 document of that name.

    :raises UnsafeXml: for a document type, or a file too large or too deep. :raises MalformedXml: with the line.
    """
    root = parse_untrusted_xml(content, max_bytes=MAX_BYTES)
    if root is not None and root.tag == f"{{urn:oasis:names:specification:ubl:schema:xsd:{name}-2}}{name}":
        return root
    found = re.sub(r"[{}]", " ", str(root.tag))[:120].strip() if root is not None else "nothing"
    article = "an" if name[0] in "AEIO" else "a"
    code = f"not_{article}" + re.sub(r"(?=[A-Z])", "_", name).lower()
    wrong = Problem(code, f"the root is no {name}", row=1, remedy=f"send UBL {name} 2.x")
    raise unreadable(f"this is {found}, no UBL 2 {name}", problems=[wrong])


def path(steps: str) -> str:
    """Write a path with UBL's namespaces: aggregates to the last step, which is basic."""
    *aggregates, last = steps.split("/")
    return "/".join([*(CAC + step for step in aggregates), CBC + last])


def text(element: Any, steps: str) -> str:
    """Return what stands in a basic element below another; nothing when either is not there."""
    found = None if element is None else element.find(path(steps))
    return (found.text or "").strip() if found is not None else ""


def unit_code(element: Any, name: str) -> str:
    """Return the unit of a quantity below an element."""
    counted = element.find(CBC + name)
    return "" if counted is None else counted.get("unitCode", "").strip()[:8]


class Reader:
    """Reads one document and collects what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def fault(self, code: str, message: str, element: Any, field: str, remedy: str) -> None:
        """Remember a fault of an element, with its line in the file."""
        row = getattr(element, "sourceline", None)
        self.problems.append(Problem(code, message, row=row, field=field, remedy=remedy))

    def number(self, root: Any, what: str) -> str:
        """Return the document's own number."""
        found = text(root, "ID")
        if not found or len(found) > 80:
            self.fault("no_number", f"the {what} has no number of at most 80 characters", root, "ID",
                       f"give your own number of the {what} in cbc:ID")  # fmt: skip
        return found

    def lines(self, root: Any, name: str, what: str, remedy: str) -> list[Any]:
        """Return the line elements, no more than are taken."""
        elements = root.findall(CAC + name)
        if not elements or len(elements) > MAX_LINES:
            message = f"the {what} has {len(elements)} lines; 1 to {MAX_LINES} are taken"
            self.fault("line_count", message, root, name, remedy)
        return list(elements[:MAX_LINES])

    def day(self, element: Any, steps: str, *, needed: bool = True) -> date | None:
        """Return a date; an xsd:date may carry a time zone, which is left out."""
        found = text(element, steps)
        if not found and not needed:
            return None
        try:
            return date.fromisoformat(found[:10])
        except ValueError:
            self.fault("no_date", f"{found[:40]!r} is no date", element, steps, "write YYYY-MM-DD")
            return None

"""What can be wrong with a scan."""

from __future__ import annotations

from b2b.core.errors import Invalid, Problem


class ScanError(Invalid):
    """The bar code is not right by the rules of GS1; nothing of it may be used."""

    code = "scan_error"


def fault(code: str, message: str, *, position: int | None = None, ai: str = "", remedy: str) -> Problem:
    """Make a problem that tells the place: `position` counts characters from 1; the pointer is RFC 5147's."""
    where = f"character {position}: " if position is not None else ""
    pointer = f"#char={position - 1}" if position is not None else ""
    return Problem(code, f"{where}{message}", pointer, field=f"({ai})" if ai else "", remedy=remedy)


def refuse(code: str, message: str, *, position: int | None = None, ai: str = "", remedy: str) -> ScanError:
    """Make the error of a single fault."""
    problem = fault(code, message, position=position, ai=ai, remedy=remedy)
    return ScanError(problem.message, problems=[problem], position=position, ai=ai)

"""Which identifiers need, and which exclude each other.

The rules of the GS1 Barcode Syntax Dictionary (req=, ex=; 2025), as data. In an identifier `n` is any digit. They hold
for all that is marked on one thing together: the bar codes of a label are combined before they are checked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Final

from b2b.core.errors import Problem
from b2b.core.gs1.errors import fault

# Each row: these identifiers need one of those; 01+21 needs both. Several rows of an identifier all hold.
NEEDS: Final = (
    ("10 11 13 15 16", "01 02 03 8006 8026"),
    ("17", "01 02 03 255 8006 8026"),
    ("20 240 241 242 422 7001", "01 02 8006 8026"),
    ("02 8026", "37"),
    ("12 415", "8020"),
    ("21", "01 03 8006"),
    ("22 235 243 337n 710 711 712 713 714 715 716 717 8001 8014 8200", "01"),
    ("250 251 7020 7021 7240 8012", "01 8006"),
    ("250", "21"),
    ("254", "414"),
    ("30 310n 311n 312n 313n 314n 315n 316n 320n 321n 322n 323n 324n 325n 326n 327n 328n 329n", "01 02"),
    ("350n 351n 352n 356n 357n 360n 361n 364n 365n 366n 423 424 425 426 427", "01 02"),
    ("7002 7003 7005 7006 7007 7008 7009 7010 7011 703n 8005 8008", "01 02"),
    ("330n 331n 332n 333n 334n 335n 336n 34nn 353n 354n 355n 362n 363n 367n 368n 369n 8009", "00 01"),
    ("37 403 4300 4301 4302 4304 4305 4306 4307 4308 4309 4310 4311 4312 4314 4315 4316 4317 4318 4319", "00"),
    ("432n 433n 7041", "00"),
    ("37", "02 8026"),
    ("390n", "255 8020"),
    ("391n", "8020"),
    ("392n 7004", "01"),
    ("392n 393n 395n", "30 31nn 32nn 35nn 36nn"),
    ("394n 8111", "255"),
    ("427", "422"),
    ("4303", "4302"),
    ("4313", "4312"),
    ("7004", "10"),
    ("7020", "416"),
    ("7022", "7021"),
    ("723n", "01 8004"),
    ("7241 7242 7253 7254 7255 7256 8019", "8017 8018"),
    ("7250 7251 7252 7257 7259", "8018"),
    ("7258", "8018+7259"),
    ("8007 8020", "415"),
    ("8011", "8010"),
    ("8030", "00 01+21 253 255 8003 8004 8006+21 8010+8011 8017 8018"),
)  # fmt: skip
# Each row: these identifiers never stand beside those, an identifier itself excepted.
EXCLUDES: Final = (
    ("01", "02 03 255 37 8006"),
    ("02", "03 255 8026"),
    ("03", "37"),
    ("21", "235"),
    ("255", "415 8006 8020 8026"),
    ("37", "8006"),
    ("390n", "391n 394n 8111"),
    ("392n", "393n 395n"),
    ("393n 8005", "395n"),
    ("394n", "8111"),
    ("420", "421"),
    ("421", "4307"),
    ("422 423 424 425", "426"),
    ("4330", "4331"),
    ("4332", "4333"),
    ("7250", "7251"),
    ("7253 7254 7255", "7256 7259"),
    ("7256", "7259"),
    ("8006", "8026"),
    ("8017", "8018"),
)
# A measure or amount is given with one number of decimals: 3102 excludes 3103.
ONE_SCALE: Final = re.compile(r"3[1-6]\d\d|39[0-5]\d", re.ASCII)


def _matches(pattern: str, ai: str) -> bool:
    return len(pattern) == len(ai) and all(
        want in ("n", digit) for want, digit in zip(pattern, ai, strict=True)
    )


@cache
def needs(ai: str) -> tuple[tuple[str, ...], ...]:
    """Return the choices an identifier needs: of each one must be met."""
    return tuple(
        tuple(choice.split())
        for patterns, choice in NEEDS
        if any(_matches(pattern, ai) for pattern in patterns.split())
    )


@cache
def excludes(ai: str) -> tuple[str, ...]:
    """Return the patterns an identifier never stands beside, whichever of the two the rule names first."""
    out: list[str] = [f"{ai[:3]}n"] if ONE_SCALE.fullmatch(ai) else []
    for left, right in EXCLUDES:
        if any(_matches(pattern, ai) for pattern in left.split()):
            out += right.split()
        if any(_matches(pattern, ai) for pattern in right.split()):
            out += left.split()
    return tuple(out)


def _is_met(choice: str, present: Collection[str]) -> bool:
    return all(any(_matches(part, ai) for ai in present) for part in choice.split("+"))


def faults(present: dict[str, int | None]) -> list[Problem]:
    """Return what is wrong with identifiers that mark one thing together; each is given with its place."""
    found = [problem for ai, position in present.items() for problem in _missing(ai, position, present)]
    # Each pair is told once, at the identifier that sorts behind.
    found += (
        fault(
            "excluded_pair",
            f"({ai}) cannot stand beside ({other})",
            position=position,
            ai=ai,
            remedy="these are of two things: scan one after the other",
        )
        for ai, position in present.items()
        for other in present
        if other < ai and any(_matches(pattern, other) for pattern in excludes(ai))
    )
    return found


def _missing(ai: str, position: int | None, present: Collection[str]) -> Iterator[Problem]:
    for choices in needs(ai):
        if not any(_is_met(choice, present) for choice in choices):
            wanted = " or ".join(
                " with ".join(f"({part})" for part in choice.split("+")) for choice in choices
            )
            yield fault(
                "missing_pair",
                f"({ai}) says nothing without {wanted}",
                position=position,
                ai=ai,
                remedy=f"scan it together with {wanted}",
            )

"""The plans against the published master tables, in the form of MIL-STD-105E (Re by lot, level II, AQL 0.65 to 15)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies.sampling import (
    AQLS,
    LEVELS,
    Judged,
    Severity,
    code_letter,
    plan,
    points,
    severity_after,
)

COLUMNS = [Decimal(text) for text in ["0.65", "1.0", "1.5", "2.5", "4.0", "6.5", "10", "15"]]
# lot size, letter, then the rejection number or the arrow of each column
NORMAL = """
2 A v v v v v 1 v v
9 B v v v v 1 ^ v 2
16 C v v v 1 ^ v 2 3
26 D v v 1 ^ v 2 3 4
51 E v 1 ^ v 2 3 4 6
91 F 1 ^ v 2 3 4 6 8
151 G ^ v 2 3 4 6 8 11
281 H v 2 3 4 6 8 11 15
501 J 2 3 4 6 8 11 15 22
1201 K 3 4 6 8 11 15 22 ^
3201 L 4 6 8 11 15 22 ^ ^
10001 M 6 8 11 15 22 ^ ^ ^
35001 N 8 11 15 22 ^ ^ ^ ^
150001 P 11 15 22 ^ ^ ^ ^ ^
500001 Q 15 22 ^ ^ ^ ^ ^ ^
"""
TIGHTENED = """
2 A v v v v v v v v
9 B v v v v v 1 v v
16 C v v v v 1 v v 2
26 D v v v 1 v v 2 3
51 E v v 1 v v 2 3 4
91 F v 1 v v 2 3 4 6
151 G 1 v v 2 3 4 6 9
281 H v v 2 3 4 6 9 13
501 J v 2 3 4 6 9 13 19
1201 K 2 3 4 6 9 13 19 ^
3201 L 3 4 6 9 13 19 ^ ^
10001 M 4 6 9 13 19 ^ ^ ^
35001 N 6 9 13 19 ^ ^ ^ ^
150001 P 9 13 19 ^ ^ ^ ^ ^
500001 Q 13 19 ^ ^ ^ ^ ^ ^
"""
# Reduced, by GB/T 2828.1-2012 table 2-C (identical with ISO 2859-1:1999): the letter that is used in the end
# and its acceptance number.
REDUCED = """
2 A F0 E0 D0 C0 B0 A0 D1 C1
9 B F0 E0 D0 C0 B0 A0 D1 C1
16 C F0 E0 D0 C0 B0 E1 D1 C1
26 D F0 E0 D0 C0 F1 E1 D1 D2
51 E F0 E0 D0 G1 F1 E1 E2 E3
91 F F0 E0 H1 G1 F1 F2 F3 F5
151 G F0 J1 H1 G1 G2 G3 G5 G6
281 H K1 J1 H1 H2 H3 H5 H6 H8
501 J K1 J1 J2 J3 J5 J6 J8 J10
1201 K K1 K2 K3 K5 K6 K8 K10 J10
3201 L L2 L3 L5 L6 L8 L10 K10 J10
10001 M M3 M5 M6 M8 M10 L10 K10 J10
35001 N N5 N6 N8 N10 M10 L10 K10 J10
150001 P P6 P8 P10 N10 M10 L10 K10 J10
500001 Q Q8 Q10 P10 N10 M10 L10 K10 J10
"""
REDUCED_SIZES = dict(
    zip("ABCDEFGHJKLMNPQ", (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500), strict=True)
)
SIZES = dict(
    zip("ABCDEFGHJKLMNPQ", (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250), strict=True)
)


@pytest.mark.parametrize(("severity", "table"), [(Severity.NORMAL, NORMAL), (Severity.TIGHTENED, TIGHTENED)])
def test_every_cell_of_the_published_tables(severity: Severity, table: str) -> None:
    rows = [line.split() for line in table.split("\n") if line]
    cells = [row[2:] for row in rows]
    for at, (lot, letter, *row) in enumerate(rows):
        assert code_letter(int(lot)) == letter
        for column, _cell in enumerate(row):
            place = at
            while cells[place][column] in "v^":
                place += 1 if cells[place][column] == "v" else -1
            found = plan(int(lot), COLUMNS[column], severity=severity)
            assert (found.letter, found.reject) == (rows[place][1], int(cells[place][column]))
            assert found.sample_size == min(SIZES[found.letter], int(lot))


def test_every_cell_of_the_published_table_of_reduced_inspection() -> None:
    for line in filter(None, REDUCED.split("\n")):
        lot, letter, *row = line.split()
        assert code_letter(int(lot)) == letter
        for aql, cell in zip(COLUMNS, row, strict=True):
            found = plan(int(lot), aql, severity=Severity.REDUCED)
            assert (found.letter, found.accept) == (cell[0], int(cell[1:])), (letter, aql)
            assert found.sample_size == min(REDUCED_SIZES[found.letter], int(lot))


@pytest.mark.parametrize(
    ("lot", "letters"),  # S-1 S-2 S-3 S-4 I II III
    [
        (8, "AAAAAAB"),
        (50, "ABBCCDE"),
        (91, "BBCDDFG"),
        (1200, "CCEFGJK"),
        (10_000, "CDFGJLM"),
        (10**6, "DEHKNQR"),
    ],
)
def test_code_letters_of_every_level(lot: int, letters: str) -> None:
    assert "".join(code_letter(lot, level) for level in LEVELS) == letters


@pytest.mark.parametrize(
    ("lot", "aql", "letter", "size", "accept"),
    [
        (500_001, "0.010", "Q", 1250, 0),
        (150_001, "0.015", "P", 800, 0),
        (500_001, "0.040", "Q", 1250, 1),
        (60, "250", "E", 13, 44),
        (100, "65", "F", 20, 21),
        (100, "100", "E", 13, 21),
        (5, "1000", "A", 2, 30),
    ],
)
def test_corners(lot: int, aql: str, letter: str, size: int, accept: int) -> None:
    found = plan(lot, Decimal(aql))
    assert (found.letter, found.sample_size, found.accept) == (letter, size, accept)


@pytest.mark.parametrize(
    ("lot", "aql", "letter", "size", "accept"),
    [
        (500_001, "0.010", "Q", 500, 0),
        (500_001, "0.025", "N", 200, 0),
        (10, "25", "B", 2, 1),
        (5, "100", "A", 2, 5),
        (5, "1000", "A", 2, 30),
        (10, "150", "B", 2, 7),
        (20, "150", "C", 2, 8),
        (20, "1000", "B", 2, 30),
        (60, "250", "E", 5, 21),
        (100, "65", "F", 8, 10),
        (100, "100", "E", 5, 10),
        (40, "1000", "B", 2, 30),
    ],
)
def test_corners_of_reduced_inspection(lot: int, aql: str, letter: str, size: int, accept: int) -> None:
    found = plan(lot, Decimal(aql), severity=Severity.REDUCED)
    assert (found.letter, found.sample_size, found.accept) == (letter, size, accept)


lots = st.integers(1, 2_000_000)
aqls = st.sampled_from(AQLS)
levels = st.sampled_from(LEVELS)


@given(lots, aqls, levels)
def test_a_sample_is_within_its_lot_and_decides(lot: int, aql: Decimal, level: str) -> None:
    for severity in (Severity.NORMAL, Severity.TIGHTENED, Severity.REDUCED):
        found = plan(lot, aql, level=level, severity=severity)
        assert 1 <= found.sample_size <= lot
        assert found.reject == found.accept + 1
        assert found.accepts(found.accept)
        assert not found.accepts(found.reject)


@given(lots, lots, aqls, levels)
def test_a_larger_lot_never_has_a_smaller_sample(one: int, other: int, aql: Decimal, level: str) -> None:
    small, large = (plan(lot, aql, level=level) for lot in sorted((one, other)))
    assert small.sample_size <= large.sample_size
    assert small.accept <= large.accept


@given(lots, aqls, levels)
def test_tightened_is_never_laxer(lot: int, aql: Decimal, level: str) -> None:
    normal, tightened = (
        plan(lot, aql, level=level, severity=severity) for severity in (Severity.NORMAL, Severity.TIGHTENED)
    )
    # Judged by the share of the sample that may be bad: arrows may lead to another sample size.
    assert tightened.accept * normal.sample_size <= normal.accept * tightened.sample_size


@given(lots, aqls, levels)
def test_reduced_never_looks_at_more(lot: int, aql: Decimal, level: str) -> None:
    normal, reduced = (
        plan(lot, aql, level=level, severity=severity) for severity in (Severity.NORMAL, Severity.REDUCED)
    )
    assert reduced.sample_size <= normal.sample_size
    assert reduced.accept <= normal.accept or reduced.letter != normal.letter


def test_what_cannot_be_planned_is_refused() -> None:
    for lot, aql, level in ((0, "1.0", "II"), (10, "1.1", "II"), (10, "1.0", "IV")):
        with pytest.raises(ValueError):
            plan(lot, Decimal(aql), level=level)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ("", Severity.NORMAL),
        ("+-+++", Severity.NORMAL),
        ("-++++-", Severity.NORMAL),
        ("-+++-", Severity.TIGHTENED),
        ("--++++", Severity.TIGHTENED),
        ("--+++++", Severity.NORMAL),
        ("--+++-+++++", Severity.NORMAL),
        ("---+-+-+-", Severity.TIGHTENED),
        ("---+-+-+--", Severity.DISCONTINUED),
        ("---+-+-+--+++++", Severity.DISCONTINUED),
    ],
)
def test_switching(outcomes: str, expected: Severity) -> None:
    assert severity_after(Judged(sign == "+") for sign in outcomes) is expected


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ("3" * 9, Severity.NORMAL),
        ("3" * 10, Severity.REDUCED),
        ("2" * 14, Severity.NORMAL),
        ("2" * 15, Severity.REDUCED),
        (
            "3" * 9 + "0" + "3" * 9,
            Severity.NORMAL,
        ),  # accepted, but not at the tighter AQL: the score starts anew
        ("3" * 9 + "0" + "3" * 10, Severity.REDUCED),
        ("3" * 9 + "-" + "3" * 9, Severity.NORMAL),
        ("3" * 10 + "2222-", Severity.NORMAL),
        ("3" * 10 + "-" + "3" * 10, Severity.REDUCED),
        ("3" * 10 + "---", Severity.TIGHTENED),
        ("--" + "3" * 5 + "3" * 9, Severity.NORMAL),  # five of them brought it back from tightened
        ("--" + "3" * 5 + "3" * 10, Severity.REDUCED),
    ],
)
def test_switching_to_reduced(outcomes: str, expected: Severity) -> None:
    told = [Judged(sign != "-", 0 if sign == "-" else int(sign)) for sign in outcomes]
    assert severity_after(told, may_reduce=True) is expected
    assert severity_after(told) is not Severity.REDUCED
    assert severity_after([], start=Severity.REDUCED) is Severity.NORMAL  # nobody vouches any more
    assert severity_after([], start=Severity.REDUCED, may_reduce=True) is Severity.REDUCED


@pytest.mark.parametrize(("bad", "expected"), [(0, 3), (3, 3), (4, 0), (5, 0)])
def test_the_score_asks_for_a_tighter_aql(bad: int, expected: int) -> None:
    """Letter H at AQL 4.0 accepts with 5 bad; at 2.5 it would with 3."""
    assert points(300, Decimal("4.0"), level="II", accept=5, nonconforming=bad) == expected
    assert points(300, Decimal("0.65"), level="II", accept=1, nonconforming=1) == 2
    assert points(300, Decimal("0.65"), level="II", accept=0, nonconforming=1) == 0

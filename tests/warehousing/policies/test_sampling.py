"""The plans against the published master tables, in the form of MIL-STD-105E (Re by lot, level II, AQL 0.65 to 15)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies.sampling import AQLS, LEVELS, Severity, code_letter, plan, severity_after

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


lots = st.integers(1, 2_000_000)
aqls = st.sampled_from(AQLS)
levels = st.sampled_from(LEVELS)


@given(lots, aqls, levels)
def test_a_sample_is_within_its_lot_and_decides(lot: int, aql: Decimal, level: str) -> None:
    for severity in (Severity.NORMAL, Severity.TIGHTENED):
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
    assert severity_after(sign == "+" for sign in outcomes) is expected

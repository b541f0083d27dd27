"""Bar codes are read as GS1 means them: every value checked, nothing guessed."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from b2b.core import gs1
from b2b.core.gs1 import ScanError
from b2b.core.gs1.check import CSET82
from b2b.core.gs1.elements import day_of

GTIN = "09506000134352"
SSCC = "106141412345678908"
TODAY = date(2026, 11, 22)

LOTS = st.text(CSET82, min_size=1, max_size=20)
DAYS = st.dates(date(2000, 1, 1), date(2049, 12, 31)).map(lambda day: f"{day:%y%m%d}")
GTINS = st.text("0123456789", min_size=13, max_size=13).map(gs1.with_check_digit)
SSCCS = st.text("0123456789", min_size=17, max_size=17).map(gs1.with_check_digit)
GOODS = st.fixed_dictionaries(
    {"01": GTINS}, optional={"10": LOTS, "17": DAYS, "15": DAYS, "21": LOTS, "3103": st.just("001500")}
)
UNITS = st.fixed_dictionaries(
    {"00": SSCCS, "02": GTINS, "37": st.integers(1, 99_999_999).map(str)}, optional={"10": LOTS, "17": DAYS}
)
MARKS = GOODS | UNITS


def codes(text: str) -> list[str]:
    with pytest.raises(ScanError) as refused:
        gs1.parse(text, today=TODAY)
    assert all(problem.remedy for problem in refused.value.problems)
    return [f"{problem.code} {problem.field} {problem.pointer}".strip() for problem in refused.value.problems]


@pytest.mark.parametrize(
    "text",
    [
        "(01)09506000134352(17)261231(10)ABC123",
        "010950600013435217261231" + "10ABC123",
        "\x1d010950600013435210ABC123\x1d17261231",
        "]C1010950600013435210ABC123\x1d17261231",
        "]d2010950600013435210ABC123^17261231\r\n",
        "]Q3" + "010950600013435210ABC123{GS}17261231",
        "https://id.gs1.org/01/09506000134352/10/ABC123?17=261231",
        "]Q1https://shop.example/01/x/01/9506000134352/10/ABC123?17=261231&linkType=gs1:pip",
    ],
)
def test_one_thing_said_in_many_ways(text: str) -> None:
    scan = gs1.parse(text, today=TODAY)
    assert (scan.gtin, scan.lot, scan.expiry) == (GTIN, "ABC123", date(2026, 12, 31))


@pytest.mark.parametrize("text", ["9506000134352", "]E09506000134352", "]I109506000134352", "]C0" + GTIN])
def test_a_retail_code_is_a_gtin(text: str) -> None:
    assert gs1.parse(text).gtin == GTIN


def test_a_bare_sscc() -> None:
    assert gs1.parse(SSCC).sscc == gs1.parse(f"00{SSCC}").sscc == SSCC


def test_brackets_part_values_and_never_join_them() -> None:
    scan = gs1.read("(10)ABC123(17)261231(37)48", today=TODAY)
    assert (scan.lot, scan.expiry, scan.count) == ("ABC123", date(2026, 12, 31), 48)
    unit = gs1.combine([gs1.read(f"(00){SSCC}(02){GTIN}"), scan], today=TODAY)
    assert (unit.sscc, unit.item_gtin, unit.lot, unit.count) == (SSCC, GTIN, "ABC123", 48)
    assert codes("(10)ABC123(17)261231(37)48") == [
        "missing_pair (10) #char=0",
        "missing_pair (17) #char=10",
        "missing_pair (37) #char=20",
        "missing_pair (37) #char=20",
    ]


def test_a_bracket_in_a_lot_is_escaped() -> None:
    assert gs1.parse(rf"(01){GTIN}(10)A\(10)B").lot == "A(10)B"


def test_weights_and_measures() -> None:
    scan = gs1.parse(f"(01){GTIN}(3103)001250(3302)000150")
    assert (scan.net_weight_kg, scan.gross_weight_kg) == (Decimal("1.250"), Decimal("1.50"))
    assert scan.measures == {"310": Decimal("1.250"), "330": Decimal("1.50")}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["empty_scan  #char=0"]),
        ("hello", ["unknown_identifier  #char=0"]),
        ("]Q1hello", ["not_gs1  #char=3"]),
        ("]E0hello", ["not_gs1  #char=3"]),
        ("https://example.com/", ["no_primary_key  #char=19"]),
        ("https://example.com/01/09506000134352/21/7/10/A", ["wrong_qualifier (21) #char=38"]),
        ("https://example.com/01/09506000134352?21=7", ["wrong_attribute (21) #char=38"]),
        ("https://example.com/01/09506000134352?10=A", ["wrong_attribute (10) #char=38"]),
        ("https://example.com/01/09506000134352?99=A&99=A", ["repeated_attribute (99) #char=43"]),
        ("https://example.com/01/09506000134352?99=A+B", ["wrong_format (99) #char=38"]),
        ("https://example.com/01/09506000134352?89=A", ["unknown_identifier (89) #char=38"]),
        ("https://example.com/01/09506000134352/10/A%2", ["wrong_format (10) #char=38"]),
        ("9506000134353", ["wrong_check_digit (01) #char=0"]),
        ("(01)09506000134353", ["wrong_check_digit (01) #char=0"]),
        (f"(00){SSCC[:-1]}1", ["wrong_check_digit (00) #char=0"]),
        (f"01{GTIN}17261331", ["wrong_format (17) #char=16"]),
        (f"01{GTIN}17260230", ["wrong_date (17) #char=16"]),
        (f"]C101{GTIN}10", ["wrong_format (10) #char=19"]),
        (f"01{GTIN}10{'A' * 21}", ["wrong_format (10) #char=16"]),
        (f"01{GTIN}10Ä", ["wrong_format (10) #char=16"]),
        (f"01{GTIN}10A^10B", ["contradiction (10) #char=20"]),
        (f"]C101{GTIN[:-3]}", ["wrong_format (01) #char=3"]),
        ("\x1d", ["empty_scan  #char=0"]),
        ("(01)09506000134352(1", ["unknown_identifier  #char=18"]),
        (f"(02){GTIN}(37)4", ["missing_pair (37) #char=18"]),
        (f"(02){GTIN}", ["missing_pair (02) #char=0"]),
        ("(21)7", ["missing_pair (21) #char=0"]),
        (f"(01){GTIN}(02){GTIN}(37)4(00){SSCC}", ["excluded_pair (02) #char=18", "excluded_pair (37) #char=36"]),
        (f"(01){GTIN}(3103)001500(3102)000150", ["excluded_pair (3103) #char=18"]),
        (f"(8006){GTIN}0502", ["wrong_piece (8006) #char=0"]),
        ("(8013)1987654Ad4X4bL5ttr2310c2L", ["wrong_check_digit (8013) #char=0"]),
        ("(8004)ABCD1", ["wrong_prefix (8004) #char=0"]),
        ("1" * 3000, ["too_long  #char=0"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, faults: list[str]) -> None:
    assert codes(text) == faults


def test_labels_of_two_things_do_not_combine() -> None:
    other = gs1.with_check_digit("10614141234567891")
    with pytest.raises(ScanError, match=r"\(00\) is"):
        gs1.combine([gs1.read(SSCC), gs1.read(other)])


@given(MARKS)
@example({"01": GTIN, "10": "A(10)B%/+&?"})
def test_what_is_written_is_read_again(ais: dict[str, str]) -> None:
    for text in (gs1.element_string(ais), "]C1" + gs1.element_string(ais, separator="^"), gs1.bracketed(ais)):
        assert gs1.parse(text, today=TODAY).ais == ais
    assert gs1.parse(gs1.digital_link(ais), today=TODAY).ais == ais
    assert gs1.parse(gs1.digital_link(ais, resolver="https://x.example/a/"), today=TODAY).ais == ais


@given(UNITS | st.fixed_dictionaries({"01": GTINS}), st.data())
def test_one_wrong_digit_in_a_key_never_passes(ais: dict[str, str], data: st.DataObject) -> None:
    ai = data.draw(st.sampled_from([ai for ai in ais if ai in ("00", "01", "02")]))
    place = data.draw(st.integers(0, len(ais[ai]) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    assume(digit != ais[ai][place])
    wrong = {**ais, ai: f"{ais[ai][:place]}{digit}{ais[ai][place + 1 :]}"}
    with pytest.raises(ScanError, match="would end with"):
        gs1.parse("]C1" + "^".join(f"{ai}{value}" for ai, value in wrong.items()))


@given(st.text(max_size=60) | st.text("()0123456789ABC^\x1d/:?=%]", max_size=60))
def test_anything_else_is_refused_or_read_but_never_breaks(text: str) -> None:
    with suppress(ScanError):
        assert gs1.parse(text, today=TODAY).ais


@pytest.mark.parametrize(
    ("written", "today", "meant"),
    [
        ("261200", date(2026, 11, 22), date(2026, 12, 31)),
        ("240200", date(2026, 11, 22), date(2024, 2, 29)),
        ("760101", date(2026, 11, 22), date(2076, 1, 1)),
        ("770101", date(2026, 11, 22), date(1977, 1, 1)),
        ("000101", date(2099, 1, 1), date(2100, 1, 1)),
    ],
)
def test_two_digits_of_a_year(written: str, today: date, meant: date) -> None:
    assert day_of(written, today) == meant


def test_a_link_has_one_key() -> None:
    with pytest.raises(ScanError, match="one key"):
        gs1.digital_link({"8008": "26010112", "01": GTIN, "8004": "1234A"})
    with pytest.raises(ScanError, match="no place"):
        gs1.digital_link({"01": GTIN, "22": "A", "235": "X"})

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.ean import calc_check_digit

from b2b.core.gs1 import check_digit
from tests.support.examples import examples
from warehousing.policies.sscc import SerialsExhausted, build, is_valid, room_of, scatter

prefixes = st.from_regex(r"[0-9]{4,12}", fullmatch=True)


def test_the_example_of_the_standard() -> None:
    """GS1 General Specifications, figure 7.9.1-1: 37610425002123456 has the check digit 9."""
    assert check_digit("37610425002123456") == 9
    assert is_valid("376104250021234569")


@given(prefixes, st.integers(0, 9), st.data())
def test_every_code_is_valid_and_none_is_made_twice(prefix: str, extension: int, data: st.DataObject) -> None:
    room = 10 ** room_of(prefix)
    serials = data.draw(st.sets(st.integers(0, room - 1), max_size=5))
    codes = {build(prefix, extension, serial) for serial in serials}
    assert len(codes) == len(serials)
    assert all(is_valid(code) and code.startswith(f"{extension}{prefix}") for code in codes)


@settings(max_examples=examples(20))
@given(st.binary(min_size=16, max_size=16), st.integers(2, 3))
def test_scattering_is_a_shuffle(key: bytes, digits: int) -> None:
    numbers = range(10**digits)
    assert sorted(scatter(number, digits, key) for number in numbers) == list(numbers)


def test_neighbours_tell_nothing_of_what_lies_between() -> None:
    codes = [scatter(number, 9, b"k" * 16) for number in range(2_000)]
    rises = sum(later > earlier for earlier, later in pairwise(codes))
    assert 900 < rises < 1_100
    assert max(codes) - min(codes) > 0.99 * 10**9
    assert scatter(7, 9, b"k" * 16) != scatter(7, 9, b"l" * 16)


@given(st.from_regex(r"[0-9]{17}", fullmatch=True))
def test_the_check_digit_is_the_one_others_calculate(digits: str) -> None:
    assert str(check_digit(digits)) == calc_check_digit(digits)


@given(st.from_regex(r"[0-9]{17}", fullmatch=True), st.integers(0, 17), st.integers(1, 9))
def test_a_single_wrong_digit_is_noticed(digits: str, place: int, off: int) -> None:
    code = f"{digits}{check_digit(digits)}"
    wrong = code[:place] + str((int(code[place]) + off) % 10) + code[place + 1 :]
    assert not is_valid(wrong)


@pytest.mark.parametrize("text", ["", "37610425002123456", "37610425002123456x", "٣76104250021234569"])
def test_what_is_no_code(text: str) -> None:
    assert not is_valid(text)


@pytest.mark.parametrize("serial", [-1, 10**4])
def test_serials_run_out(serial: int) -> None:
    with pytest.raises(SerialsExhausted):
        build("952123456789", 0, serial)
    with pytest.raises(SerialsExhausted):
        scatter(serial, 4, b"k")

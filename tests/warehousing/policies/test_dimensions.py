"""Measured before the packaging master, the master before the box, and nothing invented."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from warehousing.policies.dimensions import MOST_MM, Pack, Size, fault, of_package

CASE, BOX, TAPE = Size(600, 400, 300), Size(800, 600, 500), Size(610, 405, 310)
KNOWN = {
    "contents": [(1, 12)],
    "packs": {(1, 12): Pack(CASE, 13_500)},
    "goods_g": 12_000,
    "goods_cm3": 24_000,
}


def test_what_was_measured_and_weighed_is_told_as_it_is() -> None:
    told = of_package(measured=TAPE, weighed_g=13_111, box=BOX, **KNOWN)
    assert told == (TAPE, 13_111, TAPE.volume_cm3)


def test_a_full_pack_of_one_product_is_what_the_master_says() -> None:
    assert of_package(measured=None, weighed_g=None, box=BOX, **KNOWN) == (CASE, 13_500, 72_000)


def test_another_quantity_or_a_mixed_box_is_the_box() -> None:
    for contents in ([(1, 11)], [(1, 12), (2, 1)], [(2, 12)]):
        given_ = {**KNOWN, "contents": contents}
        assert of_package(measured=None, weighed_g=None, box=BOX, **given_) == (BOX, 12_000, 240_000)
        assert of_package(measured=None, weighed_g=None, box=None, **given_) == (None, 12_000, 24_000)


def test_sides_that_cannot_be_are_refused() -> None:
    assert fault(CASE) == ""
    assert "at least 1 mm" in fault(Size(1, 0, 1))
    assert "at most" in fault(Size(MOST_MM + 1, 1, 1))


sides = st.builds(Size, *[st.integers(1, MOST_MM)] * 3)
packs = st.builds(Pack, st.none() | sides, st.none() | st.integers(1, 10**6))


@given(
    measured=st.none() | sides,
    weighed=st.none() | st.integers(1, 10**6),
    pack=packs,
    box=st.none() | sides,
    goods_g=st.integers(0, 10**6),
    goods_cm3=st.integers(0, 10**6),
)
def test_the_promise(
    measured: Size | None, weighed: int | None, pack: Pack, box: Size | None, goods_g: int, goods_cm3: int
) -> None:
    told = of_package(
        measured=measured, weighed_g=weighed, contents=[(1, 12)], packs={(1, 12): pack},
        goods_g=goods_g, goods_cm3=goods_cm3, box=box,
    )  # fmt: skip
    assert measured is None or told.size == measured
    assert told.weight_g == weighed if weighed is not None else told.weight_g >= goods_g
    assert told.volume_cm3 == (told.size.volume_cm3 if told.size else goods_cm3)
    assert (told.size is None) == (measured is None and pack.size is None and box is None)
    if told.size:
        assert told.volume_cm3 * 1000 >= told.size.length_mm * told.size.width_mm * told.size.height_mm

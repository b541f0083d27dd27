"""Every row is believed or refused with its reason; in whatever order and form it comes."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b2b.core.errors import Invalid
from logistics.policies import positions
from logistics.policies.position_rows import read
from logistics.policies.positions import Fix, Known, Refused, judge

AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
VANS = {"van": [Known(1, 7, AT - timedelta(hours=1), 30.5, 114.3)], "twin": [Known(2, 7), Known(3, 8)]}
ROW = {"vehicle": "van", "fix_at": "2026-03-02T12:00:00+08:00", "latitude": 30.5, "longitude": 114.3}


def fix(vehicle="van", minutes=0, latitude=30.5, longitude=114.3):
    return Fix(vehicle, AT + timedelta(minutes=minutes), latitude, longitude)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (fix("ghost"), positions.UNKNOWN_VEHICLE),
        (fix("twin"), positions.AMBIGUOUS_VEHICLE),
        (fix(latitude=90.5), positions.NOT_ON_EARTH),
        (fix(longitude=float("nan")), positions.NOT_ON_EARTH),
        (fix(latitude=0.0, longitude=0.0), positions.NO_FIX),
        (fix(minutes=6), positions.IN_THE_FUTURE),
        (fix(minutes=-60 * 24 * 91), positions.TOO_OLD),
        (fix(latitude=33.0), positions.SPEED_JUMP),  # 278 km in an hour
    ],
)
def test_what_cannot_be_believed_is_refused_with_its_reason(one, reason):
    good, refused = judge([one], VANS, AT)
    assert good == []
    assert [(entry.row, entry.reason) for entry in refused] == [(0, reason)]


def test_a_jump_is_held_against_the_fix_before_it_and_the_next_good_one_is_taken():
    batch = [fix(minutes=-3), fix(minutes=-2, latitude=31.5), fix(minutes=-1, latitude=30.51)]
    good, refused = judge(batch, VANS, AT)
    assert [entry.row for entry in refused] == [1]
    assert [told.fix_at for _, told in good] == [batch[0].fix_at, batch[2].fix_at]


def test_one_that_comes_late_is_not_held_against_what_is_newer():
    good, refused = judge([fix(minutes=-600, latitude=32.0)], VANS, AT)
    assert len(good) == 1
    assert refused == []


rows = st.builds(
    fix,
    vehicle=st.sampled_from(["van", "twin", "ghost"]),
    minutes=st.integers(-200, 20),
    latitude=st.sampled_from([0.0, 30.5, 30.51, 33.0, 95.0]),
    longitude=st.sampled_from([0.0, 114.3]),
)


@given(st.lists(rows, max_size=12), st.randoms())
def test_every_row_is_in_exactly_one_heap_and_order_does_not_matter(batch, random):
    good, refused = judge(batch, VANS, AT)
    assert len(good) + len(refused) == len(batch)
    unlike = {(one.vehicle, one.fix_at): one for one in batch}
    shuffled = list(unlike.values())
    first, _ = judge(shuffled, VANS, AT)
    random.shuffle(shuffled)
    assert judge(shuffled, VANS, AT)[0] == first


def test_three_forms_say_the_same():
    as_json = json.dumps({"positions": [ROW]}).encode()
    as_lines = json.dumps(ROW).encode() + b"\n\n"
    as_table = b"vehicle,fix_at,latitude,longitude\nvan,2026-03-02T12:00:00+08:00,30.5,114.3\n"
    told = [
        read(as_json, "application/json; charset=utf-8"),
        read(as_lines, "application/x-ndjson"),
        read(as_table, "text/csv"),
    ]
    assert all(len(one) == 1 and isinstance(one[0], Fix) for one in told)
    assert len({(one[0].vehicle, one[0].fix_at, one[0].latitude, one[0].longitude) for one in told}) == 1


@pytest.mark.parametrize(
    "row",
    [
        {**ROW, "vehicle": 7},
        {**ROW, "vehicle": "v" * 65},
        {**ROW, "fix_at": "2026-03-02T12:00:00"},  # whose clock?
        {**ROW, "fix_at": "noon"},
        {**ROW, "latitude": "north"},
        {**ROW, "latitude": True},
        {**ROW, "longitude": None},
        {name: value for name, value in ROW.items() if name != "fix_at"},
        "van",
        None,
        [1, 2],
    ],
)
def test_a_row_that_cannot_be_read_is_kept_as_it_came_beside_the_good_ones(row):
    bad, good = read(json.dumps([row, ROW]).encode(), "application/json")
    assert isinstance(bad, Refused)
    assert (bad.row, bad.reason) == (0, positions.MALFORMED)
    assert bad.content
    assert isinstance(good, Fix)


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"fixes": []}', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"vehicle,latitude\nvan,1\n", "text/csv"),
        (b"\n", "application/x-ndjson"),
        (b"[" + b",".join([b"0"] * 5_001) + b"]", "application/json"),
    ],
)
def test_a_body_that_is_none_is_refused_as_a_whole(body, media):
    with pytest.raises(Invalid):
        read(body, media)

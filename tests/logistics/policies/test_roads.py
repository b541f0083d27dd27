"""Distances behave like distances."""

from hypothesis import given
from hypothesis import strategies as st

from b2b.core.geo import GeoPoint, great_circle_m
from logistics.policies.roads import GreatCircleRoads

points = st.builds(GeoPoint, st.floats(-89, 89), st.floats(-179, 179))


@given(st.lists(points, min_size=1, max_size=6))
def test_matrices_are_symmetric_and_no_shorter_than_the_great_circle(places):
    distances, durations = GreatCircleRoads().matrices(places)
    for i, start in enumerate(places):
        assert distances[i][i] == durations[i][i] == 0
        for j, end in enumerate(places):
            assert distances[i][j] == distances[j][i]
            assert distances[i][j] >= great_circle_m(start, end)
            assert durations[i][j] == GreatCircleRoads().duration_s(distances[i][j])


def test_a_known_distance():
    roads = GreatCircleRoads(factor_percent=130, speed_m_per_hour=40_000)
    metres = roads.distance_m(GeoPoint(30.5, 114.3), GeoPoint(30.6, 114.3))
    assert metres == 14456  # 0.1 degree of latitude is 11.12 km
    assert roads.duration_s(40_000) == 3600

"""Tests that share something outside the database stay together when several workers share the suite."""

import os

import pytest


@pytest.mark.xdist_group("probe")
def test_a_group_of_tests_is_told_to_the_scheduler(request):
    """The scheduler reads groups from test names: a pytest that hides them lets one group run everywhere."""
    distributed = "PYTEST_XDIST_WORKER" in os.environ
    assert request.node.nodeid.endswith("@probe") is distributed

"""Ties of a sharing go to the earlier claim in tests, so that they can name who got the odd unit."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

EARLIER_FIRST = 100  # under this seed the first ranks of the first supplies win in their order


@pytest.fixture(autouse=True)
def earlier_claims_win_ties() -> Iterator[None]:
    """Draw the same seed for every purchase order."""
    with patch("orders.services.allocation_inputs.draw_seed", lambda order: EARLIER_FIRST):
        yield

"""The collector of cycles looks at what many rows left behind neither during the block nor right after it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from b2b.core.collector import collecting_later

ROWS = 20_000


@pytest.fixture(autouse=True)
def enabled() -> Iterator[None]:
    gc.collect()
    yield
    gc.unfreeze()
    gc.enable()


def test_rows_made_in_the_block_are_old_when_it_ends() -> None:
    with collecting_later():
        assert not gc.isenabled()
        rows = [[number] for number in range(ROWS)]
    assert gc.isenabled()
    assert len(gc.get_objects(generation=0)) < ROWS // 10
    assert len(gc.get_objects(generation=2)) >= len(rows)
    assert gc.get_freeze_count() == 0


def test_a_cycle_made_in_the_block_is_collected_in_the_end() -> None:
    with collecting_later():
        loop: list[object] = []
        loop.append(loop)
        del loop
    assert gc.collect() > 0


def test_what_a_server_froze_before_it_forked_stays_frozen() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    with collecting_later():
        pass
    assert gc.get_freeze_count() == pytest.approx(frozen, abs=1_000)
    assert gc.get_freeze_count() > 0


def test_a_block_within_another_or_without_a_collector_changes_nothing() -> None:
    with collecting_later(), collecting_later():
        pass
    assert gc.isenabled()
    gc.disable()
    with collecting_later():
        pass
    assert not gc.isenabled()

"""A life cycle refuses what it does not name."""

import pytest

from b2b.core.machine import IllegalTransition, Machine

DOOR = Machine(
    "door", {"OPEN": {"close": "CLOSED"}, "CLOSED": {"open": "OPEN", "lock": "LOCKED"}, "LOCKED": {}}
)


def test_a_verb_leads_where_the_machine_says() -> None:
    assert DOOR.initial == "OPEN"
    assert DOOR.next("OPEN", "close") == "CLOSED"
    assert DOOR.final == {"LOCKED"}
    assert DOOR.sources("open") == {"CLOSED"}


def test_an_illegal_step_raises_and_names_what_is_allowed() -> None:
    with pytest.raises(IllegalTransition, match="it allows open, lock") as caught:
        DOOR.next("CLOSED", "close")
    assert caught.value.context == {"machine": "door", "state": "CLOSED", "verb": "close"}


def test_a_machine_that_leads_nowhere_is_not_built() -> None:
    with pytest.raises(ValueError, match="leads nowhere"):
        Machine("broken", {"A": {"go": "B"}})

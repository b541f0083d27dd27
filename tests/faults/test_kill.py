"""kill -9 of everything while events are published: afterwards every event has exactly one effect."""

import os
import random
import time
from collections.abc import Callable

import pytest

from tests.support.eventually import eventually
from tests.support.platform import Platform
from tests.support.publisher import Publisher, disorder

PATIENCE_S = 90.0  # for what is left when nothing is killed any more
UNDONE = "SELECT id, status, handler, attempts, waits, resent, due_at, lease_until, last_error FROM outbox_delivery"
ALL_DONE = "SELECT count(*) = 0 FROM outbox_delivery WHERE status <> 'DONE'"


FAULTS: dict[str, Callable[[Platform], object]] = {
    "child": lambda platform: platform.kill_child_of("worker"),
    "worker": lambda platform: platform.restart("worker"),
    "relay": lambda platform: platform.restart("relay"),
    "broker": Platform.crash_broker,
    "database": Platform.crash_database,
}


def check(platform: Platform, published: int) -> None:
    """Wait until everything is done and count the effects."""

    def all_done() -> object:
        assert platform.query(f"{UNDONE} WHERE status = 'PARKED'") == []
        platform.revive()
        return platform.query(ALL_DONE)[0][0]

    eventually(all_done, seconds=PATIENCE_S, every=0.1, said=lambda: undone(platform))
    for kind in ("count", "follow"):
        numbers = [number for (number,) in platform.query(
            f"SELECT number FROM probe_effect WHERE kind = '{kind}' ORDER BY number"
        )]  # fmt: skip
        assert numbers == list(range(published)), f"{kind}: lost or double"
    in_order = platform.query("SELECT lane, number FROM probe_effect WHERE kind = 'follow' ORDER BY id")
    # Within a transaction ids rise; across transactions a lane never has two at work.
    assert disorder(in_order) == []


def live_through(platform: Platform, faults: list[str], pause: Callable[[], float]) -> int:
    """Publish while the faults happen one after the other; return how many numbers were published."""
    platform.start("worker")
    platform.start("relay")
    publisher = Publisher()
    publisher.start()
    try:
        for fault in faults:
            goes_on(platform, 50)  # each strikes at work, not at an idle platform that is still starting
            publisher.over.wait(pause())
            FAULTS[fault](platform)
    finally:
        published = publisher.finish()
    return published


def goes_on(platform: Platform, count: int) -> None:
    """Wait for so many further effects, starting again what ended by itself."""
    wanted = effects(platform) + count

    def reached() -> bool:
        platform.revive()
        return effects(platform) >= wanted

    eventually(reached, seconds=PATIENCE_S, every=0.05, said=lambda: undone(platform))


def undone(platform: Platform) -> str:
    return platform.describe(f"{UNDONE} WHERE status <> 'DONE' LIMIT 20")


def effects(platform: Platform) -> int:
    return int(platform.query("SELECT count(*) FROM probe_effect")[0][0])  # type: ignore[call-overload]


@pytest.mark.timeout(280)
def test_every_event_has_one_effect_through_every_crash(platform: Platform) -> None:
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    faults = list(FAULTS)
    chance.shuffle(faults)
    published = live_through(platform, faults, lambda: chance.uniform(0, 0.3))
    assert published >= 100
    check(platform, published)


@pytest.mark.timeout(120)
def test_the_relay_ends_when_asked_and_leaves_nothing_undone(platform: Platform) -> None:
    platform.start("worker")
    platform.start("relay")
    publisher = Publisher()
    publisher.start()
    goes_on(platform, 20)
    assert platform.stop("relay") == 0
    published = publisher.finish()
    platform.start("relay")
    check(platform, published)
    assert platform.stop("worker") == 0


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_long_life_of_crashes(platform: Platform) -> None:
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    minutes = float(os.environ.get("MINUTES", "30"))
    print(f"seed {seed}, {minutes} minutes")
    chance = random.Random(seed)
    until = time.monotonic() + minutes * 60

    def faults():
        while time.monotonic() < until:
            yield chance.choice(list(FAULTS))

    published = live_through(platform, faults(), lambda: chance.uniform(0, 2))  # type: ignore[arg-type]
    print(f"{published} numbers published")
    check(platform, published)

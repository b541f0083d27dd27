"""What operators see and do: retry, park, prune, health, invariants, reconciliation, the catalogue."""

import io

import pytest
from django.core.management import CommandError, call_command

from b2b.core.actor import acting_as, system
from b2b.db.bulk import execute
from b2b.db.invariants import check
from b2b.db.reconcilers import RECONCILERS
from b2b.outbox import claims, dispatch
from b2b.outbox.selectors import health
from b2b.outbox.services import delivery, heartbeat
from tests.support.outbox import deliveries, effects, fired, make_due, sequenced, statuses, switch_on

BY = system("test")
INVARIANTS = ["outbox_sent_or_due", "outbox_in_order", "outbox_knows_its_events"]


@pytest.fixture(autouse=True)
def as_platform():
    with acting_as(BY):
        yield


def park_all():
    for _ in range(claims.PARKED_AFTER_ATTEMPTS + 1):
        make_due()
        dispatch.drain()


def outbox(*arguments):
    out = io.StringIO()
    call_command("outbox", *arguments, stdout=out)
    return out.getvalue()


def test_a_parked_delivery_is_retried_with_what_waited_behind_it(fire, monkeypatch):
    fire(sequenced(0, "poison"), sequenced(1), sequenced(2), fired(7))
    park_all()
    assert statuses() == {"PARKED": 1, "PENDING": 2, "DONE": 1}
    assert "parked" in outbox("status")
    from tests.support.probe import handlers

    monkeypatch.setattr(handlers, "Poisoned", type("Cured", (Exception,), {}))
    original = handlers.act
    monkeypatch.setattr(
        handlers, "act", lambda kind, event: original(kind, type(event)(
            occurred_at=event.occurred_at, lane=event.lane, number=event.number))
    )  # fmt: skip
    assert "1 deliveries" in outbox("retry", "--handler", "probe.follow")
    dispatch.drain()
    assert effects("follow") == [0, 1, 2]


def test_retry_wants_to_know_what(fire):
    fire(fired(1))
    with pytest.raises(CommandError):
        outbox("retry")


def test_a_delivery_can_be_set_aside_and_taken_up_again(fire):
    fire(fired(1), fired(2))
    first = deliveries()[0][0]
    outbox("park", str(first), "--reason", "under dispute")
    assert dispatch.drain() == 1
    assert "under dispute" in deliveries()[0][5]
    assert delivery.retry([first], by=BY) == 1
    assert dispatch.drain() == 1
    assert delivery.retry([first], by=BY) == 0, "what is done is never done again"


def test_what_no_code_handles_any_more_is_parked_after_an_hour(fire):
    fire(fired(1), fired(2))
    execute("UPDATE outbox_delivery SET handler = 'gone.away', due_at = now() - interval '2 hours' WHERE id = %s",
            [deliveries()[0][0]])  # fmt: skip
    assert delivery.park_strays() == 1
    assert statuses() == {"PARKED": 1, "PENDING": 1}


def test_old_deliveries_are_pruned_and_undone_ones_kept(fire):
    fire(fired(1), fired(2, "wait for ever"))
    dispatch.drain()
    execute("UPDATE outbox_delivery SET done_at = done_at - interval '31 days', created_at = created_at")
    assert delivery.prune() == 1
    assert statuses() == {"PENDING": 1}


def test_health_tells_the_parts_apart(fire):
    silent = health.parts(ping_broker=False)
    assert {name: part["ok"] for name, part in silent.items()} == {
        "worker": False, "relay": False, "beat": False, "outbox": True,
    }  # fmt: skip
    heartbeat.beat("relay", "here")
    heartbeat.beat("worker", "orders")
    heartbeat.beat("worker", "finance")
    heartbeat.beat("beat", "tick")
    execute("UPDATE outbox_heartbeat SET seen_at = seen_at - interval '5 minutes' WHERE name = 'finance'")
    parts = health.parts()
    assert all(part["ok"] for part in parts.values())
    assert parts["worker"]["silent_queues"] == ["finance"]


def test_invariants_hold_and_break_when_they_should(fire):
    fire(*[sequenced(number, "wait for key" if number == 1 else "") for number in range(4)], fired(1))
    dispatch.drain()
    assert check(INVARIANTS) == []
    execute("UPDATE outbox_delivery SET due_at = now() - interval '1 day' WHERE status = 'PENDING'")
    execute(
        "UPDATE outbox_delivery SET status = 'DONE' WHERE id = (SELECT max(id) FROM outbox_delivery WHERE ordered)"
    )
    assert {broken.invariant.name for broken in check(INVARIANTS)} == {
        "outbox_sent_or_due",
        "outbox_in_order",
    }
    execute("UPDATE outbox_delivery SET event_id = gen_random_uuid()")
    assert "outbox_knows_its_events" in {broken.invariant.name for broken in check(INVARIANTS)}


def test_reconciliation_finds_the_unheard_and_the_stuck(fire):
    fire(fired(0))
    execute("UPDATE outbox_delivery SET created_at = created_at - interval '1 hour'")
    fire(fired(1), fired(2), fired(3, "poison"))
    switch_on("x")
    park_all()
    execute("DELETE FROM outbox_delivery WHERE id = %s", [deliveries()[1][0]])
    outcome = RECONCILERS["outbox"]()
    assert outcome.compared == 4
    assert sorted((difference.expected, difference.found) for difference in outcome.differences) == [
        ("delivered to probe.count", "nothing"),
        ("done", "parked"),
    ]


def test_the_catalogue_names_publisher_handlers_and_fields():
    from b2b.outbox.management.commands.document_events import document

    text = document()
    assert "topic `orders.order.confirmed.v1`, published by `orders`" in text
    assert "`tower.note_confirmed_order`" in text
    assert "| `occurred_at` | datetime |" in text

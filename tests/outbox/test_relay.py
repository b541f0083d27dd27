"""The relay loop: woken by publishers, patient with broker and database, never doubling."""

import threading

import pytest
from django.db import connection

from b2b.core.actor import acting_as, system
from b2b.outbox import dispatch, relay
from b2b.outbox.broker import Refused
from tests.support.eventually import eventually
from tests.support.outbox import effects, fired, statuses


class FakeBroker:
    """Takes messages into a list, or refuses while told to."""

    def __init__(self):
        self.batches = []
        self.refusing = False

    def send(self, batch):
        if self.refusing:
            raise Refused("told to")
        self.batches.append([row.id for row in batch])

    def close(self):
        self.batches.append([])

    @property
    def ids(self):
        return [key for batch in self.batches for key in batch]


class Running:
    """Relays in threads with fake brokers."""

    def __init__(self):
        self.relays = []

    def start(self):
        broker = FakeBroker()
        one = relay.Relay()
        one.broker = broker
        thread = threading.Thread(target=self._run, args=(one,), daemon=True)
        self.relays.append((one, thread))
        thread.start()
        return broker

    def _run(self, one):
        try:
            one.run()
        finally:
            connection.close()

    def stop(self):
        for one, thread in self.relays:
            one.stop()
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture
def relays(fire_committed):
    running = Running()
    yield running
    running.stop()


def is_asleep():
    from b2b.outbox.publish import SLEEP_LOCK

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_lock_shared(%s), pg_advisory_unlock_shared(%s)", [SLEEP_LOCK] * 2
        )
        return not cursor.fetchone()[0]


def test_a_sleeping_relay_is_woken_by_the_publisher(relays, fire_committed, monkeypatch):
    monkeypatch.setattr(relay, "SLEEPS_SECONDS", 10_000)  # nothing but the call can wake it
    monkeypatch.setattr(relay, "STAYS_UP_SECONDS", 0.05)
    broker = relays.start()
    for number in range(3):
        eventually(is_asleep)
        fire_committed(fired(number))
        eventually(lambda: len(broker.ids) == number + 1)  # noqa: B023
    monkeypatch.setattr(relay, "SLEEPS_SECONDS", 0.05)
    fire_committed(fired(99))
    eventually(lambda: len(broker.ids) == 4)


def test_two_relays_send_everything_once(relays, fire_committed):
    brokers = [relays.start(), relays.start()]
    for start in range(0, 400, 40):
        fire_committed(*[fired(number) for number in range(start, start + 40)])
    eventually(lambda: sum(len(broker.ids) for broker in brokers) >= 400)
    sent = [key for broker in brokers for key in broker.ids]
    assert len(sent) == len(set(sent)) == 400
    with acting_as(system("test")):
        dispatch.handle(sent)
    assert sorted(effects()) == list(range(400))


def test_while_the_broker_is_away_everything_waits(relays, fire_committed):
    broker = relays.start()
    broker.refusing = True
    fire_committed(*[fired(number) for number in range(250)])
    relays.relays[0][0].stopping.wait(0.5)
    assert set(statuses()) <= {"PENDING", "SENT"}
    assert broker.ids == []
    broker.refusing = False
    eventually(lambda: len(broker.ids) >= 250)
    assert len(set(broker.ids)) == 250


def test_the_relay_survives_the_loss_of_its_connections(
    relays, fire_committed, database_server, committed_probe
):
    broker = relays.start()
    fire_committed(fired(0))
    eventually(lambda: len(broker.ids) == 1)
    connection.close()
    with database_server.connect() as administrator:
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [committed_probe]
        )
    fire_committed(fired(1))
    eventually(lambda: len(broker.ids) == 2)


def test_a_real_broker_that_is_not_there_refuses(settings):
    from celery import current_app

    from b2b.outbox import broker
    from b2b.outbox.claims import Claimed

    before = current_app.conf.broker_url
    current_app.conf.broker_url = current_app.conf.broker_write_url = "redis://127.0.0.1:1/0"
    try:
        with pytest.raises(Refused):
            broker.Broker().send([Claimed(1, "orders", "")])
    finally:
        current_app.conf.broker_url, current_app.conf.broker_write_url = before, None

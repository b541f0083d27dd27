"""The same path over RabbitMQ quorum queues, when one can be reached."""

import os
import uuid
from collections.abc import Iterator

import pytest
from kombu import Connection
from pytest_django.plugin import DjangoDbBlocker

from tests.faults.test_kill import check, effects
from tests.support.platform import Platform, running
from tests.support.probe import handlers
from tests.support.publisher import Publisher

URL = os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672")


def unreachable() -> str:
    """Say why RabbitMQ cannot be used; empty when it can."""
    try:
        with Connection(URL, connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the reason to skip
        return f"no RabbitMQ at {URL.rpartition('@')[2]}: {type(error).__name__}"
    return ""


@pytest.fixture
def rabbit_platform(schema: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Platform]:
    """Yield a platform whose broker is RabbitMQ, with a quorum queue of its own that is removed afterwards."""
    reason = unreachable()
    if reason:
        pytest.skip(reason)
    queue = f"midstream-test-{uuid.uuid4().hex[:10]}"
    with (
        running(schema, PROBE_LEASE_SECONDS="4", PROBE_QUEUE=queue, CELERY_BROKER_URL=URL) as platform,
        django_db_blocker.unblock(),
        platform.as_database(),
    ):
        handlers.create_tables()
        yield platform
        for name in list(platform.processes):
            platform.kill(name)
        with Connection(URL) as connection:
            channel = connection.channel()
            channel.queue_delete(queue)
            channel.exchange_delete(queue)


@pytest.mark.timeout(150)
def test_every_event_has_one_effect_over_quorum_queues(rabbit_platform: Platform) -> None:
    rabbit_platform.start("worker")
    rabbit_platform.start("relay")
    publisher = Publisher()
    publisher.start()
    try:
        while effects(rabbit_platform) < 100:
            rabbit_platform.processes["worker"].poll()
            publisher.over.wait(0.05)
        rabbit_platform.kill("worker")
        rabbit_platform.start("worker")
    finally:
        published = publisher.finish()
    check(rabbit_platform, published)

"""The broker as the outbox sees it: something that takes messages, or does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import KombuError

from b2b.outbox.claims import Claimed


class Refused(Exception):
    """The broker did not take the message."""


class Broker:
    """A connection that is made again after each failure; nothing is retried here, because the outbox retries."""

    def __init__(self) -> None:
        self._connection: Any = None
        self._producer: Any = None

    def send(self, batch: Sequence[Claimed]) -> None:
        """Send one message with the ids of a batch to its queue, or to the default one when it is not configured.

        :raises Refused: when the broker did not take it.
        """
        from b2b.outbox.tasks import handle_deliveries

        queue = batch[0].queue if batch[0].queue in settings.QUEUES else settings.CELERY_TASK_DEFAULT_QUEUE
        self.call(handle_deliveries, [[row.id for row in batch]], queue=queue)

    def call(self, task: Any, arguments: Sequence[Any], **options: Any) -> None:
        """Send a task at once or not at all.

        :raises Refused: when the broker did not take it.
        """
        try:
            if self._producer is None:
                self._connection = current_app.connection_for_write()
                self._connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
                self._producer = current_app.amqp.Producer(self._connection, auto_declare=False)
            task.apply_async(arguments, producer=self._producer, retry=False, **options)
        except (KombuError, OSError, *self._errors()) as error:
            self.close()
            raise Refused(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Forget the connection."""
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            try:
                connection.release()
            except (KombuError, OSError, *current_app.connection_for_write().connection_errors):
                return

    def _errors(self) -> tuple[type[BaseException], ...]:
        known = self._connection or current_app.connection_for_write()
        return (*known.connection_errors, *known.channel_errors)


def ping() -> str:
    """Return why the broker does not answer, or an empty text when it does."""
    connection = current_app.connection_for_read()
    try:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except (TimeoutError, KombuError, OSError, *connection.connection_errors) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.release()
    return ""

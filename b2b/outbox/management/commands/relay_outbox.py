"""`manage.py relay_outbox`: the process between the outbox and the broker."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from b2b.outbox.relay import Relay


class Command(BaseCommand):
    """Run the relay until SIGTERM or Ctrl-C; any number of them share the work."""

    help = "Send due deliveries to the workers until stopped; several may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        relay = Relay()

        def leave(_number: int, _frame: FrameType | None) -> None:
            relay.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, leave)
        relay.run()

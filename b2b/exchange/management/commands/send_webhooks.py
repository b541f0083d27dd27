"""`manage.py send_webhooks`: the process between the events and those who listen to them."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from b2b.exchange.sender import Sender


class Command(BaseCommand):
    """Run the sender until SIGTERM or Ctrl-C; any number of them share the work."""

    help = "Deliver webhooks until stopped; several may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        sender = Sender()

        def leave(_number: int, _frame: FrameType | None) -> None:
            sender.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, leave)
        sender.run()

"""A market played by real processes on a platform whose parts are killed meanwhile, the market itself included."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management import call_command

from b2b.db import invariants
from tests.support.doubles import doubled_or_lost
from tests.support.platform import ROOT, Platform

ALL_QUEUES = ("--queues", ",".join(settings.QUEUES))
PROGRAMS: dict[str, tuple[str, ...]] = {"worker": ALL_QUEUES, "relay": ()}
PATIENCE_S = 400.0  # for a market that nobody disturbs any more


@dataclass
class Campaign:
    """Some days of a market, decided by `seed`, and what is killed in them, when `chance` has it."""

    platform: Platform
    seed: int
    chance: random.Random
    days: int
    dealers: int
    first_day: date = date(2026, 3, 2)
    killed: list[str] = field(default_factory=list)
    market: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.log = self.platform.home / "market.log"

    def faults(self) -> dict[str, Callable[[], object]]:
        """Return what may happen, by name."""
        return {
            "a worker": lambda: self.platform.restart("worker"),
            "a worker's child": lambda: self.platform.kill_child_of("worker"),
            "the relay": lambda: self.platform.restart("relay"),
            "the broker": self.platform.crash_broker,
            "the database": self.platform.crash_database,
            "the market": self._restart_market,
        }

    def run(self, faults: Iterable[str], *, pause_s: tuple[float, float]) -> dict[str, Any]:
        """Play, let the faults happen at random moments, and return the market's report."""
        for name, queues in PROGRAMS.items():
            if name not in self.platform.processes:
                self.platform.start(name, *queues)
        self._start_market()
        try:
            for name in faults:
                if not self._live(self.chance.uniform(*pause_s)):
                    break
                self.faults()[name]()
                self.killed.append(name)
            until = time.monotonic() + PATIENCE_S
            while self._live(0.5):
                assert time.monotonic() < until, f"the market does not end: {self._said()}"
        finally:
            self._end_market()
        text = self.log.read_text()
        return dict(json.loads(text[text.index("{\n") :]))

    def judge(self) -> None:
        """Look for what was lost or doubled; the Django of this process must mean the platform's database."""
        if wrong := doubled_or_lost(self.platform) + [found.invariant.name for found in invariants.check()]:
            raise AssertionError("\n".join([f"killed {self.killed}", *wrong]))
        out = io.StringIO()
        try:
            call_command("reconcile", what=["all"], dry_run=True, stdout=out)
        except SystemExit:
            raise AssertionError(out.getvalue()) from None

    def _live(self, seconds: float) -> bool:
        """Let time pass, start again what ended by itself, and tell whether the market is still played."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.platform.revive()
            assert self.market is not None
            if (code := self.market.poll()) is not None:
                assert code == 0, f"the market ended with {code}: {self._said()}"
                return False
            time.sleep(0.05)
        return True

    def _start_market(self) -> None:
        size = {
            "--days": self.days,
            "--dealers": self.dealers,
            "--seed": self.seed,
            "--first-day": self.first_day,
        }
        words = [word for name, value in size.items() for word in (name, str(value))]
        with self.log.open("wb") as log:
            self.market = subprocess.Popen(
                [sys.executable, "manage.py", "play_market", "--through-workers", "--json", *words], cwd=ROOT,
                env=self.platform.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _restart_market(self) -> None:
        self._end_market()
        self._start_market()

    def _end_market(self) -> None:
        if self.market is not None and self.market.poll() is None:
            os.killpg(self.market.pid, signal.SIGKILL)
            self.market.wait()

    def _said(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-25:]
        return "\n".join([f"seed {self.seed}, killed {self.killed}", *lines])

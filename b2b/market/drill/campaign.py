"""Play a market on a ground while its parts are killed, and say what became of it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from b2b.embedded.startup import MANAGE
from b2b.market.drill import findings
from b2b.market.drill.ground import Ground, Program

PATIENCE_S = 600.0  # for a market that is no longer disturbed


class DrillFailed(Exception):
    """The market could not be played to its end, or ended wrong."""


@dataclass
class Campaign:
    """A market of a few days, played by real processes, and the kills it has to live through."""

    ground: Ground
    seed: int
    days: int
    dealers: int
    first_day: date = date(2026, 3, 2)
    say: Callable[[str], object] = lambda _text: None
    kills: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        size = {
            "--days": self.days,
            "--dealers": self.dealers,
            "--seed": self.seed,
            "--first-day": self.first_day,
        }
        words = [word for name, value in size.items() for word in (name, str(value))]
        self.market = Program(
            "market",
            [sys.executable, MANAGE, "play_market", "--through-workers", "--json", *words],
            self.ground,
        )

    def targets(self) -> dict[str, Callable[[random.Random], str]]:
        """Return what may be killed and how."""
        ground = self.ground
        return {
            "worker": ground.worker.kill,
            "database": ground.kill_database,
            "relay": ground.relay.kill,
            "broker": ground.kill_broker,
            "market": self.market.kill,
        }

    def run(self, *, rounds: int, pause_s: tuple[float, float] = (1.0, 4.0)) -> dict[str, Any]:
        """Play; kill each part `rounds` times in random order at random moments; return the market's report.

        :raises DrillFailed: when the market does not come to its end, or came to a wrong one.
        """
        log = self.ground.var / "market.log"
        log.write_bytes(b"")
        self.ground.tend()
        self.market.start()
        try:
            for name in self._order(rounds):
                if not self._live(self.chance.uniform(*pause_s)):
                    break
                self.kills.append(self.targets()[name](self.chance))
                self.say(f"killed {self.kills[-1]}")
            until = time.monotonic() + PATIENCE_S
            while self._live(0.5):
                if time.monotonic() > until:
                    raise DrillFailed(f"the market did not end; killed: {self.kills}\n{_tail(log)}")
        finally:
            self.market.end()
        return self._judge(_report(log))

    def _order(self, rounds: int) -> Iterator[str]:
        for _ in range(rounds):
            names = list(self.targets())
            self.chance.shuffle(names)
            yield from names

    def _live(self, seconds: float) -> bool:
        """Let time pass, start again whatever went down, and tell whether the market is still being played."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.ground.tend()
            process = self.market.process
            if process is not None and process.poll() == 0:
                return False
            if process is None or (process.poll() is not None and self._may_go_on(process)):
                self.market.tend()
            time.sleep(0.1)
        return True

    def _may_go_on(self, process: subprocess.Popen[bytes]) -> bool:
        """Accept only the death we caused: a market that ends by itself with an error has found a fault."""
        if process.returncode != -9:
            raise DrillFailed(
                f"the market failed; killed: {self.kills}\n{_tail(self.ground.var / 'market.log')}"
            )
        return True

    def _judge(self, report: dict[str, Any]) -> dict[str, Any]:
        wrong = [f"broken invariant: {name}" for name in report["broken_invariants"]]
        wrong += findings.doubled_or_lost(self.ground)
        try:
            self.ground.manage("reconcile", "--what", "all", "--dry-run")
        except subprocess.CalledProcessError as error:
            wrong.append(f"reconcile: {error.output}")
        if wrong:
            raise DrillFailed("\n".join([f"seed {self.seed}, killed: {self.kills}", *wrong]))
        return report


def _report(log: Any) -> dict[str, Any]:
    """Return the last JSON object of a log that killed runs may have begun."""
    text = log.read_text(errors="replace")
    start = text.rfind("\n{\n") + 1 if "\n{\n" in text else text.find("{\n")
    try:
        return dict(json.loads(text[start:]))
    except ValueError as error:
        raise DrillFailed(f"the market printed no report:\n{_tail(log)}") from error


def _tail(log: Any) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-25:])

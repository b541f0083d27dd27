"""Facts travel as events, time comes from one clock, reads have an asker."""

import ast
import re
from pathlib import Path

from tests.house.sources import CODE, ROOT, listed, name_of, place, python_files, tracked, tree

SIGNALS = re.compile(
    r"^(pre|post)_(save|delete|init|migrate)$|^m2m_changed$|^class_prepared$|^request_(started|finished)$"
    r"|^got_request_exception$|^user_(logged_in|logged_out|login_failed)$|^setting_changed$|^connection_created$"
)
NOW = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|timezone\.(now|localdate|localtime)|time\.(time|time_ns))$"
)
CONVERSIONS = {"localtime", "localdate"}  # with an argument they only convert
# A version 7 identifier carries the true time even when the clock of a test travels.
CLOCKS = {"b2b/core/clock.py", "b2b/core/ids.py"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def test_nothing_listens_to_django_signals():
    found = []
    for path in python_files(*CODE):
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call):
                continue
            called = name_of(node.func)
            owner, _, verb = called.rpartition(".")
            if called.rpartition(".")[2] == "receiver" or (
                verb in {"connect", "send", "send_robust"} and SIGNALS.match(owner.rpartition(".")[2])
            ):
                found.append(f"{place(path, node.lineno)} {called}")
    rule = "Publish an event (b2b.outbox) or call the service; signals hide order and failure."
    assert not found, listed(rule, found)


def test_only_the_clock_asks_for_the_time():
    found = [
        f"{place(path, node.lineno)} {name_of(node.func)}()"
        for path in python_files(*CODE)
        if place(path) not in CLOCKS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and NOW.search(name_of(node.func))
        and not (node.args and name_of(node.func).rpartition(".")[2] in CONVERSIONS)
    ]
    assert not found, listed("Take `at` as an argument, or ask b2b.core.clock.now() at the edge.", found)


def test_screens_read_through_selectors():
    found = [
        f"{place(path, node.lineno)} {name_of(node)}"
        for path in python_files(*CODE)
        if {"rest", "admin"} & set(path.relative_to(ROOT).parts[:-1])
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager", "_base_manager"}
        and name_of(node)
    ]
    assert not found, listed(
        "Ask a selector with the actor; a bare manager shows rivals to each other.", found
    )


def test_nothing_is_left_unfinished():
    found = [
        f"{place(path, number)} {line.strip()[:80]}"
        for path in tracked()
        if path.suffix in {".py", ".md", ".html", ".js", ".css", ".toml", ".sql"} and Path(__file__) != path
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not found, listed(
        "Finish it, or write it into the issue tracker; a note in the code is not read.", found
    )

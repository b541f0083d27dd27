"""What is published names no machine, no index and no secret, and its contracts are in force."""

import re
import tomllib
from pathlib import Path

from tests.house.sources import APPS, ROOT, listed, place, tracked

HOSTS = re.compile(r"pypi\.org|files\.pythonhosted|registry\.npmjs|index-url|find-links")
MACHINE = re.compile(
    r"(?<![\w.~$}\])/])/(root|work|home/[a-z]|Users/[A-Za-z]|opt/wheels|mnt/)(?=[/\s\"'`]|$)"
)
SECRET = re.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}")
# What directory and catalogue show in the API stands on its conventions, which know who the directory says we are.
IGNORED = {"b2b.directory.rest.** -> b2b.http.**", "b2b.catalog.rest.** -> b2b.http.**"}
BINARY = {".png", ".jpg", ".ico", ".woff2", ".xlsx", ".pdf", ".zip", ".gz", ".mo", ".db"}
MAY_NAME_OPTIONS = {"Makefile"}  # the options that keep addresses out of the lock files bear their names


def lines():
    for path in tracked():
        # This file names what it looks for.
        if path.suffix not in BINARY and path != Path(__file__):
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                yield path, number, line


def test_no_file_names_a_package_registry():
    found = [
        f"{place(path, number)} {line.strip()[:80]}"
        for path, number, line in lines()
        if HOSTS.search(line) and path.name not in MAY_NAME_OPTIONS
    ]
    assert not found, listed("Leave out the address; everybody installs from the index of their own.", found)


def test_no_file_names_a_path_of_one_machine():
    found = [
        f"{place(path, number)} {line.strip()[:80]}" for path, number, line in lines() if MACHINE.search(line)
    ]
    assert not found, listed("Write the path relative to the project.", found)


def test_no_file_holds_a_secret():
    found = [place(path, number) for path, number, line in lines() if SECRET.search(line)]
    assert not found, listed("Remove it and renew it: it is public now.", found)


def test_every_lock_is_pinned_by_hash():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        packages = re.findall(r"^[A-Za-z0-9._-]+(?:\[[^]]*\])?==", text, re.MULTILINE)
        blocks = re.split(r"\n(?=[A-Za-z0-9])", text)
        bare = [block.split("\n")[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]
        assert packages
        assert not bare, listed(f"Run `make lock`: {name} lacks hashes.", bare)


def test_every_requirement_is_locked():
    for stem in ("requirements", "requirements-dev"):
        wanted = re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)", (ROOT / f"{stem}.in").read_text(), re.MULTILINE)
        locked = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / f"{stem}.lock").read_text(), re.MULTILINE)
        names = {re.sub(r"[-_.]+", "-", name).lower() for name in locked}
        found = [name for name in wanted if re.sub(r"[-_.]+", "-", name).lower() not in names]
        assert not found, listed("Run `make lock` and commit both files.", found)


def test_the_import_contracts_speak_of_every_app():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    by_id = {contract["id"]: contract for contract in contracts}
    assert set(by_id) == {"house", "apart", "inside", "pure", "quiet"}
    assert set(by_id["inside"]["containers"]) == set(APPS)
    assert by_id["inside"]["exhaustive"] is True
    assert {*APPS, "b2b.tower", "b2b.exchange"} == set(by_id["apart"]["modules"])
    ignored = {entry for contract in contracts for entry in contract.get("ignore_imports", ())}
    assert ignored <= IGNORED, (
        "An ignored import is a broken contract that nobody sees; move the code instead."
    )

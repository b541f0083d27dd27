"""`manage.py plan_instance` plans public instances, says how good the plan is, and refuses what it cannot read."""

import os
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from benchmarks import instances
from tests.logistics.policies.instances.test_instance import CVRP

SAMPLES = Path(os.environ.get("SAMPLES_DIR", Path(__file__).parents[2] / ".." / "shared" / "samples")) / "vrp"


def told(capsys, *args):
    call_command("plan_instance", *args)
    return capsys.readouterr().out


def test_it_compares_with_the_solution_beside_the_file(tmp_path, capsys):
    (tmp_path / "tiny.vrp").write_text(CVRP)
    (tmp_path / "tiny.sol").write_text("Route #1: 1 2\nRoute #2: 3\nCost 15\n")
    out = told(capsys, tmp_path / "tiny.vrp", "--seconds", "0.3", "--write", tmp_path / "mine.sol")
    assert "gap +0.00 %" in out
    assert "verified" in out
    assert (tmp_path / "mine.sol").read_text().endswith("Cost 15\n")
    assert "VROOM" not in told(capsys, tmp_path / "tiny.vrp", "--instant")


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "bad.vrp").write_text(CVRP.replace("DIMENSION : 4", "DIMENSION : 3"))
    with pytest.raises(CommandError, match=r"bad.vrp: .*4 of 3 nodes"):
        call_command("plan_instance", tmp_path / "bad.vrp")
    with pytest.raises(CommandError, match="No such file"):
        call_command("plan_instance", tmp_path / "none.vrp")


@pytest.mark.parametrize("make", [instances.capacitated, instances.windowed])
def test_instances_of_our_own_are_planned_and_verified(make, tmp_path, capsys):
    """In the public format, so that nothing has to be fetched to see that it works."""
    (tmp_path / "own.vrp").write_text(make(60, seed=60))
    out = told(capsys, tmp_path / "own.vrp", "--seconds", "1.5")
    assert "verified: every rule holds" in out


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("RC208", 10),
        ("X115-HVRP", 10),
        ("X-n101-50-k13", None),
        ("lrc206", None),
        ("p06-2-50", None),
        ("PR11A", None),
    ],
)
def test_public_instances_are_planned_and_verified(name, most, capsys):
    path = SAMPLES / f"{name}.vrp"
    if not path.exists():
        pytest.skip(f"no {path}: set SAMPLES_DIR")
    out = told(capsys, path, "--seconds", "1.5")
    assert "verified: every rule holds" in out
    if most is not None and (gap := re.search(r"gap ([+-][\d.]+) %", out)):
        assert float(gap[1]) < most

"""The files the house rules speak about."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("orders", "warehousing", "logistics", "finance")
CODE = ("b2b", *APPS)


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file that belongs to the project: tracked, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        paths = [ROOT / line for line in listed.stdout.splitlines()]
    else:  # an archive without its history
        paths = [path for top in (*CODE, "tests", "docs", "benchmarks") for path in (ROOT / top).rglob("*")]
    return tuple(path for path in paths if path.is_file() and not path.is_symlink())


def python_files(*tops: str, migrations: bool = False) -> Iterator[Path]:
    """Yield the Python files under the given top folders."""
    for path in tracked():
        relative = path.relative_to(ROOT)
        if path.suffix != ".py" or (
            tops and not relative.as_posix().startswith(tuple(f"{top}/" for top in tops))
        ):
            continue
        if migrations or "migrations" not in relative.parts:
            yield path


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(), filename=str(path))


def name_of(node: ast.AST) -> str:
    """Return a dotted name as written, `a.b.c`; an empty text for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = name_of(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def place(path: Path, line: int = 0) -> str:
    """Return a place as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))


def listed(rule: str, places: list[str]) -> str:
    """Return the message of a broken rule: what to do, then where."""
    return "\n  ".join([rule, *places])

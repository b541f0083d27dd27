"""Files and functions stay small enough to be read at once, and are named for what they are."""

import ast

from tests.house.sources import APPS, CODE, listed, place, python_files, tracked, tree

LONGEST_FILE = 300
LONGEST_FUNCTION = 70
NAMELESS = {
    "utils.py",
    "util.py",
    "helpers.py",
    "helper.py",
    "misc.py",
    "common.py",
    "services.py",
    "signals.py",
}


def test_files_have_at_most_300_lines():
    found = [
        f"{place(path)} has {lines} lines"
        for path in python_files(*CODE, "tests", "benchmarks")
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    ]
    assert not found, listed("Split these files by noun; one module speaks about one thing.", found)


def test_functions_have_at_most_70_lines():
    found = [
        f"{place(path, node.lineno)} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in python_files(*CODE, "tests", "benchmarks")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not found, listed("Give the steps inside these functions names of their own.", found)


def test_no_module_is_named_after_nothing():
    found = [place(path) for path in python_files(*CODE, "tests", "benchmarks") if path.name in NAMELESS]
    assert not found, listed("Name these modules after the noun they are about.", found)


def test_every_module_says_what_it_is():
    found = [
        place(path)
        for path in python_files(*CODE)
        if path.name != "__init__.py" and ast.get_docstring(tree(path)) is None
    ]
    assert not found, listed("Begin these modules with one sentence that says what they hold.", found)


def test_every_package_can_be_imported():
    folders = {path.parent for path in python_files(*CODE, migrations=True)}
    found = [
        f"{place(folder / '__init__.py')} is missing"
        for folder in folders
        if not (folder / "__init__.py").exists()
    ]
    assert not found, listed(
        "Add an empty __init__.py; without it the folder is invisible to the linters.", found
    )


def test_each_app_explains_itself():
    found = [app for app in APPS if not any(place(path) == f"{app}/README.md" for path in tracked())]
    assert not found, listed("Write a README.md: what the app owns, its states, its events.", found)

"""No screen can show a raw key or fail over a missing word: every key that the code names is in the catalogues."""

import ast
from collections.abc import Iterator
from pathlib import Path

from shared.locale import catalogue

MOBILE = Path(__file__).parents[3] / "mobile"
SPEAKERS = {"t", "tr", "say", "translate"}


def named_keys(tree: ast.AST) -> Iterator[str]:
    """String constants among the arguments of the functions that put keys into words."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in SPEAKERS:
            for argument in call.args[:2]:
                yield from whole_strings(argument)


def whole_strings(node: ast.AST) -> Iterator[str]:
    """Dotted strings as they stand; the pieces of an f-string are no keys."""
    if isinstance(node, ast.JoinedStr):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from whole_strings(child)


def test_every_key_that_a_screen_names_has_its_words() -> None:
    words = catalogue("zh")
    trees = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in MOBILE.rglob("*.py")}
    named = {(name, key) for name, tree in trees.items() for key in named_keys(tree)}
    assert len(named) > 200
    assert {(name, key) for name, key in named if key not in words} == set()

"""What stands in a workflow, with its expressions evaluated by GitHub's own evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.workflows.github_actions import GitHubActions

Json = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """The contexts at one place of a workflow, and the status of what went before it."""

    actions: GitHubActions
    contexts: Json
    status: str = "success"

    def holds(self, condition: Any) -> bool:
        """Whether an ``if:`` lets its job or step run."""
        return self.actions.is_true(condition["expression"], self.contexts, self.status)

    def value(self, tree: Any) -> Any:
        """A part of a document with every expression in it evaluated, in one question."""
        asked = list(_expressions(tree))
        if not asked:
            return tree
        values = self.actions.evaluate([(text, self.contexts, self.status) for text in asked])
        return _filled(tree, iter(values))

    def texts(self, tree: Mapping[str, Any] | None) -> dict[str, str]:
        """A mapping of variables, inputs or outputs: texts, as everything is there."""
        return {name: as_text(value) for name, value in self.value(dict(tree or {})).items()}


def as_text(value: Any) -> str:
    """A value as GitHub writes it where a text is wanted."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case str() | int() | float():
            return str(value)
    raise AssertionError(f"{value!r} cannot stand where a text is wanted")


def _is_expression(tree: Any) -> bool:
    return isinstance(tree, dict) and set(tree) == {"expression"}


def _expressions(tree: Any) -> Iterator[str]:
    if _is_expression(tree):
        yield tree["expression"]
    elif isinstance(tree, dict | list):
        for each in tree.values() if isinstance(tree, dict) else tree:
            yield from _expressions(each)


def _filled(tree: Any, values: Iterator[Any]) -> Any:
    if _is_expression(tree):
        return next(values)
    if isinstance(tree, dict):
        return {name: _filled(each, values) for name, each in tree.items()}
    return [_filled(each, values) for each in tree] if isinstance(tree, list) else tree

"""How a command declares itself: arguments, examples and role stand beside the function that runs it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, get_args

from bot.domain.base import Frozen
from bot.domain.config import RoleName
from bot.domain.draft import Draft
from bot.domain.events.asked import CommentCreated

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_ID = re.compile(r"\b(todo-app-7|photo-sorter-1)(?:\.\S+)?")
"""The projects that examples speak of, and their tasks."""


class Nothing(Frozen):
    """No arguments."""


@dataclass(frozen=True, slots=True)
class Positional:
    """Marks a field as a positional argument.

    ``rest`` takes the remaining line as free text. ``skip``: where fewer words are given than there
    are arguments, this one is the first to be left out (a project's id on its own issue).
    """

    rest: bool = False
    skip: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """Marks a field as ``--name VALUE``; with ``rest`` it takes all words up to the next flag."""

    metavar: str
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Switch:
    """Marks a field as ``--name`` without a value: true where it is given."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument or flag of a command, as the parser and the help need it."""

    name: str
    required: bool
    help: str
    choices: tuple[str, ...]
    positional: bool
    rest: bool
    skip: bool
    switch: bool
    metavar: str

    @property
    def usage(self) -> str:
        """As the help shows it."""
        if self.positional:
            shown = "|".join(self.choices) or self.metavar
            return shown if self.required and not self.skip else f"[{shown}]"
        if self.switch:
            return f"[--{self.name}]"
        return f"[--{self.name} {'|'.join(self.choices) or self.metavar}]"


@dataclass(frozen=True, slots=True)
class Needs:
    """Facts that a command wants looked up before it is decided."""

    issue_text: bool = False
    priorities: bool = False
    """The priority labels that the issue carries already."""
    files: tuple[str, ...] = ()
    runs: bool = False
    """What GitHub says of the runs of all workers that have one."""
    repositories: tuple[str, ...] = ()
    """Repositories as ``owner/name``, each with its open ``dev-ready`` issues."""
    history: bool = False
    """The newest commits of the state branch."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did; ``say`` renders its part of the reply after everything is settled."""

    ok: bool
    say: Callable[[Draft], str]


class Refused(Exception):
    """A command cannot be run as it was given; the text is the reply. Raised before anything is changed."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command being run: its arguments, the comment that it stands in, the draft that it changes."""

    draft: Draft
    event: CommentCreated
    args: Any
    table: Mapping[str, Command]
    example: str = ""
    """The command's first example, as it is typed here."""
    naming: str = ""
    """An example that names a project, as it is typed here."""


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table of commands."""

    name: str
    summary: str
    family: Literal["Projects", "Queues", "Workers", "Monitoring", "Emergencies"]
    access: Literal["reading", "working"]
    model: type[Frozen]
    examples: tuple[tuple[str, str], tuple[str, str]]
    """Two of (what to type, what it does)."""
    run: Callable[[Invocation], Outcome]
    needs: Callable[[Any], Needs] = lambda args: Needs()
    details: str = ""
    also: tuple[str, ...] = ()
    """Other words for it that people type: it is suggested for them."""
    role: RoleName = "none"
    """The least role of its own, where that is above what its access asks for."""
    at_any_age: bool = False
    """Whether it is run however long ago it was posted (architecture: "stops excepted")."""
    parameters: tuple[Parameter, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Derive the parameters from the arguments' model."""
        found = tuple(_parameter(name, info) for name, info in self.model.model_fields.items())
        object.__setattr__(self, "parameters", found)

    def example(self, prefix: str = "/") -> str:
        """The first example, as it is typed with this prefix."""
        return prefix + self.examples[0][0].removeprefix("/")

    def naming(self, prefix: str = "/") -> str:
        """The first example with a project's id, of a task only that; without one, the first of all."""
        found = (typed for typed, _ in self.examples if _ID.search(typed))
        typed = _ID.sub(r"\1", next(found, self.examples[0][0]))
        return prefix + typed.removeprefix("/")

    def usage(self, prefix: str = "/") -> str:
        """One line: what to type."""
        return " ".join([prefix + self.name, *(parameter.usage for parameter in self.parameters)])


def _parameter(name: str, info: FieldInfo) -> Parameter:
    mark = next(mark for mark in info.metadata if isinstance(mark, Positional | Flag | Switch))
    return Parameter(
        name=(info.alias or name).replace("_", "-"),
        required=info.is_required(),
        help=info.description or "",
        choices=_choices(info.annotation),
        positional=isinstance(mark, Positional),
        rest=not isinstance(mark, Switch) and mark.rest,
        skip=isinstance(mark, Positional) and mark.skip,
        switch=isinstance(mark, Switch),
        metavar=mark.metavar if isinstance(mark, Flag) else name.replace("_", "-"),
    )


def _choices(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 - a type expression
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, StrEnum):
            return tuple(part)
    return ()

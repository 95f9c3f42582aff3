"""What a command-line agent is, as data: how it is called, what it may see, how its answer is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from bot.domain.base import Frozen
from bot.domain.failures import FailureKind

Value = str | int | float | bool | None
Where = dict[str, Value | tuple[Value, ...]]
"""Path → the value, or one of the values, that it must have; all of them must hold."""

_RESERVED = re.compile(r"(GITHUB|GH|ACTIONS|RUNNER|ORCHESTRATOR)_")
"""How the variables begin that belong to a workflow's run and to the bot: no agent gets their tokens."""


def not_reserved(name: str) -> str:
    """The name of a variable that a configuration may name. Raises ValueError for one that it may not."""
    if _RESERVED.match(name):
        raise ValueError(f"{name} belongs to the workflow's run or to the bot, and no agent gets it")
    return name


EnvironmentName = Annotated[
    str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$"), AfterValidator(not_reserved)
]


def _below_home(pattern: str) -> str:
    if pattern.startswith(("/", "~")) or ".." in pattern.split("/") or pattern.strip("/.*") == "":
        raise ValueError(f"{pattern!r} names nothing below the home alone, for example .claude/projects/**")
    return pattern


HomePath = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_below_home)]


class Reading(Frozen):
    """How one figure or text is read from what an agent prints."""

    path: str = Field(default="", description="keys with dots between them: usage.input_tokens")
    where: Where = Field(default={}, description="the objects that count")
    take: Literal["last", "sum", "count"] = "last"
    times: float = Field(default=1, description="the figure is multiplied by this")
    file: bool = Field(default=False, description="read from the agent's usage file, not from its output")


class Readings(Frozen):
    """Where everything is found that is kept of an agent's run; left out: the agent does not tell it."""

    result: Reading | None = None
    errors: tuple[Reading, ...] = Field(default=(), description="texts that say what went wrong, best first")
    cost: Reading | None = Field(default=None, description="US dollars")
    turns: Reading | None = None
    tokens: tuple[Reading, ...] = Field(default=(), description="added up")
    session: Reading | None = None


class Outcome(Frozen):
    """A failure of its own kind, and how it is told from the others. The first that fits counts."""

    kind: FailureKind
    where: Where = Field(default={}, description="what the final answer holds")
    pattern: str = Field(default="", max_length=500, description="regular expression for the error's text")

    @model_validator(mode="after")
    def _usable(self) -> Outcome:
        if bool(self.where) == bool(self.pattern):
            raise ValueError("an outcome is told by 'where' or by 'pattern', one of them")
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"the pattern is no regular expression: {error}") from None
        return self


class Prices(Frozen):
    """What tokens cost, for agents that tell tokens but no cost."""

    per_million: float = Field(ge=0, le=10_000, description="US dollars for a million tokens of any kind")


class Limits(Frozen):
    """Where an agent's run ends whether it is done or not. Time is the pool's `time_limit_minutes`."""

    turns: int | None = Field(default=100, ge=1, le=10_000, description="null: no limit")
    dollars: float | None = Field(default=5.0, gt=0, le=10_000, description="for one attempt; null: no limit")
    output_megabytes: int = Field(default=50, ge=1, le=1_000, description="what it may print")
    disk_megabytes: int = Field(default=4_000, ge=1, le=100_000, description="its workspace, all in all")
    session_megabytes: int = Field(
        default=20, ge=1, le=90, description="what is kept of a session for the next attempt"
    )
    result_megabytes: int = Field(default=50, ge=1, le=1_000, description="what it may hand on")


class Profile(Frozen):
    """One agent. Everything that differs between agents is here, nothing of it is code."""

    description: str = ""
    command: tuple[str, ...] = Field(min_length=1, description="argv with placeholders; no shell reads it")
    resume: tuple[str, ...] = Field(default=(), description="argv that goes on with {session}; empty: cannot")
    sessions: Literal["keep", "drop"] = Field(
        default="keep", description="whether the next attempt at a task goes on with the session"
    )
    session_files: tuple[HomePath, ...] = Field(
        default=(),
        description="patterns of the session's files below the home; {project} is the current directory's "
        "path with hyphens; empty: another attempt begins a new session",
    )
    flags: dict[Literal["model", "turns", "dollars"], tuple[str, ...]] = Field(
        default={}, description="put in place of {flags}, each where its value is set"
    )
    prompt: Literal["stdin", "argument", "file"] = "stdin"
    environment: tuple[EnvironmentName, ...] = Field(default=(), description="variables that get through")
    keys: tuple[EnvironmentName, ...] = Field(default=(), description="one of these must be set; get through")
    aliases: dict[EnvironmentName, EnvironmentName] = Field(
        default={}, description="variable that is set → the key whose value it gets"
    )
    settings: dict[EnvironmentName, str] = Field(default={}, description="variables with a fixed value")
    home: Literal["own", "user"] = Field(
        default="own", description="an empty home for each attempt, or the user's with its log-ins"
    )
    output: Literal["json", "lines", "text"] = "text"
    answer: Where = Field(default={}, description="the object that ends a run")
    fine: Where = Field(default={}, description="what the final answer holds where all is well")
    read: Readings = Readings()
    outcomes: tuple[Outcome, ...] = ()
    prices: Prices | None = None
    limits: Limits = Limits()
    model: str = Field(default="", max_length=100, description="empty: the agent's own choice")
    version: str = Field(default="", max_length=50, description="the version that this profile was made for")
    version_command: tuple[str, ...] = ()
    version_pattern: str = Field(default=r"(\d+\.\d+\.\d+)", max_length=100)
    package: str = Field(
        default="",
        pattern=r"^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$|^$",
        max_length=100,
        description="its npm package, which hosted runners install by its lock in requirements/agents",
    )
    workflows: bool = Field(default=False, description="may change .github/workflows of a project")
    fold: bool = Field(
        default=False,
        description="on Actions, check in the job that did the work, where agent and repository are trusted: "
        "one job less, and the verdict is only as good as that job",
    )

    @model_validator(mode="after")
    def _delivers(self) -> Profile:
        placeholder = {"argument": "{prompt}", "file": "{prompt_file}"}.get(self.prompt)
        for argv in filter(None, (self.command, self.resume)):
            if placeholder and not any(placeholder in part for part in argv):
                raise ValueError(f"the prompt goes by {self.prompt}, and no argument holds {placeholder}")
        if self.resume and not any("{session}" in part for part in self.resume):
            raise ValueError("resume has no argument with {session}")
        return self


def overlay(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The base with the changes in its place, key by key; a list is replaced whole."""
    merged = dict(base)
    for key, value in changes.items():
        known = merged.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            value = overlay(known, value)
        merged[key] = value
    return merged

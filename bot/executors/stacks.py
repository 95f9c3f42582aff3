"""Choosing what a project is built on: the table of words, and why a choice was made.

Every stack runs and tests with nothing but Python 3.11; that is what they have in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from bot.executors.untrusted import one_line
from bot.executors.wording import mentions, words


@dataclass(frozen=True, slots=True)
class Stack:
    """A kind of program that there is a scaffold for."""

    name: str
    label: str
    layers: tuple[str, ...]
    """Folders of the template, rendered over each other in this order."""
    strong: tuple[str, ...]
    """Phrases that name such a program: three points each."""
    weak: tuple[str, ...]
    """Words that go along with one: one point each."""
    aliases: tuple[str, ...]
    """Other people's names for it, as ``--stack`` may give them."""


STACKS = (
    Stack(
        "web",
        "a static web page: HTML, CSS and JavaScript without a build tool",
        ("base", "web"),
        ("web page", "webpage", "website", "web site", "static site", "landing page", "web app", "html",
         "browser"),
        ("page", "button", "css", "responsive", "site", "frontend", "styling", "click", "clicks",
         "dashboard"),
        ("static", "html", "frontend", "react", "vue", "svelte", "angular", "next", "nextjs", "astro", "vite",
         "javascript", "typescript", "js", "ts", "css", "spa"),
    ),
    Stack(
        "service",
        "an HTTP service on Python's standard library",
        ("base", "package", "service"),
        ("rest", "api", "rest api", "http service", "web service", "microservice", "backend", "graphql",
         "webhook", "webhooks"),
        ("endpoint", "endpoints", "server", "service", "json", "http", "request", "requests", "health"),
        ("api", "rest", "backend", "server", "http", "fastapi", "flask", "django", "express", "node",
         "nodejs", "spring", "rails", "go", "golang", "microservice"),
    ),
    Stack(
        "pipeline",
        "a data pipeline of stages that read and write files",
        ("base", "package", "pipeline"),
        ("data pipeline", "etl", "data set", "dataset", "data warehouse", "ingest", "batch job", "pipeline"),
        ("csv", "parquet", "transform", "import", "extract", "aggregate", "columns", "rows", "nightly",
         "report"),
        ("etl", "data", "airflow", "dagster", "dbt", "spark", "pandas", "batch"),
    ),
    Stack(
        "library",
        "a library to import, without a command of its own",
        ("base", "package", "library"),
        ("library", "sdk", "python package", "pip install", "importable"),
        ("module", "function", "functions", "package", "class", "reusable", "parser"),
        ("lib", "sdk", "package", "module", "pip", "pypi"),
    ),
    Stack(
        "python",
        "a Python package with a command-line entry",
        ("base", "package", "python"),
        ("command line", "command-line", "cli", "terminal", "shell command", "console", "script"),
        ("tool", "command", "commands", "python", "flag", "flags", "folder", "files"),
        ("cli", "script", "console", "command-line", "tool", "py", "python3", "click", "typer", "argparse"),
    ),
)  # fmt: skip

DEFAULT = STACKS[0]


@dataclass(frozen=True, slots=True)
class Choice:
    """A stack, and why it is this one."""

    stack: Stack
    reason: str
    doubt: str = ""
    """Empty, or that what was asked for does not exist and what was taken instead."""


def choose(idea: str, wanted: str = "") -> Choice:
    """The stack for an idea; ``wanted`` is a person's own choice, empty where there is none.

    A name that is not known falls back to what it resembles, else to what the idea's words say.
    """
    asked = wanted.strip().casefold()
    if not asked:
        return _by_words(idea)
    exact = next((stack for stack in STACKS if stack.name == asked), None)
    if exact:
        return Choice(exact, f"the stack `{exact.name}` was asked for.")
    near = _resembling(asked)
    choice = Choice(near, f"it is nearest to what was asked for: {near.label}.") if near else _by_words(idea)
    known = ", ".join(stack.name for stack in STACKS)
    doubt = (
        f"The stack “{one_line(wanted, 60)}” was asked for; there is no template for it, so this is "
        f"`{choice.stack.name}` ({choice.stack.label}). Known are {known}. Is this one right?"
    )
    return Choice(choice.stack, choice.reason, doubt)


def _resembling(asked: str) -> Stack | None:
    names = {stack.name: stack for stack in STACKS}
    for stack in STACKS:
        if mentions(words(asked), (stack.name, *stack.aliases)):
            return stack
    close = get_close_matches(asked[:40], names, n=1, cutoff=0.7)
    return names[close[0]] if close else None


def _by_words(idea: str) -> Choice:
    """The stack with the most points; of equals the first of the table; without points the default."""
    said = words(idea)
    best, found, most = DEFAULT, [], 0
    for stack in STACKS:
        strong = [phrase for phrase in stack.strong if mentions(said, (phrase,))]
        weak = [phrase for phrase in stack.weak if mentions(said, (phrase,))]
        if 3 * len(strong) + len(weak) > most:
            best, found, most = stack, strong + weak, 3 * len(strong) + len(weak)
    if not found:
        return Choice(
            best,
            "the idea names no kind of program, and a static page needs least to run, to see and to deploy.",
        )
    shown = ", ".join(f"“{phrase}”" for phrase in found[:5])
    return Choice(best, f"the idea speaks of {shown}, which fits {best.label}.")

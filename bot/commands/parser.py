"""From a comment's text to typed calls and mistakes: one table, no side effects."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from bot.commands.lines import command_lines, holds_command, visible
from bot.commands.spec import Command, Parameter
from bot.domain.config import Commands
from bot.render.text import plural

MOST = 20
"""Commands of one comment that are run; the reply names the others."""

_NAME = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,49})([.,:;!?]*)(?:[ \t]+(.*))?", re.DOTALL)
_TOKEN = re.compile(r"\s*(?:(?:--[\w-]+=)?(?:\"[^\"]*\"|'[^']*'(?=\s|$))|\S+)")
"""A word or something quoted, with the space before it: what is no flag is put together as it was."""

BEGINNING = 3
"""Letters of a choice that are enough where only one begins so: ``dev``."""

_CLOSE = 0.75
"""How alike a mistyped flag, or a name in other letters, must be to count as meant (difflib's ratio)."""


@dataclass(frozen=True, slots=True)
class Call:
    """A well-formed command."""

    line: str
    command: Command
    args: Any
    """The command's own frozen model."""
    meant: str = ""
    """Another command that its first words are the name of: ``/priority triage``."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line that looks like a command, with a name that is none."""

    line: str
    name: str
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known command with wrong arguments."""

    line: str
    command: Command
    given: str
    expected: str
    meant: str = ""
    """As for ``Call``."""


Parsed = Call | Unknown | Mistake


class Wrong(Exception):
    """Arguments that do not fit."""

    def __init__(self, given: str, expected: str) -> None:
        """``given`` is what was typed, ``expected`` what would have been right."""
        super().__init__(f"given {given}, expected {expected}")
        self.given = given
        self.expected = expected


def parse(body: str, table: Mapping[str, Command], settings: Commands) -> list[Parsed]:
    """Read every command of a comment, in order."""
    if not holds_command(body):
        return []
    found = (_line(line, table, settings) for line in command_lines(body))
    return [parsed for parsed in found if parsed is not None]


def _line(line: str, table: Mapping[str, Command], settings: Commands) -> Parsed | None:
    if not line.lower().startswith(settings.prefix):
        return None
    if (match := _NAME.fullmatch(line[len(settings.prefix) :])) is None:
        return _alike(line, line[len(settings.prefix) :].partition(" ")[0].lower(), table)
    name, rest = match[1].lower(), (match[3] or "").strip()
    if name in settings.ignore or (match[2] and name not in table):
        return None  # "/status, please" is a command, "/etc, then" is none
    if (command := table.get(name)) is None:
        return Unknown(line, name, nearest(name, rest, table))
    meant = joined(name, rest, table)
    try:
        return Call(line, command, arguments(command, rest), meant)
    except Wrong as wrong:
        return Mistake(line, command, wrong.given, wrong.expected, meant)


def _alike(line: str, name: str, table: Mapping[str, Command]) -> Unknown | None:
    """A name with letters of other alphabets, which may look the same: not run, but answered."""
    if name.isascii() or not re.fullmatch(r"[\w-]{1,50}", name):
        return None
    close = get_close_matches(name, table, n=3, cutoff=_CLOSE)
    return Unknown(line, name, tuple(close)) if close else None


def nearest(name: str, rest: str, table: Mapping[str, Command]) -> tuple[str, ...]:
    """Names that may have been meant: joined words, missing hyphens, parts, other words, near spellings."""
    if found := joined(name, rest, table):
        return (found,)
    squeezed = {known.replace("-", ""): known for known in table}
    plain = name.replace("_", "").replace("-", "")
    if plain in squeezed:
        return (squeezed[plain],)
    begins = tuple(known for known in table if len(plain) > 1 and known.replace("-", "").startswith(plain))
    others = tuple(known for known in table if plain in known.split("-") or plain in table[known].also)
    if begins or others:
        return (*begins, *others)[:3]
    close = get_close_matches(plain, squeezed, n=3, cutoff=0.6)
    return tuple(squeezed[match] for match in close)


def joined(name: str, rest: str, table: Mapping[str, Command]) -> str:
    """The command whose name was typed in words: ``/emergency scale up``; empty where there is none."""
    squeezed = {known.replace("-", ""): known for known in table}
    words = [word.replace("_", "").replace("-", "").lower() for word in (name, *rest.split(maxsplit=3)[:3])]
    found = ("".join(words[:count]) for count in range(len(words), 1, -1))
    return next((squeezed[one] for one in found if one in squeezed and squeezed[one] != name), "")


def arguments(command: Command, rest: str) -> Any:  # noqa: ANN401 - each command has its own model
    """A command's arguments from the text after its name. Raises Wrong."""
    positional = [parameter for parameter in command.parameters if parameter.positional]
    flags = {parameter.name: parameter for parameter in command.parameters if not parameter.positional}
    free = bool(positional) and positional[-1].rest
    raw = free or any(flag.rest for flag in flags.values())
    words, values = _split_flags(_tokens(rest if raw else visible(rest), raw=raw), flags, free=free)
    if raw and not free:
        words = [_unquoted(word.strip()) for word in words]
    if free:
        text = "".join(words[len(positional) - 1 :]).strip()
        words = [*words[: len(positional) - 1], *([_unquoted(text)] if text else [])]
    if len(words) > len(positional):
        most = len(positional)
        expected = f"at most {plural(most, 'argument')}" if positional else "no arguments"
        raise Wrong(" ".join(words[len(positional) :]), expected)
    for parameter, word in zip(_filled(positional, len(words)), words, strict=False):
        values[parameter.name] = word
    return _validated(command, values)


def _filled(positional: list[Parameter], words: int) -> list[Parameter]:
    """The arguments that so many words fill: the skippable ones are the first to be left out."""
    kept = list(positional)
    for parameter in positional:
        if len(kept) > words and parameter.skip:
            kept.remove(parameter)
    return kept


def _tokens(rest: str, *, raw: bool) -> list[str]:
    """The words; ``raw``: as they were typed, where an apostrophe is nothing but one."""
    if raw:
        return _TOKEN.findall(rest)
    try:
        return shlex.split(rest)
    except ValueError:
        raise Wrong(rest, "every quotation mark closed") from None


def _split_flags(
    tokens: list[str], flags: Mapping[str, Parameter], *, free: bool
) -> tuple[list[str], dict[str, str]]:
    """Separate ``--name value`` and ``--name=value`` from the words."""
    words: list[str] = []
    values: dict[str, str] = {}
    queue = list(tokens)
    while queue:
        word = queue.pop(0)
        token = word.strip()
        name, equals, value = token.removeprefix("--").partition("=")
        if not token.startswith("--") or not name:
            words.append(word)
        elif name.lower() in flags and flags[name.lower()].switch:
            if equals:
                raise Wrong(token, f"{flags[name.lower()].usage} without a value")
            values[name.lower()] = "true"
        elif name.lower() in flags:
            if not equals:
                if not queue or queue[0].strip().startswith("--"):
                    raise Wrong(token, f"a value after it: {flags[name.lower()].usage}")
                value = queue.pop(0).strip()
            while flags[name.lower()].rest and queue and not queue[0].strip().startswith("--"):
                value += queue.pop(0)
            values[name.lower()] = _unquoted(value)
        elif free and not get_close_matches(name.lower(), flags, n=1, cutoff=_CLOSE):
            words.append(word)
        else:
            known = ", ".join(f"--{parameter.name}" for parameter in flags.values())
            raise Wrong(token, f"{'one of ' if len(flags) > 1 else ''}{known}" if known else "no flags")
    return words, values


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text[0] not in text[1:-1]:
        return text[1:-1].strip()
    return text


def _chosen(parameter: Parameter, typed: str) -> str:
    """The choice that is meant, by a unique beginning too; empty for ``all``, where leaving it out is that.

    Raises Wrong.
    """
    value = typed.lower()
    begins = [choice for choice in parameter.choices if len(value) >= BEGINNING and choice.startswith(value)]
    if value in parameter.choices:
        return value
    if len(begins) == 1:
        return begins[0]
    if value == "all" and parameter.positional and not parameter.required:
        return ""
    raise Wrong(typed, "one of " + ", ".join(parameter.choices))


def _validated(command: Command, values: dict[str, str]) -> Any:  # noqa: ANN401 - as above
    named = {parameter.name: parameter for parameter in command.parameters}
    for name, value in list(values.items()):
        value = value if named[name].rest else visible(value).strip()
        values[name] = value
        if named[name].choices and (chosen := _chosen(named[name], value)):
            values[name] = chosen
        elif named[name].choices:
            del values[name]
    for parameter in command.parameters:
        if parameter.required and not parameter.skip and parameter.name not in values:
            raise Wrong("nothing", f"{parameter.metavar}: {parameter.help}")
    try:
        return command.model(**{name.replace("-", "_"): value for name, value in values.items()})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        raise Wrong(values.get(name.replace("_", "-"), "nothing"), f"{name}: {first['msg']}") from None

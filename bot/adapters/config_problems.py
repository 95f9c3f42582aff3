"""What is wrong with a configuration's value, in the file's words, not the library's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import yaml
from pydantic_core import ErrorDetails

from bot.domain.config import Config

_SEE = "see docs/configuration.md for the keys"
_EXTRA = "Extra inputs are not permitted"
_KINDS = {
    "tuple_type": "expected a list, for example [one, two]",
    "list_type": "expected a list, for example [one, two]",
    "dict_type": "expected keys and values below it",
    "model_type": "expected keys and values below it",
    "model_attributes_type": "expected keys and values below it",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "string_type": "expected text",
    "missing": "is missing",
}
_SHOWN = 60
"""Characters of a value that is quoted."""


def problem(error: ErrorDetails) -> str:
    """One error of pydantic's: what was expected, and what is there."""
    kind, given = error["type"], error["input"]
    if kind == "extra_forbidden":
        return f"there is no such key; {_meant(error['loc'])}{_SEE}"
    if kind == "missing":
        return _KINDS[kind]
    if kind == "string_pattern_mismatch":
        expected = f"expected the form {error['ctx']['pattern']}"
    else:
        words = error["msg"].removeprefix("Value error, ").replace(_EXTRA, "there is no such key")
        expected = _KINDS.get(kind) or words.replace("Input should be ", "expected ", 1)
    plain = given is None or isinstance(given, str | int | float)
    return f"{expected}, got {_quoted(given)}" if plain and kind != "value_error" else expected


def _quoted(given: object) -> str:
    if given is None or given == "":
        return "nothing"
    if isinstance(given, bool):
        return str(given).lower()
    text = str(given)
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…") if isinstance(given, str) else text


def _meant(path: Sequence[int | str]) -> str:
    """The key beside it that is spelt nearly so."""
    known: Any = Config().model_dump(mode="json")
    for part in path[:-1]:
        known = known.get(part) if isinstance(known, Mapping) else None
    close = get_close_matches(str(path[-1]), list(known), n=1) if isinstance(known, Mapping) else []
    return f"did you mean '{close[0]}'? If not, " if close else ""


def unreadable(error: yaml.YAMLError) -> tuple[int | None, str]:
    """The line, where it is known, and what YAML says; for tabs also what to do."""
    mark = getattr(error, "problem_mark", None)
    said = [getattr(error, "context", None) if mark is None else None, getattr(error, "problem", None)]
    words = " ".join(part for part in said if part) or "it has characters that YAML does not allow"
    if "but found another document" in words:
        words = "it holds a second document; one is expected, so no line may be '---' but the first"
    if "'\\t'" in words:
        words += "; indent with spaces in place of tabs"
    return (mark.line + 1 if mark else None), words


def repeated(node: yaml.Node | None) -> Iterator[tuple[str, int, int]]:
    """(key, its line, the line of the same key again): YAML would take the last and drop the others."""
    waiting: list[yaml.Node | None] = [node]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, yaml.SequenceNode):
            waiting += one.value
        if not isinstance(one, yaml.MappingNode):
            continue
        lines: dict[str, int] = {}
        for key, value in one.value:
            waiting.append(value)
            if isinstance(key, yaml.ScalarNode):
                line = key.start_mark.line + 1
                if key.value in lines:
                    yield key.value, lines[key.value], line
                lines[key.value] = line

"""``.github/orchestrator.yml``: read, validated, and what is wrong with it told by key and line."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import ValidationError

from bot.adapters.config_problems import problem, repeated, unreadable
from bot.adapters.zones import UnknownZone, with_zones
from bot.domain.config import Config
from bot.domain.errors import ConfigInvalid

PATH = ".github/orchestrator.yml"
_MOST = 256 * 1024
_SHAPES = {list: "a list", str: "text", int: "a number", float: "a number"}


def parse(text: str, name: str = PATH) -> Config:
    """A configuration file's text as a configuration; an empty file gives the defaults.

    Raises ConfigInvalid naming the key and the line.
    """
    if len(text) > _MOST:
        raise ConfigInvalid(f"{name}: larger than 256 KB, which no configuration is; nothing was read.")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        line, words = unreadable(error)
        where = f", line {line}" if line else ""
        raise ConfigInvalid(f"{name}{where}: no valid YAML: {words}.") from None
    for key, line, again in repeated(node):
        raise ConfigInvalid(
            f"{name}, line {again}: key '{key}' is there already, in line {line}; "
            "put what belongs to it into one place."
        )
    if value is None:
        return Config()
    if not isinstance(value, dict):
        found = _SHAPES.get(type(value), "something else")
        raise ConfigInvalid(f"{name}, line 1: expected keys such as 'commands:', got {found}.")
    try:
        return with_zones(Config.model_validate(_over(Config().model_dump(mode="json"), value)))
    except UnknownZone as unknown:
        path = ["scaling", "peaks", str(unknown.place), "zone"]
        raise ConfigInvalid(
            f"{name}, line {_line(node, path)}: key '{'.'.join(path)}': there is no time zone "
            f"{unknown.name!r}; expected a name of the IANA database, for example Europe/Berlin or UTC."
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = [str(part) for part in first["loc"]]
        raise ConfigInvalid(
            f"{name}, line {_line(node, path)}: key '{'.'.join(path)}': {problem(first)}."
        ) from None


def _over(defaults: dict[str, Any], given: dict[Any, Any]) -> dict[Any, Any]:
    """The defaults with what is given in their place, key by key; a list is replaced whole."""
    merged: dict[Any, Any] = dict(defaults)
    for key, value in given.items():
        known = defaults.get(key)
        merged[key] = _over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def _line(node: yaml.Node | None, path: list[str]) -> int:
    """The line of the deepest part of ``path`` that the file has."""
    line = 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pairs = {str(key.value): (key, value) for key, value in node.value}
            if part not in pairs:
                break
            key, node = pairs[part]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            break
    return line

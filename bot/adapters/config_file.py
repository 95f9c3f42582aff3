"""``.github/orchestrator.yml``: read, validated, and what is wrong with it told by key and line."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import ValidationError

from bot.adapters.zones import UnknownZone, with_zones
from bot.domain.config import Config
from bot.domain.errors import ConfigInvalid

PATH = ".github/orchestrator.yml"
_MOST = 256 * 1024


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
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be read"
        raise ConfigInvalid(f"{name}{line}: no valid YAML: {problem}.") from None
    if value is None:
        return Config()
    if not isinstance(value, dict):
        raise ConfigInvalid(f"{name}, line 1: expected keys such as 'commands:', got {type(value).__name__}.")
    try:
        return with_zones(Config.model_validate(_over(Config().model_dump(mode="json"), value)))
    except UnknownZone as unknown:
        path = ["scaling", "peaks", str(unknown.place), "zone"]
        raise ConfigInvalid(
            f"{name}, line {_line(node, path)}: key '{'.'.join(path)}': there is no time zone "
            f"{unknown.name!r}; expected a name of the IANA database, for example Europe/Berlin or UTC."
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = [str(part) for part in first["loc"]]
        known = _suggestion(first["type"])
        raise ConfigInvalid(
            f"{name}, line {_line(node, path)}: key '{'.'.join(path)}': {first['msg']}{known}."
        ) from None


def _over(defaults: dict[str, Any], given: dict[Any, Any]) -> dict[Any, Any]:
    """The defaults with what is given in their place, key by key; a list is replaced whole."""
    merged: dict[Any, Any] = dict(defaults)
    for key, value in given.items():
        known = defaults.get(key)
        merged[key] = _over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def _suggestion(kind: str) -> str:
    return "; see docs/configuration.md for the keys" if kind == "extra_forbidden" else ""


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

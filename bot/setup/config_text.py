"""``.github/orchestrator.yml`` as it begins: what was chosen, and every other key as a comment.

A line that begins with ``# `` explains; one that begins with ``#`` and a key shows the default of a key,
and counts once the ``#`` is taken away.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from bot.domain.config import Config

Chosen = Mapping[str, Any]
"""Key as ``pools.development.executor`` → the value that was chosen."""

_HEAD = """\
# What orchestrator does in this repository. A key that is commented out has the value shown: take the "#"
# away, also from the keys above it, and change it. The monitor reads this file; one that does not validate
# changes nothing and raises an alert. More about it: docs/configuration.md of orchestrator.

"""
_WIDTH = 108
_LEFT_OUT = ("schema_version", "zones")
"""Not for people: which schema the state's copy has, and what is looked up when the file is read."""


def config_text(chosen: Chosen) -> str:
    """The whole file."""
    return _HEAD + "\n".join(_section(Config(), "", chosen, 0)).strip("\n") + "\n"


def executors(agent: str) -> dict[str, str]:
    """The choice of one agent for every workflow; nothing for the built-in templates, the default."""
    names = ("genesis", "development", "content")
    return {} if agent == "template" else {f"pools.{name}.executor": agent for name in names}


def _section(settings: BaseModel, above: str, chosen: Chosen, depth: int) -> Iterator[str]:
    for name, info in type(settings).model_fields.items():
        if name in _LEFT_OUT:
            continue
        path, default, indent = f"{above}{name}", getattr(settings, name), "  " * depth
        if isinstance(default, BaseModel):
            counts = any(key.startswith(f"{path}.") for key in chosen)
            yield f"{indent}{'' if counts else '#'}{name}:"
            yield from _section(default, f"{path}.", chosen, depth + 1)
            if depth == 0:
                yield ""
            continue
        yield from _explained(info.description or "", indent)
        if path in chosen:
            yield f"{indent}{name}: {json.dumps(chosen[path])}"
        else:
            yield from _default(name, default, indent)


def _explained(text: str, indent: str) -> Iterator[str]:
    first = f"{indent}# "
    yield from textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=first)


def _default(name: str, default: object, indent: str) -> Iterator[str]:
    """A key with its default; a list of objects has a line for each."""
    if isinstance(default, tuple) and default and isinstance(default[0], BaseModel):
        yield f"{indent}#{name}:"
        for item in default:
            yield f"{indent}#- {json.dumps(item.model_dump(mode='json', exclude_defaults=True))}"
        return
    value = default.model_dump(mode="json") if isinstance(default, BaseModel) else default
    yield f"{indent}#{name}: {json.dumps(value)}"

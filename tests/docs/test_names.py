"""What the pages name exists: commands of the program, commands in comments, keys, variables, alerts."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import jsonschema_rs
import pytest
import yaml

from bot.adapters.config_file import parse
from bot.cli import orchestrator
from bot.commands.table import TABLE
from bot.domain.config import Config
from tests.docs.pages import DOCS, ROOT, SHELL, Block, every_block, name, pages, spans
from tools import environment

SCHEMA = jsonschema_rs.validator_for(json.loads((DOCS / "orchestrator.schema.json").read_text("utf-8")))
KEYS = Config.model_json_schema()
OTHERS = {"values.yaml of the chart gha-runner-scale-set"}
"""The first comments of YAML blocks that are somebody else's: nothing here can judge them."""
PATHS = {"/docs", "/pages"}
"""Code spans that look like commands in comments, and are parts of addresses."""
DESIGN = {"design.md"}
"""Its code spans name modules as well, and other bots' commands."""
_FILE = re.compile(r"\.(?:json|yml|md|py)$")
_KEYS = re.compile(r"^[a-z_]+(?:\.(?:[a-z_]+|\*|<name>))+$")


def ours() -> list[Block]:
    """The YAML blocks that are configuration."""
    return [block for block in every_block("yaml") if block.text.splitlines()[0].lstrip("# ") not in OTHERS]


def test_blocks_that_nothing_here_can_judge_are_the_listed_ones() -> None:
    others = [block for block in every_block("yaml") if block not in ours()]
    assert len(others) == len(OTHERS)


@pytest.mark.parametrize("block", ours(), ids=str)
def test_configuration_in_the_pages_is_valid(block: Block) -> None:
    parse(block.text)
    SCHEMA.validate(yaml.safe_load(block.text))


@pytest.mark.parametrize("block", every_block("json"), ids=str)
def test_json_in_the_pages_is_json(block: Block) -> None:
    assert yaml.safe_load(block.text)


def calls() -> Iterator[tuple[str, list[str]]]:
    """(where, words) of each call of the program in a shell block."""
    for block in every_block(*SHELL):
        for line in block.commands.replace("\\\n", " ").splitlines():
            found = re.search(r"(?:^|[/ ])orchestrator ([^|>;)]+)", line.partition(" # ")[0])
            if found and not line.lstrip().startswith(("#", "pip", "gh ", "git ")):
                yield str(block), shlex.split(found[1])


@pytest.mark.parametrize(("where", "words"), list(calls()))
def test_calls_of_the_program_can_be_parsed(where: str, words: list[str]) -> None:
    group: click.Command = orchestrator
    while isinstance(group, click.Group):
        group = group.commands[words.pop(0)]
    group.make_context(group.name, list(words))


@pytest.mark.parametrize("page", [page for page in pages() if page.name not in DESIGN], ids=name)
def test_names_in_code_spans_exist(page: Path) -> None:
    unknown = [span for span in spans(page) if not all(known(span))]
    assert unknown == []


def known(span: str) -> Iterator[bool]:
    """Whether what a span names exists; nothing where it names nothing of ours."""
    if span.startswith("orchestrator "):
        yield names_a_call(span.split()[1:])
    if found := re.match(r"^/([a-z][a-z-]+)(?: |$)", span):
        yield found[1] in TABLE or f"/{found[1]}" in PATHS
    if _KEYS.match(span) and span.partition(".")[0] in Config.model_fields and not _FILE.search(span):
        yield is_a_key(span)
    if re.fullmatch(r"(?:vars\.|secrets\.)?ORCHESTRATOR_[A-Z_]+", span):
        yield span.rpartition(".")[2] in NAMED


NAMED = {*environment.BY_HAND, *environment.VARIABLES, *environment.SECRETS, *environment.BETWEEN}


def names_a_call(words: list[str]) -> bool:
    """Whether a call, as prose shortens it, has a command and options that there are."""
    group: click.Command = orchestrator
    while words and isinstance(group, click.Group) and re.fullmatch(r"[a-z-]+", words[0]):
        found = group.commands.get(words.pop(0))
        if found is None:
            return False
        group = found
    options = {option for one in group.params for option in (*one.opts, *one.secondary_opts)}
    return all(word.partition("=")[0] in options for word in words if word.startswith("--"))


def is_a_key(span: str) -> bool:
    """Whether the configuration has this key; the parts below a table of free names are not looked at."""
    top = node = KEYS
    for part in span.split("."):
        node = resolved(node, top)
        if part in ("*", "<name>"):
            below = [*node.get("properties", {}).values(), node.get("additionalProperties")]
            node = next((one for one in below if isinstance(one, dict)), {})
        elif part in node.get("properties", {}):
            node = node["properties"][part]
        else:
            free = node.get("additionalProperties", not node.get("properties"))
            return bool(free) and not isinstance(node.get("properties"), dict)
    return True


def resolved(node: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """A schema's node without references, and of alternatives the one that has keys."""
    while True:
        if "$ref" in node:
            node = top["$defs"][node["$ref"].rpartition("/")[2]]
        elif "anyOf" in node:
            node = next(one for one in node["anyOf"] if one.get("type") != "null")
        else:
            return node


def test_the_environment_is_listed_whole() -> None:
    files = [path for path in (ROOT / "bot").rglob("*.py") if not {"hub", "templates"} & set(path.parts)]
    code = "\n".join(path.read_text("utf-8") for path in files)
    read = set(re.findall(r"[\"]((?:GITHUB|GH|ORCHESTRATOR)_[A-Z_]+)\"", code))
    assert read - NAMED - environment.BY_ACTIONS == set()
    yml = "\n".join(path.read_text("utf-8") for path in (ROOT / ".github/workflows").glob("*.yml"))
    assert set(re.findall(r"vars\.([A-Z_]+)", yml)) == set(environment.VARIABLES)
    assert set(re.findall(r"secrets\.([A-Z_]+)", yml)) == set(environment.SECRETS)
    listed = {*environment.BY_HAND, *environment.BY_ACTIONS, *environment.BETWEEN}
    assert {one for one in listed if one not in code} == set()

"""The configuration file: what is wrong is told by key and line."""

from __future__ import annotations

import pytest

from bot.adapters.config_file import parse
from bot.domain.config import Config
from bot.domain.errors import ConfigInvalid


@pytest.mark.parametrize("text", ["", "# nothing\n", "schema: 1\n", "---\n"])
def test_no_configuration_is_the_defaults(text: str) -> None:
    assert parse(text) == Config()


def test_keys_are_taken_over() -> None:
    pool = "pools:\n  genesis:\n    minimum: 1\n    maximum: 1\n    roster: [{id: g-1}]\n"
    text = f"commands:\n  prefix: '/fleet-'\n  roles:\n    status: read\n{pool}"
    config = parse(text)
    assert (config.commands.prefix, config.commands.roles) == ("/fleet-", {"status": "read"})
    assert [worker.id for worker in config.pools.genesis.roster] == ["g-1"]


def test_a_part_of_a_pool_leaves_the_rest_as_it_is() -> None:
    genesis = parse("pools:\n  genesis:\n    time_limit_minutes: 5\n").pools.genesis
    assert (genesis.time_limit_minutes, genesis.maximum, len(genesis.roster)) == (5, 3, 3)


@pytest.mark.parametrize("above", ["null", "0", "0.61", "1"])
def test_utilisation_below_half_of_above_comes_to_rest(above: str) -> None:
    assert parse(f"scaling:\n  utilisation_above: {above}\n  utilisation_below: 0.3\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("commands:\n  prefix: '!'\n", r"line 2: key 'commands\.prefix'"),
        ("attempts:\n  limit: 3\n  limits: 4\n", r"line 3: key 'attempts\.limits'.*docs/configuration\.md"),
        ("attempts:\n  limit: none\n", r"line 2: key 'attempts\.limit'"),
        ("commands:\n  roles:\n    status: king\n", r"line 3: key 'commands\.roles\.status'"),
        (
            "pools:\n  genesis:\n    roster:\n      - id: ok\n      - id: NOT\n",
            r"line 5: key 'pools\.genesis\.roster\.1\.id'",
        ),
        (
            "scaling:\n  utilisation_above: 0.6\n  utilisation_below: 0.3\n",
            r"key 'scaling'.*utilisation_below is 0\.3, at least half of utilisation_above \(0\.6\)",
        ),
        ("scaling:\n  utilisation_below: 0.4\n", r"expected less than 0\.4"),
        ("approve: [genesis]\n", r"line 1: key 'approve\.0'"),
        ("texts:\n  role: owner\n", r"line 2: key 'texts\.role'"),
        (
            "pools:\n  genesis:\n    roster:\n      - id: ok\n        specialties: ['a b; rm -rf /']\n",
            r"key 'pools\.genesis\.roster\.0\.specialties\.0'",
        ),
        ("commands: [\n", r"line 2: no valid YAML"),
        ("- a list\n", r"line 1: expected keys"),
        ("just text", r"line 1: expected keys"),
        ("a: !!python/object:os.system x\n", "no valid YAML"),
        ("comands: {}\n", "'comands': there is no such key; did you mean 'commands'\\? If not, see docs/"),
        ("commands: {prefx: /}\n", "'commands.prefx': there is no such key; did you mean 'prefix'"),
        ("pools: {developmnt: {}}\n", "did you mean 'development'"),
        ("queueing: {overflow: many}\n", "'queueing.overflow': expected a whole number, got 'many'\\.$"),
        ("pools: {content: {maximum: -1}}\n", "expected greater than or equal to 1, got -1\\.$"),
        ("pools: {content: {minimum: 3, maximum: 1}}\n", "'pools.content': minimum is above maximum\\.$"),
        ("administrators: ada\n", r"expected a list, for example \[one, two\], got 'ada'"),
        ("commands:\n", "'commands': expected keys and values below it, got nothing"),
        ("commands:\n\tprefix: /\n", "line 2: no valid YAML: .*; indent with spaces in place of tabs"),
        ("approve: []\n---\nbudgets: {}\n", "line 2: no valid YAML: it holds a second document"),
        ("commands: \x07\n", "no valid YAML: it has characters that YAML does not allow"),
        ("approve: []\ntexts: {}\napprove: [content]\n", "line 3: key 'approve' is there already, in line 1"),
        ("pools:\n  content: {maximum: 2,\n    maximum: 3}\n", "line 3: key 'maximum' is there already"),
    ],
)
def test_what_is_wrong_is_told_by_key_and_line(text: str, says: str) -> None:
    with pytest.raises(ConfigInvalid, match=says):
        parse(text)


@pytest.mark.parametrize("text", ["\ufeffapprove: [content]\n", "approve:\r\n  - content\r\n"])
def test_marks_and_line_ends_of_other_systems_do_not_matter(text: str) -> None:
    assert parse(text).approve == ("content",)


def test_an_anchor_that_is_used_twice_is_no_key_twice() -> None:
    assert parse("texts: &t {role: write}\nregions: {eu: &r {us: 90}, us: *r}\n").texts.role == "write"

"""Profiles and their changes in the configuration: what is accepted, and what is said of what is not."""

from __future__ import annotations

import pytest

from bot.adapters.config_file import parse
from bot.bootstrap.executors import executor
from bot.domain.errors import ConfigInvalid, UsageError
from bot.executors import counting
from bot.executors.catalogue import built_in, find


def test_every_profile_of_the_package_is_valid_and_says_how_its_version_is_asked() -> None:
    assert built_in() == ("claude-code", "codex", "command", "copilot")
    for name in built_in():
        profile = find(name)
        assert profile is not None
        assert profile.version_command[-1] == "--version"
        assert bool(profile.version) == (name != "command")


def test_what_the_configuration_changes_is_laid_over_the_profile() -> None:
    config = parse("executors: {claude-code: {limits: {turns: 5}, environment: [MY_PROXY]}}")
    profile = find("claude-code", config.executors["claude-code"])
    base = find("claude-code")
    assert profile is not None
    assert base is not None
    assert (profile.limits.turns, profile.limits.dollars) == (5, base.limits.dollars)
    assert profile.environment == ("MY_PROXY",)
    assert profile.command == base.command


def test_a_changed_configuration_survives_the_state() -> None:
    config = parse("executors: {mine: {like: codex, prices: {per_million: 2.5}}}")
    assert type(config).model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "executors: {x: {commnd: [a]}}",
            "executors.x': commnd: there is no such key",
        ),
        ("executors: {x: {limits: {turns: 0}}}", "limits.turns: expected greater than or equal to 1"),
        ("executors: {x: {environment: [GITHUB_TOKEN]}}", "GITHUB_TOKEN belongs to the workflow's run"),
        ("executors: {x: {keys: [GH_TOKEN]}}", "GH_TOKEN belongs to the workflow's run"),
        ("executors: {x: {aliases: {A: ORCHESTRATOR_GENESIS_TOKEN}}}", "ORCHESTRATOR_GENESIS_TOKEN belongs"),
        ("executors: {x: {settings: {ACTIONS_RUNTIME_TOKEN: y}}}", "ACTIONS_RUNTIME_TOKEN belongs"),
        ("executors: {x: {outcomes: [{kind: turns, pattern: '('}]}}", "is no regular expression"),
        ("executors: {x: {outcomes: [{kind: turns}]}}", "told by 'where' or by 'pattern'"),
        ("executors: {x: {resume: [a, b]}}", "resume has no argument with {session}"),
        ("executors: {x: {command: []}}", "command: Tuple should have at least 1 item"),
        ("executors: {x: {package: '../x'}}", "package:"),
        ("executors: {X Y: {}}", "executors"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_said_by_its_key(text: str, says: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        parse(text)
    assert says in str(caught.value)


def test_changes_that_do_not_fit_their_profile_are_said_when_it_is_used() -> None:
    with pytest.raises(
        UsageError, match=r"executors.mine.like` names 'none', which is no profile; there are: claude"
    ):
        executor("mine", {"like": "none"}, {})
    with pytest.raises(UsageError, match=r"`executors.codex`: Value error, the prompt goes by file"):
        executor("codex", {"prompt": "file"}, {})
    with pytest.raises(UsageError, match="has: template, scripted, claude-code, codex, command, copilot"):
        executor("none", {}, {})


@pytest.mark.parametrize(
    ("output", "ran"),
    [
        ("..\n----\nRan 2 tests in 0.001s\n\nOK\n", 2),
        ("Ran 1 test in 0.0s\nOK\nRan 3 tests in 0.1s\nFAILED (failures=1)\n", 4),
        ("\x1b[32m==== \x1b[1m3 passed\x1b[0m, 1 skipped in 0.02s ====\x1b[0m\n", 3),
        ("==== 1 failed, 2 passed, 1 error in 1.20s ====", 4),
        ("2 passed, 3 warnings in 0.01s\n", 2),
        ("Test Suites: 1 passed, 1 total\nTests:       1 failed, 3 passed, 4 total\nTime: 1 s", 4),
        (" Test Files  1 passed (1)\n      Tests  1 failed | 3 passed (4)\n", 4),
        ("# tests 5\n# pass 5\n", 5),
        ("ℹ tests 6\nℹ pass 6\n", 6),
        ("  4 passing (12ms)\n  1 failing\n", 5),
        ("test result: ok. 3 passed; 1 failed; 0 ignored; 0 measured\n", 4),
        ("=== RUN TestA\n--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.01s)\n", 2),
        ("no tests ran in 0.01s\n", 0),
        ("all good, 12 tests are planned\n", 0),
        ("", 0),
    ],
)  # fmt: skip
def test_tests_are_counted_by_what_the_usual_runners_print(output: str, ran: int) -> None:
    assert counting.tests_in(output) == ran

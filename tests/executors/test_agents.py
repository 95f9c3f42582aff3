"""Each agent's profile against a program that speaks its real output format (see ``stand_in``)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.domain.failures import FailureKind
from bot.domain.outputs import GenesisOutput
from tests.executors.agents import GENESIS, KEY, KEYS, TOKENS, Agent
from tests.executors.stand_in import SESSION

AGENTS = ["claude-code", "codex", "copilot"]


@pytest.mark.parametrize(
    ("name", "spend", "turns", "tokens"),
    [("claude-code", 0.4321, 7, 33_000), ("codex", 0.0, 2, 24_885), ("copilot", 0.125, 1, 64)],
)
def test_what_an_agent_made_is_handed_on_with_what_it_cost(
    name: str, spend: float, turns: int, tokens: int, tmp_path: Path
) -> None:
    agent = Agent(tmp_path, name)
    agent.install()

    finished = agent.run()

    assert finished.ok, finished.summary + agent.log
    assert finished.summary == f"Done by {name}: 4 files, 2 issues planned, 1 tests run and passed."
    assert (finished.spend, finished.turns, finished.tokens) == (pytest.approx(spend), turns, tokens)
    assert (finished.session, finished.failure, finished.output) == (SESSION, None, "genesis-output.json")
    output = GenesisOutput.model_validate_json((agent.result / "genesis-output.json").read_bytes())
    assert (output.tests_run, output.executor, len(output.files)) == (1, name, 4)
    assert output.issues[0].body == "After {{issue:page}}"
    assert agent.check().ok


def test_any_command_does_the_work(tmp_path: Path) -> None:
    agent = Agent(tmp_path, "command")
    agent.install()

    finished = agent.run()

    assert finished.ok, finished.summary
    assert (finished.spend, finished.session) == (0.0, "")
    assert agent.check().ok


def test_a_name_of_the_configuration_is_an_agent_of_its_own(tmp_path: Path) -> None:
    agent = Agent(tmp_path, "mine", {"command": ["orchestrator-agent", "--model", "{model}"], "model": "m-1"})
    agent.install()

    assert agent.run().ok
    assert agent.calls[0]["argv"][1:] == ["--model", "m-1"]


def test_a_single_json_answer_is_read_like_the_end_of_a_stream(tmp_path: Path) -> None:
    # `claude -p --output-format json` prints the result object alone; here its stream is one too many lines.
    agent = Agent(tmp_path, "claude-code", {"output": "json"})
    agent.install("success")

    finished = agent.run()

    assert finished.failure is FailureKind.GARBAGE  # several objects are no JSON value
    agent = Agent(tmp_path / "single", "one", {"output": "json", "answer": {"type": "result"},
                                               "fine": {"is_error": False},
                                               "read": {"cost": {"path": "total_cost_usd"}}})  # fmt: skip
    answer = json.dumps({"type": "result", "is_error": False, "total_cost_usd": 0.5})
    agent.install("success", GENESIS + f"print({answer!r}, flush=True)\nos._exit(0)")
    finished = agent.run()
    assert (finished.ok, finished.spend) == (True, 0.5)


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize(
    ("says", "kind", "retry"),
    [
        ("is_error", FailureKind.ACCESS, False),
        ("rate", FailureKind.RATE_LIMIT, True),
        ("turns", FailureKind.TURNS, True),
        ("budget", FailureKind.BUDGET, False),
        ("garbage", FailureKind.GARBAGE, True),
    ],
)
def test_a_failure_of_its_own_kind_is_told_from_others(
    name: str, says: str, kind: FailureKind, retry: bool, tmp_path: Path
) -> None:
    agent = Agent(tmp_path, name)
    agent.install(says)  # the work itself is left as if all were well

    finished = agent.run()

    assert not finished.ok
    assert (finished.failure, finished.retry) == (kind, retry), finished.summary
    assert finished.summary.startswith(f"{name}: ")
    assert not (agent.result / "genesis-output.json").exists()
    if says != "garbage":
        assert finished.turns >= 1


@pytest.mark.parametrize("says", ["is_error", "is_error with exit code 0"])
def test_an_answer_with_is_error_is_a_failure_whatever_its_subtype(says: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.install(says)

    finished = agent.run()

    assert '"subtype": "success"' in agent.log
    assert '"is_error": true' in agent.log
    assert finished.summary == (
        "claude-code: it was not let in (Not logged in · Please run /login); check the secret "
        "ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN, then `/retry`."
    )


def test_what_an_agent_cost_is_kept_when_it_fails(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.install("budget")

    finished = agent.run()

    assert (finished.spend, finished.turns, finished.session) == (5.03, 7, SESSION)


def test_money_is_counted_from_tokens_where_their_price_is_known(tmp_path: Path) -> None:
    agent = Agent(tmp_path, "codex", {"prices": {"per_million": 10}})
    agent.install()

    assert agent.run().spend == pytest.approx(0.24885)

    agent = Agent(tmp_path / "dear", "codex", {"prices": {"per_million": 10}, "limits": {"dollars": 0.2}})
    agent.install("success", GENESIS)
    finished = agent.run()
    assert finished.failure is FailureKind.BUDGET
    assert finished.spend == pytest.approx(0.24885)


@pytest.mark.parametrize("name", ["command", "claude-code"])
def test_another_exit_code_than_0_is_a_failure(name: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, name)
    agent.install("success", GENESIS + "print('{}', flush=True); sys.exit(3)")

    finished = agent.run()

    assert (finished.ok, finished.failure) == (False, FailureKind.ERROR)


@pytest.mark.parametrize("name", AGENTS)
def test_a_program_that_is_not_installed_is_said_by_name(name: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, name, {"command": ["no-such-agent", "{prompt}"], "resume": []})

    finished = agent.run()

    assert (finished.failure, finished.retry) == (FailureKind.MISSING, False)
    assert "`no-such-agent` is not installed where this runs" in finished.summary


@pytest.mark.parametrize("name", AGENTS)
def test_without_a_key_nothing_is_started(name: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, name, environ={KEYS[name]: ""})
    agent.install()

    finished = agent.run()

    assert (finished.failure, finished.retry) == (FailureKind.ACCESS, False)
    assert f"{KEYS[name]}" in finished.summary
    assert not (tmp_path / "record.jsonl").exists()


@pytest.mark.parametrize("name", AGENTS)
def test_an_agent_sees_its_own_key_and_no_token_of_github(name: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, name, environ={"AWS_SECRET_ACCESS_KEY": "not-for-agents", "PYTHONPATH": "/x"})
    agent.install()
    agent.run()

    (call,) = agent.calls
    environment = call["environment"]
    assert environment[KEYS[name]] == KEY
    assert [name for name in TOKENS if name in environment] == []
    assert [value for value in TOKENS.values() if value in json.dumps(call)] == []
    assert "not-for-agents" not in json.dumps(call)
    assert not environment["HOME"].startswith(str(tmp_path))
    # What a run of a workflow, a shell and the bot itself leave in an environment stays outside.
    expected = {"HOME", "PATH", "LANG", "TMPDIR", "CI", "NO_COLOR", KEYS[name]}
    assert expected <= set(environment)
    assert {n for n in environment if n.startswith(("GITHUB_", "GH_", "ACTIONS_", "ORCHESTRATOR_"))} == set()
    assert "PYTHONPATH" not in environment


def test_a_workflows_own_token_is_no_agents_key(tmp_path: Path) -> None:
    agent = Agent(tmp_path, "copilot", environ={"COPILOT_GITHUB_TOKEN": TOKENS["GITHUB_TOKEN"]})
    agent.install()

    finished = agent.run()

    assert "COPILOT_GITHUB_TOKEN holds the token of a workflow's run" in finished.summary
    assert not (tmp_path / "record.jsonl").exists()


def test_limits_and_model_are_given_to_the_agents_own_flags(tmp_path: Path) -> None:
    limits = {"turns": 12, "dollars": 2.5}
    agent = Agent(tmp_path, "claude-code", {"model": "opus", "limits": limits})
    agent.install()
    agent.run()
    words = agent.calls[0]["argv"]
    assert words[-6:] == ["--model", "opus", "--max-turns", "12", "--max-budget-usd", "2.50"]

    agent = Agent(tmp_path / "copilot", "copilot", {"limits": limits})
    agent.install()
    agent.run()
    assert agent.calls[0]["argv"][-2:] == ["--max-ai-credits", "250"]


@pytest.mark.parametrize("name", AGENTS)
def test_a_result_that_is_refused_goes_back_once_to_the_same_session(name: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, name)
    agent.install("success", "", GENESIS)

    finished = agent.run()

    assert finished.ok, finished.summary
    first, second = agent.calls
    assert not any(SESSION in word for word in first["argv"])
    assert any(SESSION in word for word in second["argv"])
    problem = json.loads(second["files"]["problem.json"])
    assert problem["lines"] == ["the agent left no result/genesis.json"]
    assert "the agent left no" not in second["prompt"]
    assert finished.turns == 2 * {"claude-code": 7, "codex": 2, "copilot": 1}[name]


def test_an_agent_that_cannot_go_on_is_not_asked_again(tmp_path: Path) -> None:
    agent = Agent(tmp_path, "command")
    agent.install("success", "")

    finished = agent.run()

    assert len(agent.calls) == 1
    assert (finished.failure, finished.rework) == (FailureKind.INVALID, True)
    assert finished.summary == "command: the agent left no result/genesis.json."

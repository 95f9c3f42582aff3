"""A program that stands in for an agent: speaks its real output format and does what a test wants.

Run by a small launcher (``agents.install``) under the agent's own name, found on PATH. The formats are from:

- Claude Code: https://code.claude.com/docs/en/headless ("Stream responses", "Get structured output") and the
  Agent SDK's ``SDKResultMessage`` (https://code.claude.com/docs/en/agent-sdk/typescript); the objects have
  the fields that 2.1.332 prints, an answer with ``subtype: success`` and ``is_error: true`` among them.
- Codex: https://developers.openai.com/codex/noninteractive ("Make output machine-readable"), events of
  ``codex-rs/exec/src/exec_events.rs``; errors as 0.169.0 prints them.
- Copilot: https://docs.github.com/en/copilot/reference/copilot-cli-reference/cli-programmatic-reference; the
  final object as in github/copilot-cli#4107, the usage file as 1.0.102 writes it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SESSION = "5f7c1f3e-9f0a-4c1b-8f86-0d6b1b2c3d4e"


def main(agent: str, scenario: Mapping[str, Any]) -> None:
    """Take the prompt, act, answer, exit."""
    prompt = _prompt(agent)
    found = re.search(r"Write `(.+?)/([\w.-]+)`: one JSON object", prompt)
    place = {"result": Path(found[1]) if found else None, "input": None, "project": Path.cwd()}
    if found:
        place["input"] = Path(found[1]).parent / "input"
    _record(scenario, prompt, place)
    acts = scenario["acts"]
    if (session := SESSIONS.get(agent)) is not None:
        _session(agent, session())
    resumed = any(SESSION in word for word in sys.argv)
    act = acts[0] if not resumed else acts[1] if len(acts) > 1 else ""
    exec(act, {**place, "prompt": prompt, "json": json, "os": os, "sys": sys})
    answer = {"claude": claude, "codex": codex, "copilot": copilot, "plain": plain}[agent]
    code = answer(scenario["says"])
    sys.stdout.flush()
    sys.exit(code)


SESSIONS = {
    "claude": lambda: f".claude/projects/{re.sub('[^A-Za-z0-9]', '-', str(Path.cwd()))}/{SESSION}.jsonl",
    "codex": lambda: f".codex/sessions/2026/11/26/rollout-2026-11-26T06-29-16-{SESSION}.jsonl",
    "copilot": lambda: f".copilot/session-state/{SESSION}/events.jsonl",
}
"""Where each agent keeps a session below its home: seen of Claude Code 2.1.332 and Codex 0.169.0; Copilot by
https://docs.github.com/en/copilot/reference/copilot-cli-reference/cli-config-dir-reference."""


def _session(agent: str, place: str) -> None:
    """Keep a session as the agent does; going on with one that is not there fails as it does there."""
    path = Path.home() / place
    if any(SESSION in word for word in sys.argv) and not path.exists():
        unknown = f"No conversation found with session ID: {SESSION}"
        if agent == "claude":
            say({"type": "result", "subtype": "error_during_execution", "is_error": True, "num_turns": 0,
                 "session_id": SESSION, "total_cost_usd": 0, "errors": [unknown],
                 "usage": {"input_tokens": 0, "output_tokens": 0}})  # fmt: skip
        sys.stderr.write(f"Error: {unknown}\n")
        sys.exit(1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"sessionId": SESSION, "cwd": str(Path.cwd())}) + "\n")


def _prompt(agent: str) -> str:
    if agent == "copilot":
        return sys.argv[sys.argv.index("--prompt") + 1]
    return sys.stdin.read()


def _record(scenario: Mapping[str, Any], prompt: str, place: Mapping[str, Any]) -> None:
    """Keep what this program was handed, for the test to look at."""
    folder = place["input"]
    files = {path.name: path.read_text("utf-8") for path in folder.iterdir()} if folder else {}
    home = Path.home()
    kept = [path for path in home.rglob("*.jsonl") if path.is_file()] if home != Path("/") else []
    sessions = {path.relative_to(home).as_posix(): path.read_text("utf-8") for path in kept}
    seen = {
        "sessions": sessions,
        "argv": sys.argv,
        "environment": dict(os.environ),
        "prompt": prompt,
        "files": files,
    }
    with Path(scenario["record"]).open("a", encoding="utf-8") as record:
        record.write(json.dumps(seen | {"cwd": str(Path.cwd())}) + "\n")


def write(line: str) -> None:
    """A line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say(value: object) -> None:
    """One line of JSON."""
    write(json.dumps(value))


def claude(says: str) -> int:
    if says == "garbage":
        write("Segfault in tool runner\n{not json")
        return 0
    say(
        {
            "type": "system",
            "subtype": "init",
            "cwd": str(Path.cwd()),
            "session_id": SESSION,
            "model": "claude-opus-5-5",
            "permissionMode": "acceptEdits",
            "apiKeySource": "ANTHROPIC_API_KEY",
        }
    )
    say(
        {
            "type": "assistant",
            "session_id": SESSION,
            "parent_tool_use_id": None,
            "message": {"id": "msg_1", "role": "assistant", "content": [{"type": "text", "text": "On it."}]},
        }
    )
    result = {
        "type": "result", "subtype": "success", "is_error": False, "duration_ms": 61_000,
        "num_turns": 7, "result": "The work is done.", "session_id": SESSION, "total_cost_usd": 0.4321,
        "api_error_status": None, "permission_denials": [], "stop_reason": "end_turn",
        "usage": {"input_tokens": 100, "cache_creation_input_tokens": 2_000,
                  "cache_read_input_tokens": 30_000, "output_tokens": 900, "service_tier": "standard"},
    }  # fmt: skip
    changes: Mapping[str, Mapping[str, Any]] = {
        "success": {},
        # A refused key, exactly as 2.1.332 answers it: both of these at once.
        "is_error": {"is_error": True, "result": "Not logged in · Please run /login", "total_cost_usd": 0},
        "rate": {"is_error": True, "api_error_status": 429, "result": "API Error: Request rejected (429)"},
        "turns": {"subtype": "error_max_turns", "is_error": True, "num_turns": 101,
                  "errors": ["Reached maximum number of turns (100)"]},
        "budget": {"subtype": "error_max_budget_usd", "is_error": True, "total_cost_usd": 5.03,
                   "errors": ["Reached maximum budget ($5)"]},
    }  # fmt: skip
    says, _, quietly = says.partition(" ")
    result |= changes[says]
    if "errors" in result:
        del result["result"]
    say(result)
    return 1 if result["is_error"] and not quietly else 0


def codex(says: str) -> int:
    if says == "garbage":
        write("thread panicked at core/src/exec.rs")
        return 0
    say({"type": "thread.started", "thread_id": SESSION})
    say({"type": "turn.started"})
    say(
        {
            "type": "item.started",
            "item": {
                "id": "item_0",
                "type": "command_execution",
                "command": "bash -lc ls",
                "aggregated_output": "",
                "exit_code": None,
                "status": "in_progress",
            },
        }
    )
    say(
        {
            "type": "item.completed",
            "item": {
                "id": "item_0",
                "type": "command_execution",
                "command": "bash -lc ls",
                "aggregated_output": "README.md\n",
                "exit_code": 0,
                "status": "completed",
            },
        }
    )
    if says == "turns":  # it has no limit of its own: the runner has to stop it
        for number in range(1, 1_000_000):
            item = {"id": f"item_{number}", "type": "agent_message", "text": "Still going."}
            say({"type": "item.completed", "item": item})
    failures = {
        "is_error": "unexpected status 401 Unauthorized: Missing bearer or basic authentication in header",
        "rate": "You've hit your usage limit. Try again in 3 hours.",
        "budget": "You exceeded your current quota, please check your plan and billing details.",
    }
    if says in failures:
        say({"type": "error", "message": "Reconnecting... 5/5 (stream disconnected before completion)"})
        say({"type": "error", "message": failures[says]})
        say({"type": "turn.failed", "error": {"message": failures[says]}})
        return 1
    say(
        {
            "type": "item.completed",
            "item": {"id": "item_1", "type": "agent_message", "text": "The work is done."},
        }
    )
    say(
        {
            "type": "turn.completed",
            "usage": {
                "input_tokens": 24_763,
                "cached_input_tokens": 24_448,
                "output_tokens": 122,
                "reasoning_output_tokens": 0,
            },
        }
    )
    return 0


def copilot(says: str) -> int:
    if says == "garbage":
        write("● Done")
        return 0
    usage = Path(sys.argv[sys.argv.index("--usage-output-file") + 1])
    spent = {"totalPremiumRequestCost": 0, "totalUserRequests": 1, "totalNanoAiu": 12_500_000_000,
             "totalApiDurationMs": 4_200, "modelMetrics": {}}  # fmt: skip
    say({"type": "assistant.turn_start", "data": {"turnId": "0"}, "id": "e1"})
    say(
        {
            "type": "assistant.message",
            "id": "e2",
            "data": {
                "messageId": "m1",
                "content": "The work is done.",
                "toolRequests": [],
                "outputTokens": 64,
            },
        }
    )
    if says == "turns":
        for number in range(1, 1_000_000):
            say({"type": "assistant.turn_start", "data": {"turnId": str(number)}, "id": f"t{number}"})
    errors = {
        "is_error": "Authentication failed (Request ID: 1): the token is not authorized",
        "rate": "Sorry, you've hit a rate limit that restricts the number of Copilot model requests.",
        "budget": "Session limits reached: 500/500 AI credits used.",
    }
    code = 0
    if says in errors:
        say({"type": "session.error", "id": "e3", "data": {"errorType": "query", "message": errors[says]}})
        code = 1
    say({"type": "assistant.turn_end", "data": {"turnId": "0"}, "id": "e4"})
    usage.write_text(json.dumps(spent), "utf-8")
    say(
        {
            "type": "result",
            "timestamp": "2026-11-26T02:38:55.399Z",
            "sessionId": SESSION,
            "exitCode": code,
            "usage": {
                "premiumRequests": 1,
                "totalApiDurationMs": 4_200,
                "sessionDurationMs": 9_000,
                "codeChanges": {"linesAdded": 3, "linesRemoved": 0, "filesModified": []},
            },
        }
    )
    return code


def plain(says: str) -> int:
    """Any command: text, and an exit code."""
    write("The work is done." if says == "success" else "It went wrong.")
    return 0 if says == "success" else 3

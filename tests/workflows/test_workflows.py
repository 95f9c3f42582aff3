"""What the workflows may do, and how they keep foreign text and code away from what can write."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.bootstrap.executors import agent_lock
from bot.cli import orchestrator
from bot.domain.config import Config
from bot.domain.labels import OWNED, PRIORITY
from bot.domain.profiles import Profile
from bot.domain.watch import Mode
from bot.executors.catalogue import built_in, find
from bot.render.markers import marked
from tests.workflows.documents import ACTIONS, ROOT, WORKFLOWS, Document, jobs, read, steps, workflow

EVERY_JOB = [pytest.param(job, id=name) for path in WORKFLOWS for name, job in jobs(path)]
EVERY_FILE = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in [*WORKFLOWS, *ACTIONS]]

WRITES = {"actions": "write", "contents": "write", "issues": "write", "pull-requests": "write"}
READS = {"contents": "read"}
PERMISSIONS = {
    "audit/audit": READS,
    "ci/check": READS,
    "commands/handle": WRITES,
    "compact/compact": {"contents": "write"},
    "labels/handle": WRITES,
    "monitor/loop": {**WRITES, "checks": "read", "statuses": "read"},
    "monitor/tick": {**WRITES, "checks": "read", "statuses": "read"},
    "pages/build": READS,
    "pages/deploy": {"id-token": "write", "pages": "write"},
    "release/announce": {"contents": "write"},
    "release/attest": {"attestations": "write", "id-token": "write"},
    "release/build": READS,
    "release/check": READS,
    "release/publish": {"id-token": "write"},
    "worker/claim": WRITES,
    "worker/run": READS,
    "worker/check": READS,
    "worker/report": {**WRITES, "pages": "write"},
}
PINNED = re.compile(r"^\s*(?:- )?uses: (?:actions|pypa)/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
AGENTS_KEYS = {key for name in built_in() for key in (find(name) or Profile(command=("x",))).keys}
TOKENS = re.compile(r"github\.token|GITHUB_TOKEN|ORCHESTRATOR_TOKEN|\btoken\b", re.IGNORECASE)


def test_the_workflows_that_the_bot_relies_on_are_there() -> None:
    assert {path.stem for path in WORKFLOWS} >= {"ci", "commands", "labels", "monitor", "worker"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_starts_without_any_permission(path: Path) -> None:
    assert read(path)["permissions"] == {}


def test_each_job_has_the_least_that_it_needs() -> None:
    found = {name: job["permissions"] for path in WORKFLOWS for name, job in jobs(path)}
    assert found == PERMISSIONS
    assert all(found.values()), "a job without a permission of its own cannot check anything out"


def test_a_job_ends_in_time() -> None:
    limits = {name: job["timeout-minutes"] for path in WORKFLOWS for name, job in jobs(path)}
    assert 20_000 / 60 + 10 <= limits.pop("monitor/loop") < 360, "GitHub ends a hosted job after six hours"
    assert {name: limit for name, limit in limits.items() if not 0 < limit <= 120} == {}


@pytest.mark.parametrize("path", EVERY_FILE)
def test_actions_are_pinned_by_commit_with_their_version_beside_it(path: Path) -> None:
    used = [
        line for line in path.read_text("utf-8").splitlines() if " uses:" in line and "uses: ./" not in line
    ]
    assert [line for line in used if not PINNED.match(line)] == []


def test_an_action_has_the_same_pin_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for path in [*WORKFLOWS, *ACTIONS]:
        for step in steps(path):
            if "@" in step.get("uses", ""):
                name, commit = step["uses"].split("@")
                pins.setdefault(name, set()).add(commit)
    assert {name: sorted(commits) for name, commits in pins.items() if len(commits) > 1} == {}
    assert {"actions/checkout", "actions/setup-python", "actions/cache"} <= set(pins)


@pytest.mark.parametrize("job", EVERY_JOB)
def test_a_checkout_leaves_no_credentials_and_takes_no_foreign_code(job: Document) -> None:
    checkouts = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    needs = any("run" in step or step["uses"].startswith("./") for step in job["steps"])
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}] * needs


@pytest.mark.parametrize("path", EVERY_FILE)
def test_scripts_get_what_they_need_by_the_environment_alone(path: Path) -> None:
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


def test_foreign_text_of_the_event_is_only_looked_at_by_conditions() -> None:
    job = workflow("commands")["jobs"]["handle"]
    assert "github.event.comment.body" in job.pop("if")
    assert "github.event" not in json.dumps(job)


def test_commands_are_neither_queued_nor_dropped() -> None:
    document = workflow("commands")
    assert "concurrency" not in document
    assert all("concurrency" not in job for job in document["jobs"].values())
    assert document["on"] == {"issue_comment": {"types": ["created"]}}


def test_changes_of_issues_are_neither_queued_nor_dropped() -> None:
    document = workflow("labels")
    assert "concurrency" not in document
    assert all("concurrency" not in job for job in document["jobs"].values())
    assert document["on"] == {"issues": {"types": ["labeled", "unlabeled", "closed", "reopened"]}}


def test_foreign_labels_and_bots_start_no_job() -> None:
    job = workflow("labels")["jobs"]["handle"]
    condition = job.pop("if")
    assert "github.event" not in json.dumps(job)
    kinds = set(re.findall(r"startsWith\(github\.event\.label\.name, '([^']+)'\)", condition))
    assert kinds == {PRIORITY, *OWNED}
    assert f"'{Config().issues.new_project_label}'" in condition
    assert condition.startswith("(github.event.sender.type != 'Bot' || ")
    assert marked("project", "x-1", "…").startswith("<!-- orchestrator:")
    assert "startsWith(github.event.issue.body, '<!-- orchestrator:')" in condition


EVERY_5_MINUTES, HOURLY, BY_HAND = "*/5 * * * *", "17 * * * *", ""


def test_the_monitor_never_interrupts_a_tick() -> None:
    document = workflow("monitor")
    assert "concurrency" not in document, "what is skipped must not push a successor out of the group"
    group = {"group": "orchestrator-monitor", "cancel-in-progress": False}
    assert [job["concurrency"] for job in document["jobs"].values()] == [group, group]
    assert document["on"]["schedule"] == [{"cron": EVERY_5_MINUTES}, {"cron": HOURLY}]
    assert "workflow_dispatch" in document["on"]


def evaluated(expression: str, mode: str, schedule: str) -> object:
    """What GitHub makes of a condition of the monitor's: comparisons, ``&&``, ``||`` and brackets."""
    known = {"vars.ORCHESTRATOR_MONITOR": mode.lower(), "github.event.schedule": schedule}
    for name, value in known.items():
        expression = expression.replace(name, repr(value))
    python = expression.replace("&&", " and ").replace("||", " or ")
    assert not re.search(r"[a-z]+\.[a-zA-Z]", python), f"a name that this does not know: {python}"
    return eval(python, {"__builtins__": {}})


@pytest.mark.parametrize(
    ("mode", "schedule", "runs"),
    [
        ("loop", EVERY_5_MINUTES, "tick --loop 20000 --every 30 --mode loop"),
        ("loop", HOURLY, ""),
        ("loop", BY_HAND, "tick --loop 20000 --every 30 --mode loop"),
        ("cron", EVERY_5_MINUTES, "tick --mode cron"),
        ("cron", HOURLY, ""),
        ("cron", BY_HAND, "tick --mode cron"),
        ("events", EVERY_5_MINUTES, ""),
        ("events", HOURLY, "tick --mode events"),
        ("events", BY_HAND, "tick --mode events"),
        ("", EVERY_5_MINUTES, "tick --mode cron"),
        ("", HOURLY, ""),
        ("fast", EVERY_5_MINUTES, "tick --mode cron"),
        ("Loop", EVERY_5_MINUTES, "tick --loop 20000 --every 30 --mode loop"),
    ],
)
def test_the_monitors_mode_decides_which_schedule_runs_what(mode: str, schedule: str, runs: str) -> None:
    started = [
        job["steps"][-1]["with"]["command"]
        for job in workflow("monitor")["jobs"].values()
        if evaluated(" ".join(job["if"].split()), mode, schedule)
    ]
    shown = [
        re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(evaluated(found[1].strip(), mode, schedule)), one)
        for one in started
    ]
    assert shown == ([runs] if runs else [])


@pytest.mark.parametrize("mode", [mode.value for mode in Mode])
def test_the_program_knows_every_mode_that_the_workflow_passes(mode: str) -> None:
    parsed = orchestrator.commands["tick"].make_context("tick", ["--mode", mode, "--loop", "20000"])
    assert parsed.params["mode"] == mode
    assert parsed.params["every"] == 30


def test_the_dashboard_is_published_only_where_somebody_has_switched_it_on() -> None:
    document = workflow("pages")
    assert document["jobs"]["build"]["if"] == "vars.ORCHESTRATOR_DASHBOARD == 'true'"
    assert document["jobs"]["deploy"]["needs"] == "build"
    assert set(document["on"]) == {"schedule", "workflow_dispatch"}
    assert document["concurrency"]["cancel-in-progress"] is False
    command = document["jobs"]["build"]["steps"][1]["with"]["command"].split()
    assert orchestrator.commands["dashboard"].commands["build"].make_context("build", command[2:])  # type: ignore[attr-defined]
    assert document["jobs"]["build"]["steps"][2]["with"]["path"] == command[3]


def test_a_worker_run_is_named_after_its_assignment() -> None:
    document = workflow("worker")
    assert document["run-name"] == "${{ inputs.assignment }}"
    inputs = document["on"]["workflow_dispatch"]["inputs"]
    assert [name for name, value in inputs.items() if value["required"]] == ["assignment"]


@pytest.mark.parametrize("phase", ["run", "check"])
def test_the_work_runs_on_a_label_or_on_a_list_of_labels(phase: str) -> None:
    assert workflow("worker")["jobs"][phase]["runs-on"] == (
        "${{ startsWith(inputs.runner, '[') && fromJSON(inputs.runner) || inputs.runner "
        "|| vars.ORCHESTRATOR_RUNNER || 'ubuntu-24.04' }}"
    )


@pytest.mark.parametrize("phase", ["claim", "report"])
def test_no_input_says_where_the_token_is_used(phase: str) -> None:
    assert "inputs" not in workflow("worker")["jobs"][phase]["runs-on"]


@pytest.mark.parametrize("phase", ["run", "check"])
def test_jobs_that_run_foreign_code_hold_no_token(phase: str) -> None:
    job = workflow("worker")["jobs"][phase]
    assert "write" not in job["permissions"].values()
    text = json.dumps(job)
    for key in AGENTS_KEYS:  # an agent's key may be called a token; it is not the workflow's
        text = re.sub(rf"\b{key}\b", "KEY", text)
    assert TOKENS.findall(text) == []


def test_only_the_step_that_runs_an_agent_gets_the_agents_keys() -> None:
    document = workflow("worker")
    found = {
        (name, step["name"]): set(step.get("env", {}))
        for name, job in document["jobs"].items()
        for step in job["steps"]
        if AGENTS_KEYS & set(re.findall(r"\w+", json.dumps(step)))
    }
    assert found == {("run", "Run"): AGENTS_KEYS}
    run = next(step for step in document["jobs"]["run"]["steps"] if step["name"] == "Run")
    assert run["env"] == {key: f"${{{{ secrets.{key} }}}}" for key in run["env"]}


def test_an_agent_is_installed_from_its_lock_where_one_is_named() -> None:
    document = workflow("worker")
    install = next(step for step in document["jobs"]["run"]["steps"] if step["name"] == "Install the agent")
    assert document["jobs"]["claim"]["outputs"]["agent"] == "${{ steps.claim.outputs.agent }}"
    assert install["if"] == "needs.claim.outputs.agent != ''"
    assert install["uses"] == "./.github/actions/agent"
    assert install["with"] == {"name": "${{ needs.claim.outputs.agent }}"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_agents_lock_is_found_beside_the_action(tmp_path: Path) -> None:
    *_, install = read(ROOT / ".github/actions/agent/action.yml")["runs"]["steps"]
    npm, agent = tmp_path / "npm", tmp_path / "agent"
    npm.write_text(f"#!/bin/sh\necho \"$@\" > '{tmp_path}/called'\n", encoding="utf-8")
    npm.chmod(0o755)
    variables = {
        "AGENT": "codex",
        "GITHUB_ACTION_PATH": str(ROOT / ".github/actions/agent"),
        "GITHUB_PATH": str(tmp_path / "path"),
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "RUNNER_TEMP": str(tmp_path),
    }
    subprocess.run(["bash", "-euo", "pipefail", "-c", install["run"]], env=variables, check=True)
    assert (agent / "package-lock.json").read_bytes() == (
        ROOT / "requirements/agents/codex/package-lock.json"
    ).read_bytes()
    assert (tmp_path / "called").read_text("utf-8").split() == [
        "ci", "--prefix", str(agent), "--no-audit", "--no-fund",
    ]  # fmt: skip
    assert (tmp_path / "path").read_text("utf-8") == f"{agent}/node_modules/.bin\n"


@pytest.mark.parametrize("name", [name for name in built_in() if agent_lock(name)])
def test_an_agents_lock_holds_the_version_that_its_profile_was_made_for(name: str) -> None:
    profile = find(name)
    assert profile is not None
    folder = ROOT / "requirements/agents" / name
    wanted = {profile.package: profile.version}
    assert json.loads((folder / "package.json").read_text("utf-8"))["dependencies"] == wanted
    lock = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    assert lock.pop("")["dependencies"] == wanted
    assert [
        path for path, package in lock.items() if not package.get("integrity", "").startswith("sha512-")
    ] == []


def test_agents_of_the_configuration_have_a_lock_only_where_they_are_the_same_program() -> None:
    assert [agent_lock(name) for name in ("template", "command", "unknown", "codex")] == ["", "", "", "codex"]
    assert agent_lock("mine", {"like": "claude-code", "model": "opus"}) == "claude-code"
    assert agent_lock("claude-code", {"version": "9.9.9"}) == ""
    assert agent_lock("mine", {"like": "../..", "command": ["x"]}) == ""


@pytest.mark.parametrize("phase", ["claim", "report"])
def test_jobs_that_can_write_get_no_agents_key(phase: str) -> None:
    job = workflow("worker")["jobs"][phase]
    secrets = set(re.findall(r"secrets\.(\w+)", json.dumps(job)))
    own = {"ORCHESTRATOR_TOKEN", "ORCHESTRATOR_GENESIS_TOKEN", "ORCHESTRATOR_APP_PRIVATE_KEY"}
    assert secrets == own


@pytest.mark.parametrize("phase", ["claim", "run", "check", "report"])
def test_each_phase_does_its_own_command_in_the_same_workspace(phase: str) -> None:
    bot = [step for step in workflow("worker")["jobs"][phase]["steps"] if step.get("uses") == "./"]
    folded = ["work check"] if phase == "run" else []
    assert [step["with"]["command"] for step in bot] == [f"work {phase}", *folded]
    assert {step["with"]["workspace"] for step in bot} == {"${{ runner.temp }}/workspace"}


def test_the_check_is_a_job_of_its_own_unless_somebody_folds_it() -> None:
    jobs = workflow("worker")["jobs"]
    assert jobs["claim"]["outputs"]["fold"] == "${{ steps.claim.outputs.fold }}"
    assert jobs["check"]["if"] == "needs.claim.outputs.fold != 'true'"
    *_, check, send = jobs["run"]["steps"]
    assert {check["if"], send["if"]} == {"needs.claim.outputs.fold == 'true'"}
    assert send["with"] == {"phase": "check"}
    assert "env" not in check, "no key of an agent's"


def test_the_phases_follow_each_other_and_a_granted_claim_is_always_reported() -> None:
    phases = workflow("worker")["jobs"]
    assert [phases[name].get("needs") for name in ("claim", "run", "check", "report")] == [
        None,
        "claim",
        ["claim", "run"],
        ["claim", "run", "check"],
    ]
    assert phases["run"]["if"] == "needs.claim.outputs.granted == 'true'"
    assert phases["report"]["if"] == "always() && needs.claim.outputs.granted == 'true'"
    assert phases["claim"]["outputs"]["granted"] == "${{ steps.claim.outputs.granted }}"


@pytest.mark.parametrize("phase", ["run", "check"])
def test_what_a_failed_phase_left_is_handed_on_too(phase: str) -> None:
    steps = workflow("worker")["jobs"][phase]["steps"]
    sends = next(step for step in steps if step.get("with", {}).get("phase") == phase)
    assert (sends["uses"], sends["with"], sends["if"]) == (
        "./.github/actions/send",
        {"phase": phase},
        "always()",
    )


def test_ci_runs_what_a_contributor_runs_on_every_supported_python() -> None:
    job = workflow("ci")["jobs"]["check"]
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]


def test_only_the_steps_that_run_commands_and_the_monitor_know_the_addresses_outside() -> None:
    found = {
        (path.stem, step["name"])
        for path in WORKFLOWS
        for name, job in jobs(path)
        for step in job["steps"]
        if "ORCHESTRATOR_NOTIFY_URLS" in json.dumps(step)
    }
    assert found == {("commands", "Handle"), ("monitor", "Look every 30 seconds"), ("monitor", "Tick")}
    for path in WORKFLOWS:
        for name, job in jobs(path):
            assert "ORCHESTRATOR_NOTIFY_URLS" not in json.dumps({**job, "steps": []}), name

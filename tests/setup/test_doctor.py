"""``orchestrator doctor``: nothing wrong with a healthy set-up, and for every check one where it says so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.files import ROOT as STATE_ROOT
from bot.setup.action import Action
from bot.setup.doctor import CHECKS
from bot.setup.plan import CONFIG
from bot.setup.workflow_files import FOLDER, source, thin
from tests.setup.shop import ACTION, Shop

Break = Callable[[Shop], object]
R = "/repos/acme/factory"
MONITOR, WORKER = f"{FOLDER}/monitor.yml", f"{FOLDER}/worker.yml"


def findings(shop: Shop, *words: str, **variables: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and what was found by check."""
    done = shop.run("doctor", "--json", *words, **variables)
    found = json.loads(done.out)["findings"]
    return done.code, {one["check"]: one for one in found}


def test_a_healthy_set_up_is_well_and_nothing_is_written(healthy: Shop) -> None:
    mark = healthy.mark()
    code, found = findings(healthy)
    assert {name: one["found"] for name, one in found.items() if one["verdict"] != "well"} == {}
    assert (code, healthy.writes(mark)) == (0, [])
    assert list(found) == [check.name for check in CHECKS]
    assert len(healthy.since(mark).api) <= 40


def test_people_get_a_table_and_the_commands_to_copy(healthy: Shop) -> None:
    healthy.call("ada", "DELETE", f"{R}/labels/new-project")
    done = healthy.run("doctor")
    assert done.code == 2
    assert "workflow files" in done.out
    assert "  labels: orchestrator init acme/factory\n" in done.out
    assert f"{len(CHECKS) - 1} well, 1 wrong, 0 could not look" in done.out


def commit(path: str, text: str | None, branch: str = "main") -> Break:
    return lambda shop: shop.bare.commit_file(branch, path, text)


def changed(path: str, old: str, new: str) -> Break:
    return lambda shop: shop.bare.commit_file("main", path, shop.file(path).replace(old, new))


def call(method: str, path: str, body: object = None) -> Break:
    return lambda shop: shop.call("ada", method, R + path, body)


def both(*breaks: Break) -> Break:
    return lambda shop: [one(shop) for one in breaks]


def variable(name: str, value: str) -> Break:
    def put(shop: Shop) -> None:
        held = shop.call("ada", "GET", f"{R}/actions/variables")["variables"]
        there = any(row["name"] == name for row in held)
        path = f"/actions/variables/{name}" if there else "/actions/variables"
        call("PATCH" if there else "POST", path, {"name": name, "value": value})(shop)

    return put


def secret(name: str) -> Break:
    def put(shop: Shop) -> None:
        assert shop.run("init", "--action", shop.action(), "--yes", "--secret", name, **{name: "x"}).code == 0

    return put


def disabled(state: str) -> Break:
    def put(shop: Shop) -> None:
        repository, ada = shop.world.repositories.find("acme", "factory"), shop.world.users.find("ada")
        shop.world.settings.set_workflow_state(repository, ada, "monitor.yml", state)

    return put


def run_of_the_monitor(conclusion: str) -> Break:
    def put(shop: Shop) -> None:
        repository, wendy = shop.world.repositories.find("acme", "factory"), shop.world.users.find("wendy")
        run = shop.world.runs.create(repository, "monitor.yml", "schedule", wendy)
        shop.world.runs.start(run.id)
        shop.world.runs.finish(run.id, conclusion)

    return put


def no_runs(shop: Shop) -> None:
    shop.world.db.execute("DELETE FROM runs")


def runner(status: str, *labels: str) -> Break:
    def put(shop: Shop) -> None:
        repository = shop.world.repositories.find("acme", "factory")
        shop.world.settings.add_runner(repository, "box", status, labels)

    return put


def older_template(shop: Shop) -> None:
    """A file as another version would have made it, untouched by anybody."""
    action = Action(*shop.action().split("@"))
    before = source(MONITOR).replace("timeout-minutes: 350", "timeout-minutes: 300")
    shop.bare.commit_file(
        "main", MONITOR, thin(before, action).replace("orchestrator 0.", "orchestrator 0.0", 1)
    )


def other_pin(shop: Shop) -> None:
    commit_id = shop.action().partition("@")[2]
    changed(WORKER, commit_id, "b" * 40)(shop)


def spent(shop: Shop) -> None:
    ada = shop.world.users.find("ada")
    for _ in range(4_700):
        shop.server.limits.spend(ada, "core")


def state_json(path: str, **changes: object) -> Break:
    def put(shop: Shop) -> None:
        full = f"{STATE_ROOT}{path}"
        value = json.loads(shop.file(full, "state")) | changes
        shop.bare.commit_file("state", full, json.dumps(value, indent=2) + "\n")

    return put


def shown_issue(*, state: str = "open") -> Break:
    def put(shop: Shop) -> None:
        number = shop.issue("Status")
        if state == "closed":
            shop.call("ada", "PATCH", f"{R}/issues/{number}", {"state": "closed"})
        state_json("showing.json", status={"number": number, "digest": "", "at": None})(shop)

    return put


def ruleset(pattern: str, *kinds: str) -> Break:
    rules = [{"type": kind} for kind in kinds]
    names = {"include": [pattern], "exclude": []}
    body = {"name": "r", "enforcement": "active", "conditions": {"ref_name": names}, "rules": rules}
    return call("POST", "/rulesets", body)


PROTECTION = {
    "required_status_checks": None,
    "enforce_admins": True,
    "required_pull_request_reviews": None,
    "restrictions": None,
}
CODEX = "pools:\n  development:\n    executor: codex\n"
SELECTED = {"enabled": True, "allowed_actions": "selected"}
OWN_AGENT = "pools:\n  content: {executor: mine}\nexecutors:\n  mine: {command: [x], keys: [MY_KEY]}\n"
QUEUED = {
    "task": "todo-1/scaffold",
    "project": "todo-1",
    "priority": "normal",
    "enqueued_at": "2026-11-01T00:00:00Z",
    "attempt": 0,
    "specialty": "standard",
}
INIT = "orchestrator init acme/factory"
ALLOW = "gh api -X PUT repos/acme/factory/actions/permissions -F enabled=true -f allowed_actions=all"

WRONG: list[tuple[str, str, Break, str, str]] = [
    ("token", "reader", lambda s: setattr(s, "actor", "rita"), "may not write", "somebody who may write"),
    (
        "token", "scope", lambda s: s.world.users.limit_token(s.token("ada"), "repo"), "it lacks workflow",
        "gh auth refresh --scopes repo,workflow",
    ),
    ("repository", "archived", call("PATCH", "", {"archived": True}), "archived", "gh repo unarchive"),
    ("repository", "issues", call("PATCH", "", {"has_issues": False}), "switched off", "--enable-issues"),
    ("rate limit", "spent", spent, "of 5000 requests are left until", "or use another token"),
    ("clock", "behind", lambda s: s.forward(300), "behind GitHub's", "timedatectl set-ntp true"),
    ("actions", "off", call("PUT", "/actions/permissions", {"enabled": False}), "switched off", ALLOW),
    (
        "actions", "local",
        call("PUT", "/actions/permissions", {"enabled": True, "allowed_actions": "local_only"}),
        "only actions of the same owner", ALLOW,
    ),
    (
        "actions", "selected",
        both(
            call("PUT", "/actions/permissions", SELECTED),
            call("PUT", "/actions/permissions/selected-actions", {"github_owned_allowed": False}),
        ),
        "not allowed: GitHub's own actions", ALLOW,
    ),
    ("workflow files", "absent", commit(WORKER, None), "not on main: worker.yml", INIT),
    (
        "workflow files", "off", call("PUT", "/actions/workflows/commands.yml/disable"),
        "commands.yml is disabled_manually", "gh workflow enable commands.yml --repo acme/factory",
    ),
    ("drift", "older", older_template, "made by version 0.0", "orchestrator upgrade acme/factory"),
    ("drift", "pins", other_pin, "different versions of the action", "orchestrator upgrade acme/factory"),
    ("drift", "foreign", commit(WORKER, "name: x\n"), "not made by orchestrator: worker.yml", INIT),
    (
        "monitor", "unknown", variable("ORCHESTRATOR_MONITOR", "always"), "'always', which is none of loop",
        "gh variable set ORCHESTRATOR_MONITOR --repo acme/factory --body cron",
    ),
    (
        "schedule", "inactive", disabled("disabled_inactivity"), "after 60 days without activity",
        "gh workflow enable monitor.yml --repo acme/factory",
    ),
    ("schedule", "failed", run_of_the_monitor("failure"), "ended with failure", "--log-failed"),
    ("schedule", "never", no_runs, "it has never run", "gh workflow run monitor.yml --repo acme/factory"),
    ("schedule", "silent", lambda s: s.forward(7 * 3600), "started none since", "gh workflow run"),
    ("schedule", "absent", commit(MONITOR, None), "there is no monitor.yml", INIT),
    ("state", "absent", call("DELETE", "/git/refs/heads/state"), "no branch state", INIT),
    ("state", "newer", state_json("ledger.json", schema=2), "key 'schema' is 2", "install the newest"),
    (
        "state", "damaged", commit(f"{STATE_ROOT}ledger.json", "{", "state"), "ledger.json",
        "push it back: git push --force-with-lease origin GOOD:state",
    ),
    (
        "state", "at odds", state_json("queues/genesis-queue/items.json", items=[QUEUED]),
        "contradicts itself", "push it back",
    ),
    ("labels", "missing", call("DELETE", "/labels/stage:genesis"), "missing: stage:genesis", INIT),
    ("status issue", "unpinned", shown_issue(), "is not pinned", "gh issue pin 2 --repo acme/factory"),
    ("status issue", "closed", shown_issue(state="closed"), "is closed", "gh issue reopen 2 --repo acme"),
    (
        "protection", "protected", call("PUT", "/branches/state/protection", PROTECTION),
        "the branch state is protected", "gh api -X DELETE repos/acme/factory/branches/state/protection",
    ),
    ("protection", "rewriting", ruleset("~ALL", "non_fast_forward"), "non_fast_forward", "leave state"),
    ("protection", "ruleset", ruleset("~ALL", "required_signatures"), "required_signatures", "leave state"),
    (
        "protection", "archive", ruleset("refs/heads/state-archive", "required_signatures"),
        "a ruleset holds the branch state-archive to required_signatures", "leave state-archive",
    ),
    (
        "protection", "merges",
        both(
            ruleset("refs/heads/projects/*", "pull_request"),
            commit(CONFIG, "pull_requests:\n  merge: auto\n"),
        ),
        "branches of projects to pull_request", "leave projects/** out of it",
    ),
    ("configuration", "invalid", commit(CONFIG, "atempts: {}\n"), "line 1: key 'atempts'", "push it"),
    (
        "configuration", "roles", commit(CONFIG, "commands: {roles: {aprove: admin}}\n"),
        "names what is no command, so it holds nobody back: aprove", "edit `commands.roles`",
    ),
    ("agents", "key", commit(CONFIG, CODEX), "codex has no key", "gh secret set"),
    (
        "agents", "unknown", commit(CONFIG, "pools:\n  content:\n    executor: nobody\n"),
        "there is no agent 'nobody'", "edit `pools.*.executor`",
    ),
    (
        "agents", "not handed on", both(secret("MY_KEY"), commit(CONFIG, OWN_AGENT)),
        "worker.yml does not hand MY_KEY on", "MY_KEY: ${{ secrets.MY_KEY }}",
    ),
    (
        "runners", "offline",
        both(runner("offline", "self-hosted", "gpu"), commit(CONFIG, "pools: {content: {runs_on: gpu}}\n")),
        "no runner with gpu is online (box)", "settings/actions/runners",
    ),
    ("runners", "windows", variable("ORCHESTRATOR_RUNNER", "windows-2025"), "Linux and macOS", "edit"),
    (
        "projects", "may not open",
        call("PUT", "/actions/permissions/workflow", {"can_approve_pull_request_reviews": False}),
        "may not open pull requests",
        "permissions/workflow -F can_approve_pull_request_reviews=true",
    ),
    (
        "projects", "no key", variable("ORCHESTRATOR_APP_ID", "7"), "its key is not",
        "gh secret set ORCHESTRATOR_APP_PRIVATE_KEY --repo acme/factory < private-key.pem",
    ),
    (
        "projects", "no number", secret("ORCHESTRATOR_APP_PRIVATE_KEY"), "ORCHESTRATOR_APP_ID is not",
        "gh variable set ORCHESTRATOR_APP_ID",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "broken", "found", "mend"),
    [pytest.param(check, *rest, id=f"{check}-{case}") for check, case, *rest in WRONG],
)
def test_what_is_wrong_is_found_and_the_mend_told(
    healthy: Shop, check: str, broken: Break, found: str, mend: str
) -> None:
    broken(healthy)
    code, every = findings(healthy)
    one = every[check]
    assert (code, one["verdict"]) == (2, "wrong"), one
    assert found in one["found"]
    assert mend in one["mend"]
    assert one["why"]


def test_every_check_has_a_set_up_where_it_fails() -> None:
    assert {case[0] for case in WRONG} == {check.name for check in CHECKS}


def test_what_cannot_be_looked_at_is_never_well(healthy: Shop) -> None:
    with healthy.faults("* * status=403 skip=1"):
        code, found = findings(healthy)
    with healthy.faults("* * status=403 skip=1"):
        strict, _ = findings(healthy, "--strict")
    seen = {"token", "repository", "clock"}
    assert {name for name, one in found.items() if one["verdict"] != "could not look"} == seen
    assert all(one["found"].startswith("could not look: ") for name, one in found.items() if name not in seen)
    assert (code, strict) == (0, 2)


def test_a_writer_is_told_what_only_administrators_see(healthy: Shop) -> None:
    healthy.actor = "wendy"
    code, found = findings(healthy)
    unseen = {name for name, one in found.items() if one["verdict"] == "could not look"}
    assert (code, unseen) == (0, {"actions", "projects"})
    assert "Administration (read)" in found["actions"]["mend"]
    assert "To look at the rest, take a token that may" in healthy.run("doctor").out


@pytest.mark.parametrize(
    ("labels", "text"),
    [("gpu", "no runner of this repository has gpu"), ("[self-hosted, gpu]", "self-hosted, gpu")],
)
def test_a_runner_of_the_organisation_cannot_be_seen_and_is_not_called_missing(
    healthy: Shop, labels: str, text: str
) -> None:
    commit(CONFIG, f"pools: {{content: {{runs_on: {labels}}}}}\n")(healthy)
    code, found = findings(healthy)
    assert (code, found["runners"]["verdict"]) == (0, "could not look")
    assert text in found["runners"]["found"]


@pytest.mark.parametrize(
    "well",
    [
        both(runner("online", "Self-Hosted", "gpu"), commit(CONFIG, "pools: {content: {runs_on: GPU}}\n")),
        ruleset("~ALL", "deletion", "required_linear_history"),
        both(ruleset("~ALL", "non_fast_forward"), commit(f"{FOLDER}/compact.yml", None)),
        ruleset("refs/heads/projects/*", "pull_request"),
        both(secret("CODEX_API_KEY"), commit(CONFIG, CODEX)),
        both(
            call("PUT", "/actions/permissions", SELECTED),
            call("PUT", "/actions/permissions/selected-actions", {"github_owned_allowed": True}),
        ),
        secret("ORCHESTRATOR_GENESIS_TOKEN"),
        both(shown_issue(), commit(CONFIG, "status_issue: {enabled: false}\n")),
        changed(MONITOR, "timeout-minutes: 10", "timeout-minutes: 12"),
        lambda shop: shop.world.users.limit_token(shop.token("ada"), "repo", "workflow"),
        lambda shop: shop.call(
            "ada", "POST", f"{R}/actions/workflows/monitor.yml/dispatches", {"ref": "main"}
        ),
    ],
    ids="runner deletion rewriting merges agent selected token unwanted edited scopes running".split(),
)
def test_what_only_looks_odd_is_well(healthy: Shop, well: Break) -> None:
    well(healthy)
    code, found = findings(healthy)
    assert {name: one["found"] for name, one in found.items() if one["verdict"] == "wrong"} == {}
    assert code == 0


def test_the_first_look_of_the_monitor_makes_the_status_issue(healthy: Shop) -> None:
    assert findings(healthy)[1]["status issue"]["found"].startswith("none yet")
    healthy.tick()
    healthy.tick()  # the second knows what the first has filed
    code, found = findings(healthy)
    assert re.fullmatch(r"#\d+ is pinned", found["status issue"]["found"])
    assert code == 0


def test_before_the_pull_request_is_merged_merging_it_is_the_advice(shop: Shop) -> None:
    shop.init()
    (pull,) = shop.pulls()
    assert findings(shop)[1]["workflow files"]["mend"] == f"merge {pull['html_url']}"


def test_a_repository_that_is_not_there_is_one_clear_line(shop: Shop) -> None:
    shop.target = "acme/absent"
    done = shop.run("doctor")
    assert (done.code, done.error.startswith("cannot look at acme/absent")) == (2, True)
    assert "\n" not in done.error


def test_the_action_is_allowed_where_it_is_another_owners(healthy: Shop) -> None:
    for name in ("commands", "labels", "monitor", "worker"):
        changed(f"{FOLDER}/{name}.yml", ACTION, "else/orchestrator")(healthy)
    call("PUT", "/actions/permissions", SELECTED)(healthy)
    assert findings(healthy)[1]["actions"]["found"] == "not allowed: else/orchestrator"
    patterns = {"patterns_allowed": ["else/*"]}
    call("PUT", "/actions/permissions/selected-actions", patterns)(healthy)
    assert findings(healthy)[1]["actions"]["verdict"] == "well"

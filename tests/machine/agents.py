"""What workers leave in their workspaces: outputs, commits, sites, reviews; good and bad ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from bot.app.workspace import Workspace, read_order
from bot.domain.outputs import (
    ContentOutput,
    ContentPiece,
    Deployment,
    FeatureProgress,
    GenesisOutput,
    PlannedIssue,
)
from bot.domain.work import WorkOrder
from tests.core.worlds import output
from tests.fakes.git import Bundle, Graph, read_bundle
from tests.fakes.github import Place

OUTCOMES = (
    "ok",
    "failed",
    "hopeless",
    "rework",
    "nothing",
    "wrong output",
    "changes",
    "forbidden",
    "garbage",
)
GOOD = ("ok", "changes")
"""Outcomes of which the check says that they are good: a review that asks for changes is good work."""
PUSHED = (*GOOD, "forbidden", "garbage")
"""Of these what is wrong is for the report to find."""
REVIEWED = ("tests", "feature")
SHARING = ("page", "documentation", "marketing")
"""What changes the same file: of these one may conflict with another."""


@dataclass
class Agents:
    """All workers' agents, and what they know to be true of their own work."""

    passed: set[str] = field(default_factory=set)
    """Commits whose gates let them through without a review."""

    def work(self, workspace: Workspace, outcome: str, place: Place | None) -> None:
        """Leave in the workspace what an executor would. ``place``: the project's repository as it is."""
        workspace.result.mkdir(parents=True, exist_ok=True)
        order = read_order(workspace)
        _write(workspace, "run.json", _says(outcome))
        _write(workspace, "checked.json", _checked(outcome))
        for name, text in _outputs(order, outcome).items():
            _write(workspace, name, text if outcome != "wrong output" else '{"schema": 1, "x": 1}')
        if order.workflow == "genesis":
            return
        if place is not None:
            self._commits(workspace, order, outcome, place)

    def _commits(self, workspace: Workspace, order: WorkOrder, outcome: str, place: Place) -> None:
        git, heads = _handed_over(workspace, place)
        base, own = heads[order.default_branch], heads.get(order.branch, "")
        if order.specialty == "review":
            verdict = "changes" if outcome == "changes" else "approved"
            feature = FeatureProgress(key=order.item, tests_run=1, tests_passed=1, verdict=verdict)
            said = feature.model_copy(update={"review": f"read {own}"}).model_dump_json()
            _write(workspace, "feature.json", said if outcome != "wrong output" else "{}")
            return
        if order.specialty == "deployment":
            self._site(workspace, base)
            if not changes_while_deploying(order.project):
                return
        start = _up_to_date(git, base, own)
        files = {**git.files(start), **_changed(order, outcome)}
        head = git.commit([start], files, f"Work on {order.assignment}")
        if outcome in GOOD and order.specialty not in REVIEWED:
            self.passed.add(head)
        branch = "another" if outcome == "garbage" else order.branch
        Bundle({branch: head}, tuple(git.new(head, [base]))).write(workspace.result / "change.bundle")

    def _site(self, workspace: Workspace, commit: str) -> None:
        git = Graph()
        built = git.commit([], {"index.html": "A page", "deployment.json": commit}, f"Site of {commit}")
        Bundle({"gh-pages": built}, (git.commits[built],)).write(workspace.result / "site.bundle")
        deployed = Deployment(kind="pages", commit=commit)
        _write(workspace, "deployment.json", deployed.model_dump_json())


def _handed_over(workspace: Workspace, place: Place) -> tuple[Graph, dict[str, str]]:
    """The repository as it was at the claim, else as anybody may fetch it."""
    if not workspace.repository.exists():
        return place.git, dict(place.branches)
    bundle = read_bundle(workspace.repository)
    git = Graph()
    git.take(bundle.commits)
    return git, dict(bundle.heads)


def _up_to_date(git: Graph, base: str, own: str) -> str:
    """Where work begins: at its branch with the default branch merged; of conflicts its own side stays."""
    if not own or git.contains(own, base):
        return own or base
    tree = git.merged(own, base)
    return git.commit([own, base], tree or {**git.files(base), **git.files(own)}, "Merge main")


def _changed(order: WorkOrder, outcome: str) -> dict[str, str]:
    if outcome == "forbidden":
        return {".github/workflows/ci.yml": order.assignment}
    name = order.branch.rpartition("/")[2]
    shared = {"CHANGELOG": order.assignment} if name in SHARING else {}
    return {f"src/{name}": order.assignment, **shared}


def _says(outcome: str) -> str:
    if outcome == "nothing":
        return "{}"
    done: dict[str, object] = {"ok": outcome in (*PUSHED, "rework", "wrong output")}
    if outcome == "hopeless":
        done["retry"] = False
    return json.dumps({**done, "summary": f"it went: {outcome}"})


def _checked(outcome: str) -> str:
    if outcome == "nothing":
        return "{}"
    ok = outcome in (*PUSHED, "wrong output")
    return json.dumps({"ok": ok, "summary": f"the check says: {outcome}"})


def _outputs(order: WorkOrder, outcome: str) -> dict[str, str]:
    """The files that do not need the project's repository; the same for the same task, as a scaffold is."""
    if order.workflow == "genesis":
        git, made = Graph(), scaffold(order.project)
        readme = git.commit([], {"README": order.project}, "Scaffold")
        assert readme == made.commit
        branch = "another" if outcome == "garbage" else made.default_branch
        rows = json.dumps([{branch: readme}, [[readme, [], {"README": order.project}, "Scaffold"]]])
        return {"genesis-output.json": made.model_dump_json(), "repository.bundle": rows}
    if order.workflow == "content":
        piece = ContentPiece(kind="guide", specialty=order.specialty, file="docs/guide.md", words=9)
        return {"content-output.json": ContentOutput(pieces=(piece,)).model_dump_json()}
    if order.specialty == "deployment":
        where = Deployment(url="https://app.example", health="200 OK")
        return {"deployment.json": where.model_dump_json()}
    return {"feature.json": FeatureProgress(key=order.item, tests_run=1, tests_passed=1).model_dump_json()}


def changes_while_deploying(project: str) -> bool:
    """Whether deploying this project changes its files as well."""
    return project.startswith("another")


def scaffold(project: str) -> GenesisOutput:
    """What Genesis makes of any idea: one small feature, of another one a second that needs the first."""
    issue = PlannedIssue(
        key="page",
        title="The page",
        body="…",
        acceptance=("it shows",),
        specialty="feature",
        days=1,
        milestone="MVP",
    )
    more = issue.model_copy(update={"key": "counter", "days": 2, "depends_on": ("page",)})
    issues = (issue, more) if project.startswith("another") else (issue,)
    head = Graph().commit([], {"README": project}, "Scaffold")
    return output(title=project, issues=issues, commit=head)


def _write(workspace: Workspace, name: str, text: str) -> None:
    (workspace.result / name).write_text(text, encoding="utf-8")

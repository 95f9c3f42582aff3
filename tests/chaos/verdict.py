"""What is judged after a chaos run: each commit of the branch, and everything that stands on the hub."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from bot.domain.vocabulary import TaskStatus
from bot.hub.data.world import APP, BOT
from bot.render.markers import marker
from tests.chaos.fleet import Fleet
from tests.e2e.repository import INBOX, assert_linear_and_replayable
from tests.e2e.stage import REPOSITORY
from tests.fakes.store import MemoryCommit, MemoryRemote
from tests.machine.audit import Audit
from tests.store.repositories import NOON


def judge(fleet: Fleet) -> dict[str, int]:
    """Fail where a rule is broken; what there was, in figures."""
    stage, state = fleet.stage, fleet.stage.state()
    history = _history(fleet)
    audit = Audit(history)
    audit.look()
    assert_linear_and_replayable(stage.bare)
    assert stage.bare.refs(INBOX) == []
    _answered_once(fleet)
    _made_once(fleet)
    tasks = Counter(task.status for project in state.projects.values() for task in project.tasks)
    assert set(tasks) <= {TaskStatus.DONE, TaskStatus.REVIEW, TaskStatus.WAITING}, tasks
    attempts = sum(one.completed + one.failed for one in state.instances.values())
    return {
        "projects": len(state.projects),
        **{f"tasks {status}": count for status, count in sorted(tasks.items())},
        "commits": audit.commits,
        "attempts": attempts,
        "failed attempts": sum(one.failed for one in state.instances.values()),
        "commands": len(fleet.asked),
        "worker runs": len(stage.runs()),
    }


def _history(fleet: Fleet) -> MemoryRemote:
    """The branch as the audit reads it."""
    bare, remote = fleet.stage.bare, MemoryRemote()
    for commit, tree in bare.trees():
        remote.commits[commit.id] = MemoryCommit(commit.id, commit.parents, commit.message, NOON, tree)
        remote.branches["state"] = commit.id
    return remote


def _answered_once(fleet: Fleet) -> None:
    """Each comment with a command has one answer; no two comments carry the same marker."""
    rows = fleet.stage.every(f"/repos/{REPOSITORY}/issues/comments")
    marks = Counter(mark for row in rows if (mark := _mark(row, BOT)))
    assert max(marks.values(), default=0) <= 1, marks.most_common(3)
    answered = {id_.partition("/")[0] for _, id_ in marks}
    missing = [comment.body for comment in fleet.asked if f"comment-{comment.id}" not in answered]
    assert missing == [], f"{len(missing)} commands are unanswered: {missing[:5]}"


def _made_once(fleet: Fleet) -> None:
    """One repository a project, each of its issues once."""
    stage = fleet.stage
    made = Counter(project.repository for project in stage.state().projects.values() if project.repository)
    assert set(made.values()) <= {1}
    folders = (Path(stage.info.data) / "repositories" / "acme").glob("*.git")
    owned = {f"acme/{folder.stem}" for folder in folders} - {REPOSITORY}
    assert sorted(owned) == sorted(made)
    for name in owned:
        filed = Counter(_mark(row, APP) for row in stage.every(f"/repos/{name}/issues", state="all"))
        assert set(filed.values()) <= {1}, (name, filed.most_common(3))


def _mark(row: dict[str, Any], login: str) -> tuple[str, str] | None:
    return marker(row["body"]) if row["user"]["login"] == login else None

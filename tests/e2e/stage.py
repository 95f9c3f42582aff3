"""The stage of the end-to-end tests: a hub, its people, the bot, and what came of what they did.

The outcome is read back from the hub's API and from the bare repositories, past all code that is tested
here but the state's own models.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.bootstrap.hub import prepare_hub
from bot.domain import files, invariants
from bot.domain.state import State
from bot.hub.data.world import BOT
from bot.hub.serve import running
from tests.e2e.bot_process import Bot, Done, Process
from tests.e2e.people import REPOSITORY, Json
from tests.e2e.repository import Bare

__all__ = ["GRACE", "REPOSITORY", "Done", "Json", "Process", "Stage", "staged"]

GRACE = 130.0
"""Seconds; a little more than the grace time after which an effect without evidence is delivered again."""
ROSTER = 48
"""Genesis workers of a stage that is to have room for many projects at once."""

UNGUARDED = "breaker:\n  worker_failures: null\n  workflow_failures: null\nscaling:\n  enabled: false\n"
"""For what is about something else: no rule pauses, takes workers out or changes their number."""


@dataclass
class Stage(Bot):
    """Everything that a test does and looks at."""

    @property
    def bare(self) -> Bare:
        """The main repository, where the state branch is."""
        return self.repository(REPOSITORY)

    def repository(self, full_name: str) -> Bare:
        """A bare repository of the hub."""
        return Bare(Path(self.info.data) / "repositories" / f"{full_name}.git")

    def state(self) -> State:
        """The state at the branch's head, which must hold together."""
        state = files.load(self.bare.files("state"))
        invariants.check(state)
        return state

    def comments(self, issue: int) -> list[Json]:
        """The comments of an issue, oldest first."""
        return self.every(f"/repos/{REPOSITORY}/issues/{issue}/comments")

    def replies(self, payload: Mapping[str, Any]) -> list[str]:
        """What the bot has answered to a comment, recognised as a reader of the page's source would."""
        mark = f"<!-- orchestrator:effect comment-{payload['comment']['id']}/"
        return [
            comment["body"]
            for comment in self.comments(payload["issue"]["number"])
            if comment["user"]["login"] == BOT and comment["body"].startswith(mark)
        ]

    def reply(self, payload: Mapping[str, Any]) -> str:
        """The one answer to a comment."""
        (only,) = self.replies(payload)
        return only

    def labels(self, issue: int) -> set[str]:
        """The names of an issue's labels."""
        found = self.call("ada", "GET", f"/repos/{REPOSITORY}/issues/{issue}")["labels"]
        return {label["name"] for label in found}

    def reactions(self, payload: Mapping[str, Any]) -> list[tuple[str, str]]:
        """(login, content) of the reactions to a comment."""
        path = f"/repos/{REPOSITORY}/issues/comments/{payload['comment']['id']}/reactions"
        return [(row["user"]["login"], row["content"]) for row in self.every(path)]

    def runs(self) -> list[str]:
        """The names of all worker runs."""
        path = f"/repos/{REPOSITORY}/actions/workflows/worker.yml/runs"
        return [run["display_title"] for run in self.every(path)]

    def projects_of(self, issue: int) -> list[str]:
        """Ids of the projects that were asked for on an issue."""
        return [project.id for project in self.state().projects.values() if project.asked_on == issue]

    def assert_done_once(self, payload: Mapping[str, Any]) -> None:
        """A ``/dispatch-genesis`` came to one project, one reply, one reaction, labels and one run."""
        issue = payload["issue"]["number"]
        state = self.state()
        (project,) = [project for project in state.projects.values() if project.asked_on == issue]
        (task,) = project.tasks
        assert project.issue == issue
        assert len(self.replies(payload)) == 1
        assert self.reactions(payload).count((BOT, "rocket")) == 1
        assert {name for name in self.labels(issue) if ":" in name} == {
            f"stage:{project.stage}",
            f"status:{project.status}",
            f"priority:{project.priority}",
        }
        assert task.worker, "no worker was free: give the stage a larger roster"
        named = [name for name in self.runs() if name.startswith(f"{task.id}@")]
        assert named == [f"{task.id}@{task.lease}"]

    def assignment(self, project: str) -> str:
        """The id of the assignment that a project's Genesis task is given to a worker under."""
        task = self.state().projects[project].tasks[0]
        return f"{task.id}@{task.lease}"

    def configure(self, text: str) -> None:
        """Commit a configuration file to the default branch."""
        self.bare.commit_file("main", ".github/orchestrator.yml", text)

    def make_room(self, workers: int = ROSTER, more: str = "") -> None:
        """Enlarge the Genesis pool, by the configuration file and a tick; failures take nobody out.

        ``more`` is what the file says beside.
        """
        roster = "".join(f"      - id: genesis-{n:02}\n" for n in range(1, workers + 1))
        pool = f"pools:\n  genesis:\n    minimum: 2\n    maximum: {workers}\n    roster:\n{roster}"
        self.configure(pool + UNGUARDED + more)
        self.tick()


@contextmanager
def staged(
    folder: Path, *, prepared: bool = True, real_time: Callable[[], float] = time.time
) -> Iterator[Stage]:
    """A hub on a free port; ``prepared`` is what ``init`` does: the state branch, the labels.

    ``real_time`` is what its clock goes by.
    """
    hub = running(folder / "hub", bot_requests_per_hour=1_000_000, real_time=real_time)
    with hub as (world, _, info):
        if prepared:
            prepare_hub(info)
        stage = Stage(world, info, folder / "runs")
        try:
            yield stage
        finally:
            stage.close()

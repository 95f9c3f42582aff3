"""What must hold of pull requests, by what stands on GitHub and by what workers know of their own work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container

from bot.domain.effects import MergePull
from bot.domain.models import Project, Task
from bot.domain.state import State
from bot.domain.vocabulary import Stage, TaskStatus, Workflow
from bot.policies.working.branches import PREFIX
from bot.render.markers import marker
from tests.fakes.github import APP, BOT, Place, Site
from tests.fakes.pulls import Pull

BOTS = (BOT, APP)
_BEGUN = (TaskStatus.ASSIGNED, TaskStatus.RUNNING, TaskStatus.PUBLISHING)


def judge_artefacts(place: Place, passed: Container[str]) -> None:
    """Of one repository: nothing is there twice, and nothing was merged that had not been let through.

    ``passed`` are commits that the gates of content and deployment let through.
    """
    pulls = place.pulls.found.values()
    opened = Counter(pull.branch for pull in pulls if pull.state == "open")
    assert max(opened.values(), default=0) <= 1, f"open twice: {opened.most_common(1)}"
    # what comes to a branch after its merge is asked for anew, the same commit never is
    asked = [(marker(place.issue(pull.number).body), pull.head) for pull in pulls if pull.state != "closed"]
    marks = Counter(asked)
    assert max(marks.values(), default=0) <= 1, f"{place.full_name}: asked for twice: {marks.most_common(1)}"
    for pull in pulls:
        said = Counter(marker(one.body) for one in pull.reviews if one.author in BOTS)
        assert max(said.values(), default=0) <= 1, f"reviewed twice: {said.most_common(1)}"
        if pull.merged_by in BOTS:
            assert _let_through(place, pull, passed), (
                f"{place.full_name}#{pull.number} was merged at {pull.head}, which nobody let through"
            )


def _let_through(place: Place, pull: Pull, passed: Container[str]) -> bool:
    """Whether a reviewer read this very head and approved it, or its gates passed.

    Bringing it up to date changes nothing of that.
    """
    head = pull.head
    while head in place.pulls.updates:
        head = place.git.commits[head].parents[0]
    if head in passed:
        return True
    verdicts = [one for one in pull.reviews if one.author in BOTS and one.commit == head]
    return bool(verdicts) and "Approved" in verdicts[-1].body and f"read {head}" in verdicts[-1].body


def judge_state(state: State) -> None:
    """What is asked to be merged is what was let through, of a project that goes on."""
    for entry in state.outbox.entries:
        if isinstance(merge := entry.effect, MergePull):
            project = state.projects[merge.project]
            pull = project.pull(merge.key)
            assert project.going, f"{project.id} is over or stopped, and {merge} is to be done"
            assert pull is not None
            assert pull.open
            assert pull.approved == pull.facts.head == merge.head, f"{merge} is not what was let through"


def judge_step(before: State, after: State, site: Site) -> None:
    """Nothing begins before what it needs is merged; nothing is complete with something open."""
    for project in after.projects.values():
        known = before.projects.get(project.id)
        for task in project.tasks:
            earlier = known.task(task.id) if known else None
            anew = earlier is None or earlier.lease != task.lease
            if anew and task.status in _BEGUN and project.repository:
                _needs_are_merged(project, task, site.place(project.repository))
        if project.stage is Stage.COMPLETE and (known is None or known.stage is not Stage.COMPLETE):
            _nothing_is_open(project, site.place(project.repository))


def _needs_are_merged(project: Project, task: Task, place: Place) -> None:
    for id_ in task.depends_on:
        needed = project.task(id_)
        assert needed is not None
        if needed.workflow is not Workflow.DEVELOPMENT or needed.key == task.key or needed.discarded:
            continue
        found = [pull.state for pull in place.pulls.from_branch(f"{PREFIX}{needed.key}")]
        assert "merged" in found, f"{task.id} begins, and {needed.key} is not merged: {found}"


def _nothing_is_open(project: Project, place: Place) -> None:
    dropped = {task.key for task in project.tasks if task.discarded}
    for pull in place.pulls.found.values():
        if pull.branch.removeprefix(PREFIX) not in dropped:
            assert pull.state != "open", f"{project.id} is complete, and #{pull.number} is open"

"""Which sessions of agents are still of use: an attempt may go on with them, and until when they are kept."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.models import Project, Task
from bot.domain.sessions import Session, digest, name_of
from bot.domain.state import State
from bot.domain.vocabulary import ProjectStatus, TaskStatus

ENDS = frozenset({"tests", "review"})
"""Specialties whose work is not sent back once it was accepted: others follow it, or it is done anew."""


def session_for(config: Config, task: Task) -> Session | None:
    """The session that the next attempt goes on with; None where it begins a new one.

    So it does where nothing came back since it was left: a review that is to be done again is a new one.
    """
    left, error = task.session, task.error
    if left is None or error is None or error.lease < left.lease or not _same_agent(config, task, left):
        return None
    return left


def _same_agent(config: Config, task: Task, left: Session) -> bool:
    executor = config.pools.of(task.workflow).executor
    return (executor, digest(config.executors.get(executor, {}))) == (left.executor, left.settings)


def forget_sessions(draft: Draft) -> None:
    """Drop the sessions that nothing can go on with: their task is over, or their agent is another one."""
    everything = draft.config is not draft.base.config
    for id_, project in list(draft.projects.items()):
        if not everything and project is draft.base.projects.get(id_):
            continue
        for task in project.tasks:
            if task.session is not None and not _of_use(draft.config, project, task, task.session):
                draft.put_task(id_, task.model_copy(update={"session": None}))


def _of_use(config: Config, project: Project, task: Task, left: Session) -> bool:
    if project.status in (ProjectStatus.COMPLETE, ProjectStatus.FAILED) or task.discarded:
        return False
    if not _same_agent(config, task, left):
        return False
    return task.status is not TaskStatus.DONE or _may_come_back(project, task)


def _may_come_back(project: Project, task: Task) -> bool:
    """Whether finished work can still be sent back: by its review, or as long as it is not merged."""
    if task.specialty in ENDS:
        return False
    pull = project.pull(task.key)
    followers = (one for one in project.tasks if task.id in one.depends_on and one.key == task.key)
    return (pull is not None and pull.open) or any(not one.over for one in followers)


def kept(state: State, projects: Iterable[str] | None = None) -> frozenset[str]:
    """The names of all sessions that the state knows, or of some projects'."""
    ids = state.projects if projects is None else [id_ for id_ in projects if id_ in state.projects]
    return frozenset(
        name_of(task.id, task.session.lease)
        for id_ in ids
        for task in state.projects[id_].tasks
        if task.session is not None
    )


def forgotten(before: State, after: State) -> list[str]:
    """The names of what the one state knows and the next does not."""
    changed = [id_ for id_, known in before.projects.items() if after.projects.get(id_) is not known]
    now = kept(after, changed)
    return sorted(kept(before, changed) - now)


def leftovers(state: State, names: Iterable[str]) -> list[str]:
    """Of what is kept outside, what may go.

    What an attempt has left whose lease is open, or newer than this state, is about to be reported.
    """
    known = kept(state)
    open_leases = {worker.assignment.lease for worker in state.instances.values() if worker.assignment}
    found = []
    for name in names:
        lease = name.rpartition("/")[2]
        settled = lease.isdigit() and int(lease) < state.ledger.next_lease and int(lease) not in open_leases
        if name not in known and (settled or not lease.isdigit()):
            found.append(name)
    return found

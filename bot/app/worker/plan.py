"""What a worker process has to do, from the state and from what it is working on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.domain.instances import Assignment, Instance
from bot.domain.processes import slots_of
from bot.domain.state import State
from bot.domain.stops import StoppedRun
from bot.domain.vocabulary import TaskStatus


@dataclass(frozen=True, slots=True)
class Plan:
    """The differences between what the state gives to a process and what it does."""

    replaced: bool = False
    """The state knows no worker of this session: another process has taken the id over, or it was removed."""
    waiting: tuple[Assignment, ...] = ()
    """Given to one of its slots and not yet claimed."""
    begin: tuple[Assignment, ...] = ()
    """Claimed by it, to be worked on, and not begun."""
    lost: tuple[str, ...] = ()
    """Ids of assignments that it works on and that are no longer its own."""

    stopped: tuple[StoppedRun, ...] = ()
    """Taken back by the stop of a project, which waits to hear that it is over; nothing works on it."""


def plan(state: State, process: str, session: int, jobs: Collection[str]) -> Plan:
    """Compare the state with the assignments (``jobs``) that the process holds.

    What was claimed without a job is begun: its claim may have been settled by somebody else while the
    network was away.
    """
    mine = slots(state, process, session)
    if not mine:
        return Plan(replaced=True, lost=tuple(jobs))
    given = sorted((one.assignment for one in mine if one.assignment), key=lambda one: one.lease)
    claimed = [held for held in given if held.claimed_at is not None and held.run_id == session]
    own = {held.id for held in claimed}
    return Plan(
        waiting=tuple(held for held in given if held.claimed_at is None),
        begin=tuple(held for held in claimed if held.id not in jobs and _is_running(state, held)),
        lost=tuple(job for job in jobs if job not in own),
        stopped=tuple(run for run in _awaited(state, process) if f"{run.task}@{run.lease}" not in jobs),
    )


def slots(state: State, process: str, session: int) -> list[Instance]:
    """The workers that are slots of this start of a process."""
    return [one for one in slots_of(state.instances.values(), process) if one.session == session]


def _awaited(state: State, process: str) -> Iterator[StoppedRun]:
    for project in state.projects.values():
        if project.stop is not None and project.stop.proven_at is None:
            yield from (run for run in project.stop.runs if run.process == process and not run.ended)


def _is_running(state: State, held: Assignment) -> bool:
    task = state.projects[held.project].task(held.task)
    return task is not None and task.status is TaskStatus.RUNNING


RESERVE = 60.0
"""Seconds that are kept of a time limit for the report, at most; a twentieth of short limits."""


def work_seconds(limit: float, left: float) -> float:
    """Seconds for the work and its check: the report has to be in before the lease ends.

    ``limit`` is the assignment's time limit, ``left`` what is left of its lease, both in seconds.
    """
    return max(min(limit, left) - min(RESERVE, limit / 20), 0.0)

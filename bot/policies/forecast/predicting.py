"""The record of forecasts: put down while projects are open, judged when they are complete.

A forecast says what happens if nobody throws a switch. So it is judged only where nobody did: those of
projects that were stopped, dropped or failed, and from before a person's pause or triage that held their
project, are forgotten without judgement. What rules do, and work that waits for a person because it failed,
counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.models import Project
from bot.domain.predictions import EACH, PROJECTS, Kept, Predicted
from bot.domain.vocabulary import ProjectStatus, Stage, Workflow
from bot.policies.forecast.compiling import open_projects
from bot.policies.forecast.forecasting import Plays, blocked, play_all, spread

RUNS = 60
"""Plays of a recorded forecast: enough for the tenths, and few enough for a tick."""
TASKS = 1_000
"""Tasks of one play, at most."""
SHORT = timedelta(minutes=5)
"""The least time that was left: by how much of nothing a forecast was off means nothing."""
_STAGE = {Workflow.GENESIS: 0, Workflow.DEVELOPMENT: 1, Workflow.CONTENT: 2}
_REACHED = {Stage.GENESIS: 0, Stage.DEVELOPMENT: 1, Stage.CONTENT: 2, Stage.COMPLETE: 3}


def settle_predictions(draft: Draft) -> None:
    """Judge what can be judged, forget what cannot; with a look at GitHub, put down what is due."""
    _judge(draft)
    if draft.looked:
        _record(draft)


# judging


def _judge(draft: Draft) -> None:
    known = draft.predictions
    kept, open_ = known.kept, dict(known.projects)
    for id_, made in known.projects.items():
        project = draft.projects.get(id_)
        if project is not None and project.status is ProjectStatus.COMPLETE and project.completed_at:
            kept = judged(kept, made, project.completed_at)
        if project is None or not project.going:
            del open_[id_]
        elif switched := _switched(draft, project):
            left = tuple(one for one in made if one.at > switched)
            if left != made:
                open_ = {**open_, id_: left} if left else {key: open_[key] for key in open_ if key != id_}
    if open_ != known.projects:
        draft.predictions = known.model_copy(update={"projects": open_, "kept": kept})


def judged(kept: Kept, made: tuple[Predicted, ...], end: datetime) -> Kept:
    """The record with one more project, which was complete at ``end``."""
    early = sum(end < one.low for one in made)
    late = sum(end > one.high for one in made)
    off = sum(abs(end - one.median) / max(SHORT, end - one.at) for one in made)
    return Kept(
        projects=kept.projects + 1,
        forecasts=kept.forecasts + len(made),
        inside=kept.inside + len(made) - early - late,
        early=kept.early + early,
        late=kept.late + late,
        off=round(kept.off + off, 4),
    )


def _switched(draft: Draft, project: Project) -> datetime | None:
    """Since when a person's switch holds a project, if one does."""
    flows = [workflow for workflow in Workflow if _needs(project, workflow)]
    moments = [one.since for one in draft.controls.paused if one.by and one.workflow in flows]
    triage = draft.controls.triage
    if triage is not None and triage.by and any(triage.holds(project.priority, flow) for flow in flows):
        moments.append(triage.since)
    return max(moments, default=None)


def _needs(project: Project, workflow: Workflow) -> bool:
    """Whether a project still has work of a workflow, or will have it."""
    later = _STAGE[workflow] > _REACHED[project.stage]
    return later or any(task.workflow is workflow and not task.over for task in project.tasks)


# putting down


def _record(draft: Draft) -> None:
    playable = [one for one in open_projects(draft) if blocked(draft, one) is None]
    if not playable or (due := _due(draft, playable)) is None:
        return
    if draft.only_asked:
        draft.predictions = draft.predictions.model_copy(update={"recorded_at": draft.now})
        return
    plays = play_all(draft, lambda tasks: RUNS, TASKS)
    last = sorted(end for end in plays.last() if end is not None)
    known = dict(draft.predictions.projects)
    for project, made in _made(draft, plays):
        if project.id in due and (project.id in known or len(known) < PROJECTS):
            known[project.id] = trimmed((*known.get(project.id, ()), made))
    backlog = draft.predictions.backlog
    if last and (len(due) == len(playable) or _is_old(draft, backlog)):
        backlog = _predicted(draft, last, None)
    changed = {"projects": dict(sorted(known.items())), "backlog": backlog, "recorded_at": draft.now}
    draft.predictions = draft.predictions.model_copy(update=changed)


def _due(draft: Draft, playable: list[Project]) -> frozenset[str] | None:
    """The projects whose forecasts are to be put down now; None: of none."""
    last, known = draft.predictions.recorded_at, draft.predictions.projects
    every = _every(draft)
    if last is None or draft.now - last >= every:
        return frozenset(one.id for one in playable)
    if draft.now - last < every / 12:
        return None
    # Each by its own latest: where others enter stages all the time, the record as a whole is never old.
    old = [one.id for one in playable if one.id in known and _is_old(draft, known[one.id][-1])]
    entered = [
        one.id
        for one in playable
        if one.updated_at > last and max((task.created_at for task in one.tasks), default=last) > last
    ]
    return frozenset((*entered, *old)) or None


def _every(draft: Draft) -> timedelta:
    return timedelta(minutes=draft.config.forecasts.record_minutes)


def _is_old(draft: Draft, made: Predicted | None) -> bool:
    return made is not None and draft.now - made.at >= _every(draft)


def _made(draft: Draft, plays: Plays) -> Iterator[tuple[Project, Predicted]]:
    """A forecast for each project that has an end in half of the plays at least."""
    for idea in plays.world.ideas:
        values = plays.of(idea.number)
        if blocked(draft, idea.project) is None and 2 * len(values) >= RUNS:
            yield idea.project, _predicted(draft, values, idea.stage)


def _predicted(draft: Draft, values: list[int], stage: Stage | None) -> Predicted:
    when = spread(values)
    return Predicted(at=draft.now, low=when.low, median=when.median, high=when.high, runs=RUNS, stage=stage)


def trimmed(made: tuple[Predicted, ...]) -> tuple[Predicted, ...]:
    """At most ``EACH``: the first of each stage, and the latest."""
    if len(made) <= EACH:
        return made
    stages: set[Stage | None] = set()
    for place, one in enumerate(made):
        if one.stage in stages:
            return (*made[:place], *made[place + 1 :])
        stages.add(one.stage)
    return made[-EACH:]

"""When everything will be done: the fleet played forward many times, by its rules and from its record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median_high

from bot.domain.budgets import project_used_up
from bot.domain.draft import Draft
from bot.domain.flow import Growth
from bot.domain.forecast import Blocked, Forecast, ProjectForecast, Spread, Step
from bot.domain.models import Project
from bot.domain.outlook import Hold
from bot.domain.vocabulary import ProjectStatus, Stage, TaskStatus, Workflow
from bot.policies.assigning.holding import switched_off
from bot.policies.forecast.compiling import compiled, moment, open_projects
from bot.policies.forecast.growing import Sizes
from bot.policies.forecast.luck import Drawn, Record
from bot.policies.forecast.pieces import Piece
from bot.policies.forecast.playing import Play
from bot.policies.forecast.standing import standstills
from bot.policies.forecast.world import FLOWS, World
from bot.policies.measuring.waits import merge_waits
from bot.policies.projects.typical import Typical

LEAST, MOST = 200, 1_500
"""How often the open work is played, at least and at most."""
STEPS = 300_000
"""Tasks that are played in all: what takes about five seconds on one core of a small machine."""
TASKS = STEPS // LEAST
"""Tasks of one play, at most; of a larger backlog the projects that come last have no forecast."""
CROWD = 3
"""So many workers cost a play as much as a task does."""
SCALING = 1.5
"""So many times as much a play costs in which autoscaling is judged."""
_OVER = (ProjectStatus.COMPLETE, ProjectStatus.FAILED)
_STAGES = {
    Workflow.GENESIS: Stage.GENESIS,
    Workflow.DEVELOPMENT: Stage.DEVELOPMENT,
    Workflow.CONTENT: Stage.CONTENT,
}


@dataclass(frozen=True, slots=True)
class Plays:
    """How many plays ended; times are seconds since 1970."""

    world: World
    record: Record
    ends: tuple[tuple[int | None, ...], ...]
    """For each play the end of each project; None: it had none."""
    given_up: tuple[tuple[bool, ...], ...]
    sizes: tuple[tuple[Sizes, ...], ...]
    """For each play what became of each workflow's number of workers."""

    def of(self, number: int) -> list[int]:
        """The ends of one project, in the plays in which it had one, the soonest first."""
        return sorted(end for ends in self.ends if (end := ends[number]) is not None)

    def last(self) -> list[int | None]:
        """For each play, when the last project was done that had an end."""
        return [max((end for end in ends if end is not None), default=None) for ends in self.ends]


def runs_for(tasks: int) -> int:
    """How often so many open tasks are played: it follows from the work alone, so that history replays."""
    return max(LEAST, min(MOST, STEPS // max(1, tasks)))


def play_all(draft: Draft, runs: Callable[[int], int] = runs_for, most: int = TASKS) -> Plays:
    """Play the work of as many projects as are taken in, those that come first first."""
    dearer = SCALING if draft.config.scaling.enabled else 1.0
    chosen, tasks = _first(draft, int(most / dearer))
    world, record = compiled(draft, chosen), Record(draft)
    count = runs(int((tasks + len(world.hands) // CROWD) * dearer))
    plays = [Play(world, Drawn(record, number)).run() for number in range(count)]
    return Plays(
        world,
        record,
        tuple(tuple(play.ends) for play in plays),
        tuple(tuple(play.given_up) for play in plays),
        tuple(tuple(play.sizes) for play in plays),
    )


def growth(plays: Plays) -> tuple[Growth, ...]:
    """Which workflows autoscaling gives more workers to, in most plays."""
    found = []
    for flow, workflow in enumerate(FLOWS):
        own = [sizes[flow] for sizes in plays.sizes]
        since = [one.grew_at for one in own if one.grew_at is not None]
        if 2 * len(since) > len(own):
            most = median_high(one.most for one in own)
            if most > own[0].first:  # else they only come back that were idle meanwhile
                found.append(Growth(workflow, own[0].first, most, moment(median_high(since))))
    return tuple(found)


def _first(draft: Draft, most: int) -> tuple[list[Project], int]:
    """The projects that are played, and about how many tasks they have."""
    typical = Typical(draft)
    chosen: list[Project] = []
    tasks = 0
    for project in open_projects(draft):
        own = sum(not task.over for task in project.tasks)
        if project.gate is None and project.stage in (Stage.GENESIS, Stage.DEVELOPMENT):
            own += 3 + (typical.tasks if project.stage is Stage.GENESIS else 0)
        if chosen and tasks + own > most:
            break
        chosen.append(project)
        tasks += own
    return chosen, tasks


def spread(values: Sequence[int]) -> Spread:
    """The median of some moments, and between which eight of ten lie; ``values`` rise."""
    last = len(values) - 1
    return Spread(
        moment(values[last // 10]), moment(values[(last + 1) // 2]), moment(values[-(-last * 9 // 10)])
    )


def forecast(draft: Draft, about: str = "") -> Forecast:
    """Play the open work forward; ``about``: the project whose way is told, else that of the whole backlog.

    The same state gives the same forecast.
    """
    plays = play_all(draft)
    last = sorted(end for end in plays.last() if end is not None)
    shown = _middle(plays, about)
    numbers = {idea.project.id: idea.number for idea in plays.world.ideas if idea.whole}
    found = [
        _project(draft, project, plays, shown, numbers.get(id_))
        for id_, project in draft.projects.items()
        if project.status not in _OVER
    ]
    far = draft.now + timedelta(days=36_500)
    found.sort(key=lambda one: (one.when.median if one.when else far, one.project))
    features = Typical(draft).features
    waits = merge_waits(draft)
    return Forecast(
        projects=tuple(found),
        when=spread(last) if last else None,
        runs=len(plays.ends),
        measured=sum(done.ok for done in draft.completions),
        features=(min(features), max(features)) if features else Typical.guess(),
        plans=len(features),
        merges=len(waits),
        people=tuple(_people(draft, merges=bool(waits))),
        scales=draft.config.scaling.enabled,
        growth=growth(plays),
        standstills=tuple(standstills(draft)),
    )


def _people(draft: Draft, *, merges: bool) -> Iterable[str]:
    if draft.config.pull_requests.merge == "person" and not merges:
        yield "merge"
    if draft.config.approve:
        yield "approve"


def _middle(plays: Plays, about: str) -> Play:
    """The play that ends in the middle, once more, to be looked into."""
    number = next((idea.number for idea in plays.world.ideas if idea.project.id == about), None)
    ends = plays.last() if number is None else [one[number] for one in plays.ends]
    known = sorted((end, place) for place, end in enumerate(ends) if end is not None)
    chosen = known[len(known) // 2][1] if known else 0
    return Play(plays.world, Drawn(plays.record, chosen)).run()


def _project(
    draft: Draft, project: Project, plays: Plays, shown: Play, number: int | None
) -> ProjectForecast:
    if (why := blocked(draft, project)) is not None:
        return ProjectForecast(project.id, None, *why)
    if number is None:
        return ProjectForecast(project.id, None, Blocked.TOO_MANY)
    own = [piece for piece in shown.pieces if piece.job.project == number]
    person = sum(given[number] for given in plays.given_up) / len(plays.given_up)
    if not (values := plays.of(number)):
        never = _never(draft, project, own, broke=number in shown.broke, person=person)
        return replace(never, person=person)
    ended = [piece for piece in own if piece.done]
    return ProjectForecast(
        project=project.id,
        when=spread(values),
        stages=tuple(_stages(ended)),
        critical=_critical(ended),
        assumed=sum(piece.job.assumed for piece in own),
        person=person,
    )


def _stages(pieces: Iterable[Piece]) -> list[tuple[Stage, datetime]]:
    ends: dict[Stage, int] = {}
    for piece in pieces:
        stage = _STAGES[FLOWS[piece.job.flow]]
        ends[stage] = max(ends.get(stage, 0), piece.ended)
    return [(stage, moment(ends[stage])) for stage in Stage if stage in ends]


def _critical(pieces: Sequence[Piece]) -> tuple[Step, ...]:
    """Back from the last task, each time to what it waited for last."""
    piece = max(pieces, key=lambda one: (one.ended, one.job.id), default=None)
    chain: list[Step] = []
    while piece is not None:
        worker = piece.worker.id if piece.worker else ""
        began, ended = moment(piece.began), moment(piece.ended)
        chain.append(Step(piece.job.id, began, ended, worker, piece.job.assumed))
        piece = piece.released_by
    return tuple(reversed(chain))


def _never(
    draft: Draft, project: Project, own: Iterable[Piece], *, broke: bool, person: float
) -> ProjectForecast:
    """Why a project has no end in any play: what its first task that never begins waits for."""
    waiting = next((piece for piece in own if not piece.done and not piece.waits and not piece.worker), None)
    if waiting is None:
        why = Blocked.FAILS if person else Blocked.NOBODY
        return ProjectForecast(project.id, None, why, Workflow.DEVELOPMENT.value)
    workflow = FLOWS[waiting.job.flow]
    switch = switched_off(draft.controls, draft.controls.triage, workflow, project.priority)
    held = {Hold.PAUSED: Blocked.PAUSED, Hold.TRIAGE: Blocked.TRIAGE}
    if switch is not None:
        why = held[switch]
    elif broke:
        why = Blocked.BUDGET if project_used_up(draft, project) else Blocked.DEAR
    else:
        why = Blocked.NOBODY
    return ProjectForecast(project.id, None, why, workflow.value)


def blocked(draft: Draft, project: Project) -> tuple[Blocked, str] | None:
    """Why a project cannot be done as things stand, and the task or workflow in the way."""
    if project.stop is not None:
        return (Blocked.HALTED if draft.controls.halted else Blocked.STOPPED), project.id
    if project.gate is not None:
        return Blocked.APPROVAL, project.id
    review = next((task for task in project.tasks if task.status is TaskStatus.REVIEW), None)
    return (Blocked.REVIEW, review.id) if review else None

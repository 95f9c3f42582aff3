"""The open work and the fleet as plain values in whole seconds, to be played forward many times."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.instances import Instance
from bot.domain.models import Project, Task
from bot.domain.vocabulary import Stage, Workflow
from bot.policies.assigning.candidates import BEGINNING, Distances, Fit, Wanted, fit
from bot.policies.fleet.utilisation import Turn
from bot.policies.working.estimating import Estimates

FLOWS = tuple(Workflow)
"""Workflows by their numbers, in the order in which deciding assigns."""
FLOW = {workflow: number for number, workflow in enumerate(FLOWS)}
REVIEW = "review"
DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True)
class Job:
    """A task as it is planned; tasks of one list name each other by their places in it."""

    id: str
    project: int
    flow: int
    specialty: str
    want: Wanted
    large: bool
    key: int
    """What its luck follows from."""
    needs: tuple[int, ...] = ()
    author: int = -1
    """Of a review: the feature that it may send back."""
    assumed: bool = False
    """Not planned yet."""

    @property
    def merges(self) -> bool:
        """Whether what it ends with is merged before anything follows from it."""
        return self.specialty == REVIEW or FLOWS[self.flow] is Workflow.CONTENT


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a task stands at the beginning; times are seconds since 1970."""

    job: Job
    attempt: int
    queued_at: int | None
    """None: it waits for what it needs."""
    not_before: int
    front: bool
    failed_on: frozenset[str]
    reserved: str
    """The worker that it is kept for; empty: nobody."""
    by_rule: bool
    """Whether a rebalancing keeps it."""
    spend: float
    dear: float | None
    """US dollars from which it is not tried again."""
    hand: str
    """Who has it; empty: nobody."""
    lease: int
    began: int
    done: bool
    """Done already: it is here because a review may send it back."""
    unmerged: int
    """Pull requests that it waits for, whose work is done."""
    stuck: bool
    """A person has to decide about it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many workers a workflow may have, up to a moment."""

    minimum: int
    maximum: int
    in_emergency: bool
    coming: int
    """The minimum of peak hours that begin within the stabilisation window; 0: none do."""
    until: int


@dataclass(frozen=True, slots=True)
class Hand:
    """A worker as it is when it comes into a play."""

    id: str
    flow: int
    skills: Instance
    shape: int
    """The same number for all who suit everything equally, but for their records."""
    idle_since: int
    late: bool
    """It did not come for its last assignment: others go first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a project gets for a stage: its tasks, and how many characters of their ids are a project's."""

    tasks: tuple[Task, ...]
    prefix: int
    assumed: bool = True


@dataclass(slots=True)
class Idea:
    """A project, with what it still gets."""

    number: int
    project: Project
    rank: int
    """Of its priority; urgent is 0."""
    stage: Stage
    plans: tuple[Plan, ...]
    """One of them becomes its Development; empty where that is planned."""
    content: Plan | None
    """Its Content; None where that is planned."""
    limit: float | None
    """US dollars that it may cost."""
    unmerged: int
    """Open pull requests of its content whose work is done."""
    whole: bool = True
    """Whether all of it is played; else only what workers have of it at present."""
    jobs: dict[int, tuple[Job, ...]] = field(default_factory=dict)
    """The jobs of its plans that were asked for; those of Content under -1."""


@dataclass(slots=True)
class World:
    """Everything at the beginning; nothing of it changes while it is played."""

    now: int
    draft: Draft
    config: Config
    hands: tuple[Hand, ...] = field(init=False)
    """Everybody who takes work, is finishing some, or may be started."""
    ideas: tuple[Idea, ...]
    openings: tuple[Opening, ...]
    """The open tasks, those of a project together."""
    paused: frozenset[int]
    day_limit: float | None
    """US dollars."""
    failing: tuple[tuple[str, ...], ...]
    """For each workflow the tasks that failed since one succeeded."""
    paces: tuple[tuple[int, str, int, str, int], ...]
    """Attempts that went well, oldest first: workflow, specialty, when it ended, worker, how long it took."""
    distances: Distances
    look: int
    """Seconds from one look of the monitor to the next: what is due by time alone waits for one."""
    estimates: Estimates
    turns: tuple[tuple[Turn, ...], ...]
    """For each workflow how many of its workers were busy from when on, in the stabilisation window."""
    begun: tuple[tuple[tuple[int, str], ...], ...]
    """For each workflow (when, who) became idle in that window without an attempt that says so."""
    slow: tuple[bool, ...]
    """For each workflow whether it has become slow, and nobody was added since."""
    moved: tuple[tuple[int, int], ...]
    """For each workflow when it went up last, and down."""
    bounds: tuple[list[Bounds], ...] = field(default_factory=lambda: tuple([] for _ in FLOWS))
    """For each workflow its limits as they follow each other, as far as anybody asked."""
    shapes: dict[tuple[object, ...], int] = field(default_factory=dict)
    newcomers: dict[tuple[object, ...], Hand] = field(default_factory=dict)
    """Workers that plays have made, by what they are like."""
    fits: dict[tuple[int, Wanted, bool, int, int], Fit] = field(default_factory=dict)

    def fit(self, hand: Hand, want: Wanted, slow: bool, done: int, failed: int) -> Fit:
        """How a worker suits a task, with its record on large ones."""
        key = (hand.shape, want, slow, done, failed)
        if (known := self.fits.get(key)) is None:
            large = hand.skills.large.model_copy(update={"done": done, "failed": failed})
            skills = hand.skills.model_copy(update={"large": large})
            known = self.fits[key] = fit(skills, want, self.distances, slow=slow)
        return known

    def hand(self, one: Instance) -> Hand:
        """A worker, as plays have it."""
        shape = (one.specialties, one.sizes, one.region)
        return Hand(
            id=one.id,
            flow=FLOW[one.workflow],
            skills=one,
            shape=self.shapes.setdefault(shape, len(self.shapes)),
            idle_since=int((one.idle_since or BEGINNING).timestamp()),
            late=one.kind == "external" and bool(one.unstarted),
        )

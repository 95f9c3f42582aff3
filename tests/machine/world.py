"""A fleet in memory: GitHub, the state branch, people, workers, runs of the bot that go wrong as planned."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bot.app import work
from bot.app.clocks import Clocks
from bot.app.facts import Facts
from bot.app.handle import handle_comment, handle_issue
from bot.app.process import App
from bot.app.publishing.publication import Outside
from bot.app.tick import ConfigFile, tick
from bot.app.workspace import Claimant, Workspace, read_order
from bot.bootstrap.reading import read_template
from bot.domain import files
from bot.domain.beats import Phase
from bot.domain.config import Attempts, Config, Delivery
from bot.domain.deploying import HealthCheck
from bot.domain.errors import Conflict, ForgeError, StoreUnavailable
from bot.domain.events.worked import WorkClaimed, WorkReported
from bot.domain.models import Task
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus
from bot.ports.facts import CommentFacts, IssueWoken
from bot.ports.outside import Seen
from bot.ports.store import Look
from tests.core.worlds import START
from tests.e2e.people import REPOSITORY
from tests.fakes.forge import MemoryForge
from tests.fakes.github import APP, BOT, Moment, Place
from tests.fakes.grounds import new_site
from tests.fakes.publisher import MemoryPublisher
from tests.fakes.store import MemoryRemote, MemoryStore
from tests.machine.agents import Agents
from tests.machine.audit import STRAY, Audit
from tests.machine.outposts import Outpost, outposts
from tests.machine.people import DEEDS, Crowd
from tests.machine.storm import Deed, Fault, Killed, Storm

T = TypeVar("T")
TEMPLATE = read_template()
CONFIG = Config(attempts=Attempts(backoff_seconds=20), delivery=Delivery(limit=20))
"""Effects are tried so often that no plan of faults makes the bot give one up."""


@dataclass
class Bot:
    """One run of the bot: its own store, forge and clock, in its own weather."""

    app: App
    outside: Outside
    name: str


@dataclass
class World:
    """Everything outside of the bot, and its runs."""

    moment: Moment = field(default_factory=lambda: Moment(START))
    remote: MemoryRemote = field(default_factory=MemoryRemote)
    config: Config = CONFIG
    skew: float = 0.0
    """Seconds that the runners' clocks are ahead of GitHub's."""
    met: Counter[str] = field(default_factory=Counter)
    """Faults that came to pass."""
    commands: dict[int, CommentFacts] = field(default_factory=dict)
    """Comments with a command of somebody who may give one."""
    withdrawn: set[int] = field(default_factory=set)
    """Of these the ones that were no command for a while: who read them then has nothing to answer."""
    granted: dict[str, set[int]] = field(default_factory=dict)
    """Assignment → runs, or sessions of processes, that were told that it is theirs."""
    outposts: list[Outpost] = field(default_factory=outposts)
    agents: Agents = field(default_factory=Agents)

    def __post_init__(self) -> None:
        """GitHub as ``init`` leaves it."""
        self.site = new_site(self.moment)
        self.crowd = Crowd(self.site, REPOSITORY)
        self.audit = Audit(self.remote, self.site, REPOSITORY, self.agents.passed)
        self._folder = tempfile.TemporaryDirectory()
        self._known: tuple[str, State] | None = None
        self._names: Iterator[int] = itertools.count(1)
        self._comments: list[CommentFacts] = []
        self._woken: list[IssueWoken] = []
        self._outcomes: dict[int, str] = {}
        self.run(lambda bot: bot.app.process([]))

    @property
    def place(self) -> Place:
        """The main repository."""
        return self.site.place(REPOSITORY)

    def state(self) -> State:
        """What the branch holds now."""
        version = self.remote.branches["state"]
        if self._known is None or self._known[0] != version:
            self._known = (version, files.load(self.remote.files(version)))
        return self._known[1]

    # runs of the bot

    def run(self, act: Callable[[Bot], object], faults: Iterable[Fault] = ()) -> None:
        """One run to its end, whichever that is; then everything is judged."""
        bot = self._bot(Storm(faults, self.do, self.met))
        with suppress(Killed, ForgeError, StoreUnavailable, Conflict):
            act(bot)
        self.audit.look()

    def _bot(self, storm: Storm) -> Bot:
        name = f"run-{next(self._names)}"
        forge = MemoryForge(self.site, REPOSITORY, BOT, storm)
        clocks = Clocks(wall=self._wall, monotonic=self.moment.seconds, wait=self.moment.wait)
        facts = Facts(forge, REPOSITORY, lambda name: MemoryForge(self.site, name, APP, storm))
        store = MemoryStore(self.remote, nonce=name, weather=storm)
        publisher = MemoryPublisher(self.site, APP, storm)
        app = App(store, forge, facts, clocks, lambda: TEMPLATE, projects=publisher.forge)
        return Bot(app, Outside(publisher, REPOSITORY, True, self._answers, self.moment.wait), name)

    def _answers(self, url: str, wanted: HealthCheck) -> Seen:
        """A project's site, as far as the bot has put one there."""
        place = self.site.place("/".join(url.rstrip("/").rsplit("/", 2)[1:]))
        files = place.git.files(place.branches[place.site])
        if self.crowd.down or wanted.contains not in files.get(wanted.path, ""):
            return Seen(False, "404 Not Found")
        return Seen(True, "200 OK")

    def _wall(self) -> datetime:
        return datetime.fromtimestamp(self.moment.seconds() + self.skew, self.moment.now.tzinfo)

    def do(self, deed: Deed, faults: Iterable[Fault] = ()) -> None:
        """Start a run for a deed, where there is anything to do it with."""
        match deed.what:
            case "tick":
                self.run(self._tick, faults)
            case "handle" if self._comments:
                comment = _newest(self._comments, deed.which)
                self.run(lambda bot: self._handle(bot, comment), faults)
            case "wake" if self._woken:
                woken = _newest(self._woken, deed.which)
                self.run(lambda bot: self._wake(bot, woken), faults)
            case "stray":
                self.run(lambda bot: self._stray(bot, deed.which), faults)
            case "claim" if self.place.runs:
                id_ = _newest(list(self.place.runs), deed.which)
                self.run(lambda bot: self._claim(bot, id_), faults)
            case "report" if self._outcomes:
                id_ = _newest(list(self._outcomes), deed.which)
                self.run(lambda bot: self._report(bot, id_), faults)
            case what if what in DEEDS:
                self.crowd.do(what, deed.which)
                self.audit.look()
            case _:
                self._do_far(deed, faults)

    def _tick(self, bot: Bot) -> None:
        file = ConfigFile(self.config)
        tick(bot.app, bot.name, file, bot.app.store.load())

    def _handle(self, bot: Bot, comment: CommentFacts) -> None:
        look = bot.app.store.load()
        handle_comment(bot.app, look, comment, self.place.issue(comment.issue), bot.name)

    def _wake(self, bot: Bot, woken: IssueWoken) -> None:
        handle_issue(bot.app, bot.app.store.load(), woken, bot.name)

    def _do_far(self, deed: Deed, faults: Iterable[Fault]) -> None:
        """What a worker process elsewhere does; a beat that it has sent may come again."""
        outpost = self.outposts[deed.which % len(self.outposts)]
        match deed.what:
            case "start":
                outpost.start()
                self._beat(outpost, faults)
            case "beat" | "drop" if outpost.lives:
                self._beat(outpost, faults, drops=deed.what == "drop")
            case "echo" if outpost.said:
                beat = _newest(outpost.said, deed.which)
                self.run(lambda bot: bot.app.process([beat]), faults)
            case "drain" | "leave" if outpost.lives:
                outpost.phase = Phase.DRAINING if deed.what == "drain" else Phase.GONE
                self._beat(outpost, faults)
            case "far claim" | "far report" if outpost.lives:
                self.run(lambda bot: self._far_work(bot, outpost, deed), faults)

    def _beat(self, outpost: Outpost, faults: Iterable[Fault], *, drops: bool = False) -> None:
        state = self.state()
        self.run(lambda bot: bot.app.process([outpost.beat(bot.app, state, drops=drops)]), faults)

    def _far_work(self, bot: Bot, outpost: Outpost, deed: Deed) -> None:
        """Claim what the state gives to it, or report on what it has claimed, though that may be long ago."""
        look = bot.app.store.load()
        if deed.what == "far claim":
            for held in outpost.held(bot.app.load(look)):
                space = self._far_space(outpost, held.id)
                if work.claim(bot.app, outpost.claimant(held.id), space, bot.outside, bot.app.store.load()):
                    self._note_grant(held.id, outpost.session)
            return
        here = (Path(self._folder.name) / outpost.id / str(outpost.session)).glob("*")
        spaces = sorted(here, key=lambda path: int(path.name.rpartition("@")[2]))
        if spaces:
            space = Workspace(_newest(spaces, deed.which // len(self.outposts)))
            self._hand_in(bot, outpost.claimant(space.root.name), space, "ok", look)

    def _far_space(self, outpost: Outpost, assignment: str) -> Workspace:
        return Workspace(Path(self._folder.name) / outpost.id / str(outpost.session) / assignment)

    # workers

    def _stray(self, bot: Bot, which: int) -> None:
        """A run that has no business with an open lease claims it, or reports on what it never claimed."""
        held = [one.assignment for one in self.state().instances.values() if one.assignment]
        if held:
            lease = _newest([one for one in held if one.claimed_at] or held, which)
            same = {"task": lease.task, "lease": lease.lease, "run_attempt": 1, "at": bot.app.now()}
            claim = WorkClaimed(**same, run_id=8)
            report = WorkReported(**same, run_id=7, ok=False, summary=STRAY)
            bot.app.process([claim if which % 2 else report])

    def _note_grant(self, assignment: str, claimant: int) -> None:
        self.granted.setdefault(assignment, set()).add(claimant)
        assert len(self.granted[assignment]) == 1, f"{assignment} was granted twice"

    def _claim(self, bot: Bot, id_: int) -> None:
        """A run's first step; one that was cancelled before it began never has one."""
        run = self.place.runs[id_]
        if run.status == "queued":
            self.place.start_run(id_)
        elif run.status == "completed" and id_ not in self._outcomes:
            return
        self._outcomes.setdefault(id_, "ok")
        look = bot.app.store.load()
        if work.claim(bot.app, self._claimant(id_), self._workspace(id_), bot.outside, look):
            self._note_grant(run.name, id_)

    def _report(self, bot: Bot, id_: int) -> None:
        """A run's last step: it has one only where its claim was granted; whenever, and however often."""
        look = bot.app.store.load()
        self._hand_in(bot, self._claimant(id_), self._workspace(id_), self._outcomes[id_], look)

    def _hand_in(self, bot: Bot, who: Claimant, workspace: Workspace, outcome: str, look: Look) -> None:
        if not workspace.order.exists():
            return
        if not (workspace.result / "run.json").exists():
            name = self.state().projects[read_order(workspace).project].repository
            self.agents.work(workspace, outcome, self.site.places.get(name))
        work.report(bot.app, who, workspace, bot.outside, look)

    def end_run(self, which: int, conclusion: str) -> None:
        """GitHub shows a run as ended, rightly or not: its process may still be there."""
        if self.place.runs:
            self.place.end_run(_newest(list(self.place.runs), which), conclusion)

    def fates(self, which: int, outcome: str) -> None:
        """How a run's work will have gone."""
        if self._outcomes:
            self._outcomes[_newest(list(self._outcomes), which)] = outcome

    def _claimant(self, id_: int) -> Claimant:
        run = self.place.runs[id_]
        return Claimant(run.name, id_, 1, run.url)

    def _workspace(self, id_: int) -> Workspace:
        return Workspace(Path(self._folder.name) / str(id_))

    # people

    def open_issue(self, title: str) -> int:
        """A person opens an issue."""
        return self.place.open_issue("wendy", title, "Asked for below.").number

    def say(self, issue: int, body: str, login: str) -> None:
        """A person comments; whether a run hears of it is another matter."""
        comment = self.place.comment(login, issue, body)
        self._comments.append(comment)
        if self.place.roles[login] not in ("none", "read"):
            self.commands[comment.id] = comment

    def edit(self, which: int, body: str) -> None:
        """A person changes a comment; the event of its creation told the first text."""
        if self._comments:
            id_ = _newest(self._comments, which).id
            self.place.edit_comment(id_, body)
            if not body.startswith("/"):
                self.withdrawn.add(id_)

    def label(self, issue: int, name: str, login: str) -> None:
        """A person labels an issue."""
        self.place.add_labels(login, issue, [name])
        self._tell(issue, "labeled", name, login)

    def unlabel(self, issue: int, name: str, login: str) -> None:
        """A person takes a label off."""
        self.place.remove_label(login, issue, name)
        self._tell(issue, "unlabeled", name, login)

    def close_issue(self, issue: int, login: str, *, closed: bool) -> None:
        """A person closes an issue, or reopens it."""
        self.place.set_closed(login, issue, closed=closed)
        self._tell(issue, "closed" if closed else "reopened", "", login)

    def _tell(self, issue: int, action: str, label: str, login: str) -> None:
        self._woken.append(
            IssueWoken(
                action=action, issue=issue, label=label, actor=login, actor_is_bot=False, at=self.place.now()
            )
        )

    # the end

    def pull_requests(self) -> Counter[str]:
        """What has become of them."""
        found: Counter[str] = Counter()
        for pull in (pull for place in self.site.places.values() for pull in place.pulls.found.values()):
            by = "a bot" if pull.merged_by.endswith("]") else "a person"
            found[f"pull requests {pull.state}{f' by {by}' if pull.state == 'merged' else ''}"] += 1
            found["pull requests reviewed"] += bool(pull.reviews)
            found["reviews"] += len(pull.reviews)
        return found

    def close(self) -> None:
        """Remove the workspaces."""
        self._folder.cleanup()

    def calm_down(self) -> None:
        """No more faults: ticks come regularly, runs start, and whoever works does so well."""
        still = 0
        for _ in range(200):
            self.crowd.calm_down(self.state())
            self.do(Deed("tick"))
            before = self.state().projects
            self.work_all("ok")
            for which, outpost in enumerate(self.outposts):
                if outpost.lives:
                    for what in ("beat", "far claim"):
                        self.do(Deed(what, which))
                    for slot in range(outpost.slots):
                        self.do(Deed("far report", which + slot * len(self.outposts)))
            self.moment.wait(125 if self.state().outbox.entries else 45)
            state = self.state()
            still = still + 1 if state.projects == before and self._is_quiet(state) else 0
            if still == 2:
                return
            if still:
                self.moment.wait(400)  # for what is due by time alone
        raise AssertionError(f"no rest after 200 ticks: {_open_tasks(self.state())}")

    def work_all(self, outcome: str, faults: Iterable[Fault] = (), meanwhile: Deed | None = None) -> None:
        """Each run that is there works to its end, unless it has its result already.

        ``meanwhile`` is done after they have begun.
        """
        there = [id_ for id_, run in self.place.runs.items() if run.status != "completed"]
        for id_ in there:
            self._outcomes[id_] = outcome
            self.run(lambda bot, id_=id_: self._claim(bot, id_))
        if meanwhile is not None:
            self.do(meanwhile)
        for id_ in there:
            if id_ in self._outcomes:
                self.run(lambda bot, id_=id_: self._report(bot, id_), faults)
                self.place.end_run(id_, "success")

    def _is_quiet(self, state: State) -> bool:
        return not state.outbox.entries and not any(worker.assignment for worker in state.instances.values())


def _newest(things: Sequence[T], which: int) -> T:
    return things[-1 - which % len(things)]


def _open_tasks(state: State) -> list[str]:
    over = (TaskStatus.DONE, TaskStatus.REVIEW, TaskStatus.STOPPED)
    return [
        _told(task)
        for project in state.projects.values()
        for task in project.tasks
        if task.status not in over
    ]


def _told(task: Task) -> str:
    return f"{task.id} is {task.status}"

"""What must hold, judged from the outside: from the branch's commits and from what stands on GitHub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.app.replay import Verdict, replay
from bot.decide import decide
from bot.domain import files, invariants
from bot.domain.effects import Reply
from bot.domain.events.observed import Observed
from bot.domain.instances import Assignment
from bot.domain.state import State
from bot.domain.vocabulary import TaskStatus, Workflow
from bot.render.markers import marker
from tests.fakes.github import APP, BOT, Site
from tests.fakes.store import MemoryCommit, MemoryRemote
from tests.machine import audit_pulls

STRAY = "from a run that this was never granted to"
"""What a report says that must not be taken for the holder's."""


@dataclass
class Audit:
    """Looks at each commit once; remembers what may happen only once in a history."""

    remote: MemoryRemote
    site: Site | None = None
    """GitHub in memory, where what stands there is judged too."""
    repository: str = ""
    passed: set[str] = field(default_factory=set)
    """Commits that were let through without a review."""
    commits: int = 0
    answers: dict[int, set[str]] = field(default_factory=dict)
    """Comment → outbox ids of the replies that answer it."""
    _seen: str | None = None
    _state: State | None = None
    _settled: Counter[str] = field(default_factory=Counter)
    _closed: set[int] = field(default_factory=set)
    """Leases that were open and are not any more."""

    def look(self) -> None:
        """Judge what is new since the last look."""
        fresh: list[MemoryCommit] = []
        for commit in self.remote.history():
            if commit.version == self._seen:
                break
            fresh.append(commit)
        for commit in reversed(fresh):
            self._judge(commit)
        if self.site is not None:
            self._judge_artefacts(self.site)

    def _judge(self, commit: MemoryCommit) -> None:
        state = files.load(commit.tree)
        _holds_together(state, commit)
        assert commit.parents == ((self._seen,) if self._seen else ())
        if self._state is not None:
            _follows(self._state, state, commit)
            if self.commits % 8 == 0:
                (replayed,) = replay(_Pair(self.remote, commit))
                assert replayed.verdict is Verdict.SAME, replayed
            self._judge_step(self._state, state)
            if self.site is not None:
                audit_pulls.judge_step(self._state, state, self.site)
        audit_pulls.judge_state(state)
        _settling_again_changes_nothing(state)
        for event in state.events.events if state.events else ():
            self._settled[event.id] += 1
            assert self._settled[event.id] == 1, f"{event.id} is settled twice"
        for entry in state.outbox.entries:
            if isinstance(entry.effect, Reply) and entry.effect.comment:
                self.answers.setdefault(entry.effect.comment, set()).add(entry.id)
        self._seen, self._state, self.commits = commit.version, state, self.commits + 1

    def _judge_step(self, before: State, after: State) -> None:
        """Leases close once, each counts at most once, and none changes hands."""
        old, new = _open(before), _open(after)
        assert not new.keys() & self._closed, "a closed lease is open again"
        ended = old.keys() - new.keys()
        self._closed |= ended
        for lease in old.keys() & new.keys():
            one, other = old[lease], new[lease]
            assert one.run_id in (None, other.run_id), f"{one.id} changed hands"
            assert one.task == other.task
        counted = Counter(one.task for one in _new_completions(before, after))
        held = Counter(old[lease].task for lease in ended)
        assert counted <= held, f"counted {counted}, but only {held} ended"
        _attempts_count_once(before, after, ended, self._closed, old)

    def _judge_artefacts(self, site: Site) -> None:
        """Nothing that the bot made is there twice."""
        place = site.place(self.repository)
        once = Counter(run.name for run in place.runs.values())
        assert max(once.values(), default=0) <= 1, f"dispatched twice: {once.most_common(1)}"
        marks = Counter(
            mark
            for comment in place.comments.values()
            if comment.author == BOT and (mark := marker(comment.body))
        )
        assert max(marks.values(), default=0) <= 1, f"told twice: {marks.most_common(1)}"
        for name, made in site.places.items():
            filed = Counter(
                mark
                for issue in made.issues.values()
                if issue.author in (BOT, APP) and not issue.is_pull_request and (mark := marker(issue.body))
            )
            assert max(filed.values(), default=0) <= 1, f"{name}: filed twice: {filed.most_common(1)}"
            audit_pulls.judge_artefacts(made, self.passed)


@dataclass(frozen=True)
class _Pair:
    """A commit and its parent, as the whole history of ``replay``."""

    remote: MemoryRemote
    commit: MemoryCommit

    def history(self, depth: int | None = None) -> Sequence[MemoryCommit]:
        return [self.commit, *(self.remote.commits[parent] for parent in self.commit.parents)]

    def files_at(self, version: str) -> dict[str, bytes]:
        return self.remote.files(version)


def _open(state: State) -> dict[int, Assignment]:
    return {one.assignment.lease: one.assignment for one in state.instances.values() if one.assignment}


def _new_completions(before: State, after: State) -> Sequence[object]:
    known = before.recent.completions
    kept = after.recent.completions[: len(known)]
    same = [new.model_copy(update={"rework": old.rework}) for old, new in zip(known, kept, strict=True)]
    assert same == list(known), "the record only grows, as long as it is short"
    assert all(new.rework for old, new in zip(known, kept, strict=True) if old.rework)
    return after.recent.completions[len(known) :]


def _attempts_count_once(
    before: State, after: State, ended: set[int], closed: set[int], old: dict[int, Assignment]
) -> None:
    """A task's failures of one lease are one: its attempt is above the parent's by one assignment at most."""
    for project in after.projects.values():
        known = before.projects.get(project.id)
        for task in project.tasks:
            earlier = known.task(task.id) if known else None
            if earlier is None:
                continue
            assigned_anew = task.lease != earlier.lease
            assert task.attempt - earlier.attempt <= (1 if assigned_anew else 0), task.id
            if task.error and task.error != earlier.error:
                assert task.error.summary != STRAY, f"{task.id} failed by a stranger's report"
                sent_back = task.error.rework and earlier.status is TaskStatus.DONE
                assert task.error.lease in (closed if sent_back else ended), (
                    f"{task.id} failed under a lease that did not end"
                )
                assert sent_back or old[task.error.lease].task == task.id


def _follows(before: State, after: State, commit: MemoryCommit) -> None:
    """Deciding the commit's events again, from the parent's state, gives the same bytes."""
    assert after.events is not None
    decided = decide(
        before, after.events.events, after.events.now, after.events.races, after.events.requests
    ).state
    assert files.tree(decided) == _written(commit), f"{commit.version} does not follow from its parent"


def _written(commit: MemoryCommit) -> dict[str, bytes]:
    return {path: data for path, data in commit.tree.items() if path.startswith(files.ROOT)}


def _holds_together(state: State, commit: MemoryCommit) -> None:
    """Invariants, the same bytes again, and each task in one place."""
    invariants.check(state)
    assert files.tree(state) == _written(commit)
    places = Counter(item.task for queue in state.queues.values() for item in queue.items)
    places.update(held.task for held in _open(state).values())
    assert set(places.values()) <= {1}, f"in two places: {places.most_common(1)}"
    for project in state.projects.values():
        done = [task for task in project.tasks if task.status is TaskStatus.DONE]
        pieces = state.content[project.id].pieces if project.id in state.content else ()
        content = {task.specialty for task in done if task.workflow is Workflow.CONTENT}
        told = Counter(piece.specialty for piece in pieces)
        assert content <= told.keys(), f"{project.id}: a piece for each content task that is done"
        assert max(told.values(), default=1) == 1, f"{project.id}: told twice: {told.most_common(1)}"


def _settling_again_changes_nothing(state: State) -> None:
    assert state.events is not None
    assert decide(state, [], state.events.now).state is state
    again = [event for event in state.events.events if not isinstance(event, Observed)]
    assert decide(state, again, state.events.now).state is state, "each event counts once"

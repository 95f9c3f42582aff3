"""``bot.ports.projects.ProjectForge`` over GitHub in memory.

Held to the same contract as the adapter in front of the hub (``tests/fakes/test_forge_contract.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.base import to_utc_second
from bot.domain.errors import NotFound, Rejected
from bot.domain.quota import Quota
from bot.ports.facts import CommentFacts, IssueEventFacts, IssueFacts, RepositoryFacts, RunFacts, Thumbs
from tests.fakes.github import Place, Site
from tests.fakes.pull_forge import MemoryPulls
from tests.fakes.weather import CALM, Weather


class MemoryForge(MemoryPulls):
    """One repository of a ``Site``, through one account's token."""

    def __init__(self, site: Site, full_name: str, login: str, weather: Weather = CALM) -> None:
        """``login`` is the account that everything is done as."""
        self._site, self._name, self._login, self._weather = site, full_name, login, weather
        self._clock: tuple[datetime, float] | None = None
        self._known = False
        self.requests = 0
        self.quota: Quota | None = None
        """In memory nobody counts what a token has made."""

    @contextmanager
    def _request(self, name: str) -> Iterator[None]:
        """One request: it may fail before it acts, or lose its answer."""
        self.requests += 1
        with self._weather.around("forge", name):
            yield
        if self._clock is None:
            self._clock = (to_utc_second(self._site.moment.now), self._site.moment.seconds())

    @property
    def _place(self) -> Place:
        return self._site.place(self._name)

    def now(self) -> datetime | None:
        """See ``Forge.now``."""
        if self._clock is None:
            return None
        date, at = self._clock
        return date + timedelta(seconds=self._site.moment.seconds() - at)

    def whoami(self) -> str:
        """See ``Forge.whoami``."""
        if not self._known:
            with self._request("whoami"):
                pass
            self._known = True
        return self._login

    def role(self, login: str) -> str:
        """See ``Forge.role``."""
        with self._request("role"):
            return self._place.roles.get(login, "none")

    # comments

    def comment(self, issue: int, body: str) -> CommentFacts:
        """See ``Forge.comment``."""
        with self._request("comment"):
            return self._place.comment(self._login, issue, body)

    def edit_comment(self, comment: int, body: str) -> None:
        """See ``Forge.edit_comment``."""
        with self._request("edit_comment"):
            self._place.edit_comment(comment, body)

    def read_comment(self, comment: int) -> CommentFacts:
        """See ``Forge.read_comment``."""
        with self._request("read_comment"):
            if comment not in self._place.comments:
                raise NotFound(f"there is no comment {comment}")
            return self._place.comments[comment]

    def react(self, comment: int, content: str) -> None:
        """See ``Forge.react``."""
        with self._request("react"):
            self._place.react(self._login, comment, content)

    def comments_since(self, since: datetime) -> list[CommentFacts]:
        """See ``Forge.comments_since``."""
        with self._request("comments_since"):
            since = to_utc_second(since)
            return _by_time(one for one in self._place.comments.values() if one.updated_at >= since)

    def comments_of(self, issue: int) -> list[CommentFacts]:
        """See ``Forge.comments_of``."""
        with self._request("comments_of"):
            self._place.issue(issue)
            return _by_time(one for one in self._place.comments.values() if one.issue == issue)

    def thumbs(self, comments: Mapping[int, str]) -> dict[int, Thumbs]:
        """See ``Forge.thumbs``."""
        nodes = {}
        for comment, node in comments.items():
            nodes[comment] = node or f"IC_{comment}"
            if not node:
                with self._request("comment"):
                    pass
        with self._request("thumbs"):
            known = self._place
            found = {one: known.reactions.get(one, []) for one in comments if one in known.comments}
            return {
                comment: Thumbs(
                    nodes[comment],
                    sum(content == "+1" and who != self._login for who, content in given),
                    sum(content == "-1" and who != self._login for who, content in given),
                )
                for comment, given in found.items()
            }

    # issues

    def issue(self, number: int) -> IssueFacts:
        """See ``Forge.issue``."""
        with self._request("issue"):
            return self._place.issue(number)

    def issues(self, labels: Sequence[str] = (), creator: str = "") -> list[IssueFacts]:
        """See ``Forge.issues``."""
        with self._request("issues"):
            wanted = frozenset(labels)
            return [
                issue
                for issue in self._place.issues.values()
                if wanted <= issue.labels and creator in ("", issue.author)
            ]

    def create_issue(
        self, title: str, body: str, labels: Sequence[str] = (), milestone: int | None = None
    ) -> IssueFacts:
        """See ``Forge.create_issue``."""
        with self._request("create_issue"):
            if milestone is not None and milestone not in self._place.milestones.values():
                raise Rejected(f"there is no milestone {milestone}")
            return self._place.open_issue(self._login, title, body, labels)

    def edit_issue(self, number: int, *, body: str | None = None, closed: bool | None = None) -> None:
        """See ``Forge.edit_issue``."""
        if body is None and closed is None:
            return
        with self._request("edit_issue"):
            place = self._place
            if body is not None:
                place.issues[number] = replace(place.issue(number), body=body)
            if closed is not None:
                place.set_closed(self._login, number, closed=closed)

    def add_labels(self, issue: int, labels: Sequence[str]) -> None:
        """See ``Forge.add_labels``."""
        if labels:
            with self._request("add_labels"):
                self._place.issue(issue)
                self._place.add_labels(self._login, issue, labels)

    def remove_label(self, issue: int, label: str) -> None:
        """See ``Forge.remove_label``."""
        with self._request("remove_label"):
            self._place.remove_label(self._login, issue, label)

    def label_names(self) -> frozenset[str]:
        """See ``Forge.label_names``."""
        with self._request("label_names"):
            return frozenset(self._place.labels)

    def create_label(self, name: str, colour: str, description: str) -> None:
        """See ``Forge.create_label``."""
        with self._request("create_label"):
            self._place.labels.add(name)

    def milestones(self) -> dict[str, int]:
        """See ``Forge.milestones``."""
        with self._request("milestones"):
            return dict(self._place.milestones)

    def create_milestone(self, title: str, description: str) -> int:
        """See ``Forge.create_milestone``."""
        with self._request("create_milestone"):
            known = self._place.milestones
            if title in known:
                raise Rejected(f"the milestone {title!r} exists already")
            return known.setdefault(title, len(known) + 1)

    def issue_events(self, after: int, since: datetime) -> list[IssueEventFacts]:
        """See ``Forge.issue_events``."""
        with self._request("issue_events"):
            place = self._place
            return [
                replace(event, subject=place.issue(event.issue))
                for event in place.events
                if event.id > after and event.created_at >= since
            ]

    def issue_events_of(self, issue: int) -> list[IssueEventFacts]:
        """See ``Forge.issue_events_of``."""
        with self._request("issue_events_of"):
            self._place.issue(issue)
            return [event for event in self._place.events if event.issue == issue]

    def pinned_issues(self) -> list[IssueFacts]:
        """See ``Forge.pinned_issues``."""
        with self._request("pinned_issues"):
            return [self._place.issue(number) for number in self._place.pinned]

    def pin_issue(self, node_id: str) -> None:
        """See ``Forge.pin_issue``."""
        with self._request("pin_issue"):
            self._place.pin(self._login, node_id)

    # files and runs

    def file_text(self, path: str) -> str:
        """See ``Forge.file_text``."""
        with self._request("file_text"):
            if path not in self._place.files:
                raise NotFound(f"there is no file {path}")
            return self._place.files[path]

    def dispatch(self, workflow: str, inputs: Mapping[str, str]) -> int | None:
        """See ``Forge.dispatch``."""
        with self._request("dispatch"):
            return self._place.dispatch(workflow, inputs)

    def runs(self, workflow: str, since: datetime) -> list[RunFacts]:
        """See ``Forge.runs``."""
        with self._request("runs"):
            place, since = self._place, to_utc_second(since)
            found = [run for run in place.runs.values() if place.workflows[run.id] == workflow]
            return [run for run in reversed(found) if run.created_at >= since]

    def run(self, run: int) -> RunFacts:
        """See ``Forge.run``."""
        with self._request("run"):
            if run not in self._place.runs:
                raise NotFound(f"there is no run {run}")
            return self._place.runs[run]

    def cancel_run(self, run: int) -> None:
        """See ``Forge.cancel_run``."""
        with self._request("cancel_run"):
            self._place.cancel_run(run)

    # repositories

    def repository(self) -> RepositoryFacts:
        """See ``Forge.repository``."""
        with self._request("repository"):
            return described(self._place)

    def create_repository(self, description: str, *, private: bool = False) -> RepositoryFacts:
        """See ``Forge.create_repository``."""
        with self._request("create_repository"):
            return described(self._site.create(self._name, description))

    def protect(self, branch: str) -> bool:
        """See ``ProjectForge.protect``."""
        with self._request("protect"):
            return branch in self._place.branches


def _by_time(comments: Iterator[CommentFacts]) -> list[CommentFacts]:
    return sorted(comments, key=lambda comment: (comment.created_at, comment.id))


def described(place: Place) -> RepositoryFacts:
    return RepositoryFacts(
        full_name=place.full_name,
        url=place.url,
        clone_url=f"{place.url}.git",
        default_branch="main",
        description=place.description,
    )

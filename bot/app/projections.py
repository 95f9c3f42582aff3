"""Texts that are kept up to date outside: written from the saved state, and how it is seen that they were.

Two of the outbox's effects carry no text: how far a project is, and the pinned issue. What they say is
rendered from the newest state by the run that delivers them, with the commit's own time, so that the text is
the one that the state's digest was taken of. The digest stands in a hidden line of what is written.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cached_property

from bot.app.facts import accounts
from bot.commands.showing import status_text
from bot.domain.draft import Draft
from bot.domain.effects import OutboxEntry, Progress, Reply, Status
from bot.domain.errors import Forbidden, NotFound, Rejected, Unavailable
from bot.domain.events.observed import IssueFiled, Posted
from bot.domain.showing import Shown
from bot.domain.state import State
from bot.policies.forecast.expecting import Expectations
from bot.policies.outside.showing import STATUS
from bot.ports.facts import CommentFacts, IssueEventFacts, IssueFacts
from bot.ports.forge import Forge
from bot.render import progress, status_issue
from bot.render.labels import STATUS_LABEL
from bot.render.markers import marker
from bot.render.shown import digest_in, digest_of, shown

log = logging.getLogger("orchestrator")
PINNING_TRIES = 2
"""Deliveries of the issue's filing that try to pin it; GitHub's limit of three is nothing to insist on."""
_KIND, _, _ID = STATUS.partition("/")


class Projections:
    """Writes what is due, and looks whether it was written."""

    def __init__(self, forge: Forge, state: State) -> None:
        """``state`` is the saved one."""
        self._forge = forge
        self._state = state

    @cached_property
    def _expected(self) -> Expectations:
        """Of the saved state, which stays as it is: the work is played forward once, not for each text."""
        return Expectations(self._draft())

    # writing

    def progress(self, due: Progress) -> None:
        """How far a project is (1 request)."""
        project = self._state.projects.get(due.project)
        if project is None or project.progress is None:
            return
        draft, place = self._draft(), project.progress
        text = progress.written(draft, project, place, self._expected.of(project.id))
        if place.effect:
            self._forge.edit_comment(place.number, text)
        else:
            self._forge.edit_issue(place.number, body=text)

    def status(self) -> None:
        """The pinned issue (1 request); where it is not known yet, it is looked for, filed and pinned (3)."""
        known = self._state.showing.status
        if known is not None:
            self._forge.edit_issue(known.number, body=self._page(known))
            return
        found = self._own() or self._filed()
        if found is not None:
            self._pin(found)

    def _filed(self) -> IssueFacts | None:
        title, body = self._state.config.status_issue.title, self._page(None)
        try:
            return self._forge.create_issue(title, body, [STATUS_LABEL])
        except Unavailable:
            if (found := self._own()) is not None:
                return found
            return self._forge.create_issue(title, body, [STATUS_LABEL])

    def _pin(self, issue: IssueFacts) -> None:
        """A refusal is said on the issue itself, as soon as a tick sees that it is not pinned."""
        try:
            self._forge.pin_issue(issue.node_id)
        except (Forbidden, Rejected, NotFound) as error:
            log.warning("issue #%s is not pinned: %s", issue.number, error)

    def _page(self, known: Shown | None) -> str:
        draft = self._draft()
        text = status_text(draft, self._expected)
        digest = known.digest if known is not None else digest_of(text)
        return shown(_KIND, _ID, digest, f"{text}\n\n{status_issue.foot(draft.now)}")

    def _draft(self) -> Draft:
        state = self._state
        if state.events is None:
            raise ValueError("a state that was never committed has no time to be written at")
        return Draft(state, state.events.now)

    # evidence

    def posted(self, entry: OutboxEntry, comment: int) -> Posted | None:
        """That the comment of a reply which matters later is known."""
        is_wanted = isinstance(entry.effect, Reply) and entry.effect.becomes is not None
        return Posted(effect=entry.id, comment=comment) if is_wanted else None

    def place(self, entry: OutboxEntry) -> Shown | None:
        """What an entry is to be written to; None: nothing, or it is not known yet."""
        match entry.effect:
            case Progress(project=id_):
                return project.progress if (project := self._state.projects.get(id_)) else None
            case Status():
                return self._state.showing.status
            case _:
                return None

    def is_shown(self, entry: OutboxEntry, digests: Mapping[int, str]) -> bool:
        """Whether the list of comments has shown it written (no request)."""
        place = self.place(entry)
        return place is not None and bool(place.effect) and digests.get(place.number) == place.digest

    def is_written(self, entry: OutboxEntry) -> bool:
        """The same by a look at it (1 request). Raises NotFound where somebody has deleted it."""
        place = self.place(entry)
        if place is None:
            return isinstance(entry.effect, Progress)  # nothing is kept up to date any more
        if place.effect:
            return digest_in(self._forge.read_comment(place.number).body) == place.digest
        return digest_in(self._forge.issue(place.number).body) == place.digest

    def filed(
        self, entry: OutboxEntry, events: Sequence[IssueEventFacts], *, late: bool
    ) -> IssueFiled | None:
        """That the pinned issue exists (1 request while its filing is pending).

        While it is not seen pinned, its filing counts as pending until it was tried ``PINNING_TRIES`` times.
        """
        if self.place(entry) is not None or (found := self._own()) is None:
            return None
        there = is_pinned(events, found.number, before=False)
        if not there and not (late and entry.attempt >= PINNING_TRIES):
            return None
        return IssueFiled(about=STATUS, issue=found.number, digest=digest_in(found.body), pinned=there)

    def _own(self) -> IssueFacts | None:
        """The pinned issue, found by its label and its marker; one that a person has closed counts."""
        own = accounts(self._state) | {self._forge.whoami()}
        for issue in self._forge.issues([STATUS_LABEL]):
            if issue.author in own and marker(issue.body) == (_KIND, _ID):
                return issue
        return None


def is_pinned(events: Sequence[IssueEventFacts], number: int, *, before: bool) -> bool:
    """Whether an issue is pinned, by the latest that was listed of it; ``before``: what was known."""
    told = [one.event for one in events if one.issue == number and one.event in ("pinned", "unpinned")]
    return told[-1] == "pinned" if told else before


def digests_of(comments: Sequence[CommentFacts], own: frozenset[str]) -> dict[int, str]:
    """What the bot's own comments show: id → digest."""
    return {one.id: digest for one in comments if one.author in own and (digest := digest_in(one.body))}


def look(projections: Projections, entry: OutboxEntry) -> bool | None:
    """Whether a late text was written; None: it is gone. A refusal counts as not written."""
    try:
        return projections.is_written(entry)
    except NotFound:
        return None
    except (Forbidden, Rejected) as error:
        log.warning("%s was not looked for: %s", entry.id, error)
        return False

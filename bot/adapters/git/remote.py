"""The state's remote: which refs are there, fetching them, and how often to try.

Beyond the errors that a method names, each raises Forbidden when the remote turns the token away,
UsageError when there is no repository, StoreUnavailable when attempts over about two seconds all failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from bot.adapters.git.errors import BRANCH_MISSING, failure
from bot.adapters.git.process import Answer, Running
from bot.adapters.git.push import Pushed, Update, push
from bot.adapters.git.repository import Repository
from bot.domain.errors import StoreUnavailable

INBOX = "refs/orchestrator/inbox/"
PAUSES = (0.2, 0.5, 1.0)
"""Seconds before the second, third and fourth attempt."""

FULL = ("--depth=2147483647",)
"""Git's own word for "all of it", with or without a shallow history so far."""
NEWEST = ("--depth=1",)
SINCE_THEN: tuple[str, ...] = ()
"""Whatever has been added to the history that is at hand."""

_HEAD, _WAITING = "refs/seen/", "refs/inbox/"  # where they go in the temporary repository
_OPTIONS = ("--quiet", "--no-tags", "--prune", "--no-write-fetch-head", "--no-auto-maintenance")


@dataclass(frozen=True, slots=True)
class Refs:
    """What the remote has: the branch's head, and the inbox by event id."""

    head: str | None
    inbox: dict[str, str]


class Remote:
    """One branch of one git remote, and the inbox beside it."""

    def __init__(self, url: str, branch: str, repository: Repository, sleep: Callable[[float], None]) -> None:
        self.url, self.ref, self.repository = url, f"refs/heads/{branch}", repository
        self._sleep = sleep

    def attempts(self) -> Iterator[bool]:
        """One round for each attempt, with a pause before all but the first; True is the last."""
        yield False
        for number, pause in enumerate(PAUSES, start=1):
            self._sleep(pause)
            yield number == len(PAUSES)

    def start_fetch(
        self, extent: Sequence[str] = NEWEST, *, branch: bool = True, traced: bool = False
    ) -> Running:
        """Start fetching the branch and the inbox; give the result to ``fetch``."""
        head = [f"+{self.ref}:{_HEAD}head"] if branch else []
        refspecs = (*head, f"+{INBOX}*:{_WAITING}*")
        command = ("fetch", *_OPTIONS, *extent, self.url, *refspecs)
        return self.repository.git.start(*command, traced=traced)

    def fetch(self, extent: Sequence[str] = NEWEST, running: Running | None = None) -> Refs:
        """Fetch the branch and the inbox; ``running`` is the first attempt if it is under way."""
        for last in self.attempts():
            try:
                return self._fetched(running or self.start_fetch(extent))
            except StoreUnavailable:
                if last:
                    raise
                running = None
                self.repository.unlock()
        raise AssertionError("the last attempt returns or raises")

    def _fetched(self, running: Running) -> Refs:
        answer = running.finish()
        has_branch = BRANCH_MISSING not in answer.err
        if not has_branch:
            # Inbox commits have no parents; and with a depth git fails where there is none of them.
            answer = self.start_fetch(SINCE_THEN, branch=False, traced=True).finish()
        self._check(answer)
        # Any page that is served in a git server's place reads like no branch at all.
        if not has_branch and "packet:" not in answer.err:
            raise StoreUnavailable(
                f"could not read the state at {self.url}: its answer is not git's, such as a page of HTML; "
                "try again later"
            )
        head = self.repository.refs(_HEAD).get("head") if has_branch else None
        return Refs(head, self.repository.refs(_WAITING))

    def advertised(self, *refs: str) -> dict[str, str]:
        """Those of ``refs`` that the remote has → commit id, without fetching; ``*`` ends a prefix."""
        for last in self.attempts():
            answer = self.repository.git.run("ls-remote", self.url, *refs)
            try:
                self._check(answer)
            except StoreUnavailable:
                if last:
                    raise
            else:
                pairs = [line.split("\t") for line in answer.out.decode("utf-8", "replace").splitlines()]
                wanted = tuple(ref.removesuffix("*") for ref in refs if ref.endswith("*"))
                # git matches the ends of names, too
                return {name: commit for commit, name in pairs if name in refs or name.startswith(wanted)}
        raise AssertionError("the last attempt returns or raises")

    def push(self, updates: Sequence[Update], *, atomic: bool) -> Pushed:
        """Push once; see ``git_push.push``."""
        return push(self.repository.git, self.url, updates, atomic=atomic)

    def give_up(self, pushed: Pushed) -> NoReturn:
        """Raise StoreUnavailable for the last of several pushes."""
        raise StoreUnavailable(f"could not write the state at {self.url}: {pushed.told}; try again later")

    def _check(self, answer: Answer) -> None:
        if not answer.ok:
            raise failure(answer.err, self.url, "read")

"""Facts that a decision needs and that only GitHub knows: roles, texts. Looked up once a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.commands.roles import QUIET, is_stranger
from bot.commands.settle import has_commands, needs
from bot.domain.config import Config
from bot.domain.errors import ForgeError, NotFound, RateLimited, Unavailable
from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.domain.events.looked_up import FileText, FoundIssue, FoundRepository, IssueText, RunSeen
from bot.domain.history import History
from bot.domain.labels import PRIORITY
from bot.domain.state import State
from bot.ports.facts import CommentFacts, IssueFacts, RunFacts
from bot.ports.forge import Forge
from bot.render.markers import marker

_BLOB = re.compile(r"https?://[^/]+/([^/]+/[^/]+)/blob/[^/]+/([^?#]+)")

READY = "dev-ready"
"""The label of an issue that Development can take as it is (docs/design.md, "The pipeline")."""
CLOCKS_APART = timedelta(minutes=5)
"""How far GitHub's time of a run may lie before the state's time of its assignment."""


def run_seen(run: RunFacts) -> RunSeen:
    """A run as an event records it."""
    return RunSeen(
        assignment=run.name,
        run_id=run.id,
        status=run.status,
        conclusion=run.conclusion or "",
        url=run.url,
    )


def issue_text(issue: IssueFacts) -> IssueText:
    """An issue as an event records it."""
    priorities = tuple(sorted(label for label in issue.labels if label.startswith(PRIORITY)))
    return IssueText(title=issue.title, body=issue.body, author=issue.author, priorities=priorities)


def comment_event(comment: CommentFacts) -> CommentCreated:
    """A comment as an event, before its facts are looked up."""
    return CommentCreated(
        comment=comment.id,
        issue=comment.issue,
        actor=comment.author,
        body=comment.body,
        at=comment.created_at,
        edited=comment.updated_at > comment.created_at,
    )


def accounts(state: State) -> frozenset[str]:
    """The accounts that the bot writes as: configured, or seen."""
    seen = {state.ledger.account} if state.ledger.account else set()
    return frozenset({*state.config.bots.accounts, *seen})


def commands_us(comment: CommentFacts, state: State) -> bool:
    """Whether a comment is for the bot: it has commands, and neither the bot nor a strange bot wrote it."""
    own = comment.author in accounts(state)
    if own and marker(comment.body):
        return False
    if comment.author_is_bot and comment.author not in state.config.bots.allowed:
        return False
    return has_commands(comment.body, state.config)


def only_strangers(changes: Sequence[IssueChanged], config: Config) -> bool:
    """Whether nobody who did one of these may give any command; true of none at all."""
    return all(is_stranger(change.role, config) for change in changes)


class Facts:
    """Looks facts up, each once, within a budget of people for other runs' comments."""

    def __init__(
        self,
        forge: Forge,
        repository: str,
        elsewhere: Callable[[str], Forge],
        history: Callable[[], History | None] = lambda: None,
    ) -> None:
        """``repository`` is ``owner/name``: what a file's URL must point into.

        ``elsewhere`` gives the forge of another repository, with the token that may read it; ``history``
        reads the state branch's newest commits (one fetch).
        """
        self._history = history
        self._forge = forge
        self._repository = repository
        self._elsewhere = elsewhere
        self._roles: dict[str, str] = {}
        self._resolved: dict[str, CommentCreated] = {}
        self._texts: dict[int, IssueText] = {}
        self._changers = 0
        self.account: str | None = None
        """The login of the bot's own account, once this run has asked for it."""

    def anew(self) -> Facts:
        """The same with nothing looked up yet but the bot's own account, which does not change."""
        fresh = Facts(self._forge, self._repository, self._elsewhere, self._history)
        fresh.account = self.account
        return fresh

    def resolve(
        self, events: Sequence[CommentCreated], state: State, texts: Mapping[str, IssueText]
    ) -> list[CommentCreated]:
        """Add roles and texts, oldest first, as far as the budget of people goes.

        ``texts``: what the run's own payload tells of issues, by event id.
        """
        resolved = []
        for event in sorted(events, key=lambda event: (event.at, event.id)):
            if event.id not in self._resolved:
                if event.actor not in self._roles and len(self._roles) >= state.config.sweep.actors:
                    continue
                self._resolved[event.id] = self._look_up(event, state, texts.get(event.id))
            resolved.append(self._resolved[event.id])
        return resolved

    def resolve_changes(
        self, changes: Sequence[IssueChanged], state: State, texts: Mapping[str, IssueText]
    ) -> list[IssueChanged]:
        """Add roles and texts, oldest first, as far as a budget of people of its own goes.

        What comes after somebody whom the budget leaves out waits too: of two labels the newer one
        counts, so none may overtake another. ``texts``: what is known of issues, by event id.
        """
        resolved = []
        for change in sorted(changes, key=lambda change: (change.at, change.number)):
            if change.actor not in self._roles:
                if self._changers >= state.config.sweep.actors:
                    break
                self._changers += 1
            resolved.append(self._changed(change, state, texts.get(change.id)))
        return resolved

    def whoami(self) -> str:
        """The login of the bot's own account."""
        if self.account is None:
            self.account = self._forge.whoami()
        return self.account

    def _look_up(self, event: CommentCreated, state: State, text: IssueText | None) -> CommentCreated:
        role = self.role(event.actor, state.config)
        if is_stranger(role, state.config) or event.edited:
            return event.model_copy(update={"role": role})
        wanted = needs(event.body, state.config)
        update: dict[str, Any] = {"role": role, "files": tuple(self._file(path) for path in wanted.files)}
        if wanted.issue_text:
            found = text or self._issue_text(event.issue)
            update["issue_text"] = self._with_author(found, event.actor, state.config)
        if wanted.priorities:
            update["priorities"] = (text or self._issue_text(event.issue)).priorities
        if wanted.runs:
            update["runs"] = self._worker_runs(state)
        if wanted.repositories:
            update["repositories"] = tuple(
                self._repository_of(name, state.config) for name in wanted.repositories
            )
        if wanted.history:
            update["history"] = self._history()
        return event.model_copy(update=update)

    def _changed(self, change: IssueChanged, state: State, text: IssueText | None) -> IssueChanged:
        role = self.role(change.actor, state.config)
        asks = change.action == "labeled" and state.config.issues.asks(change.label)
        wanted = asks and not is_stranger(role, state.config)
        found = self._with_author(text, change.actor, state.config) if wanted and text else None
        return change.model_copy(update={"role": role, "issue_text": found})

    def _with_author(self, text: IssueText, actor: str, config: Config) -> IssueText:
        """An issue whose text is wanted as an idea, with its author's role where that is somebody else."""
        if not text.author or text.author == actor:
            return text
        return text.model_copy(update={"author_role": self.role(text.author, config)})

    def _worker_runs(self, state: State) -> tuple[RunSeen, ...] | None:
        """The runs of all assignments, in one list; None where GitHub does not tell."""
        held = {one.assignment.id: one.assignment for one in state.instances.values() if one.assignment}
        if not held:
            return ()
        since = min(assignment.assigned_at for assignment in held.values()) - CLOCKS_APART
        try:
            runs = self._forge.runs(state.config.worker_workflow, since)
        except (RateLimited, Unavailable):
            raise
        except ForgeError:
            return None
        return tuple(run_seen(run) for run in runs if run.name in held)

    def _repository_of(self, name: str, config: Config) -> FoundRepository:
        """A repository that a command names, with what Development could take from it."""
        forge = self._elsewhere(name)
        try:
            found = forge.repository()
            issues = [
                issue for issue in forge.issues([READY]) if not issue.closed and not issue.is_pull_request
            ]
            roles = _authors(forge, issues, config)
        except (RateLimited, Unavailable):
            raise
        except NotFound:
            return FoundRepository(full_name=name, problem="does not exist, or the bot's token cannot see it")
        except ForgeError as error:
            return FoundRepository(full_name=name, problem=f"cannot be read: {error}")
        return FoundRepository(
            full_name=found.full_name,
            url=found.url,
            default_branch=found.default_branch,
            description=found.description,
            issues=tuple(
                FoundIssue(
                    number=issue.number,
                    title=issue.title,
                    body=issue.body[:20_000],
                    labels=tuple(sorted(issue.labels)),
                    author=issue.author,
                    author_role=roles.get(issue.author, ""),
                )
                for issue in sorted(issues, key=lambda issue: issue.number)
            ),
        )

    def strange(self, login: str, state: State, now: datetime) -> bool:
        """Whether somebody may give no command; who was one within the hour is not looked up again."""
        reacted = state.ledger.strangers.get(login)
        if reacted is not None and now - reacted < QUIET:
            return True
        return is_stranger(self.role(login, state.config), state.config)

    def role(self, login: str, config: Config) -> str:
        """Somebody's role here, asked once a run; an allowed bot's is in the configuration."""
        if login not in self._roles:
            self._roles[login] = config.bots.allowed.get(login) or self._forge.role(login)
        return self._roles[login]

    def _issue_text(self, number: int) -> IssueText:
        if number not in self._texts:
            self._texts[number] = issue_text(self._forge.issue(number))
        return self._texts[number]

    def _file(self, reference: str) -> FileText:
        path = reference.removeprefix("./").lstrip("/")
        if (blob := _BLOB.fullmatch(reference)) is not None:
            if blob[1].lower() != self._repository.lower():
                return FileText(path=reference, text=None, problem="is in another repository")
            path = blob[2]
        try:
            return FileText(path=reference, text=self._forge.file_text(path))
        except (RateLimited, Unavailable):
            raise
        except NotFound:
            return FileText(path=reference, text=None, problem="does not exist in this repository")
        except ForgeError as error:
            return FileText(path=reference, text=None, problem=f"cannot be read: {error}")


def _authors(forge: Forge, issues: Sequence[IssueFacts], config: Config) -> dict[str, str]:
    """The roles that issues' authors have in their repository; asked only where it matters, not of all.

    Whoever is left out, or is not told of, counts as nobody.
    """
    if config.texts.role == "none":
        return {}
    authors = sorted({issue.author for issue in issues if issue.author})
    return {author: _role_there(forge, author) for author in authors[: config.sweep.actors]}


def _role_there(forge: Forge, login: str) -> str:
    """A role in another repository, of which a token that may only read it is not always told."""
    try:
        return forge.role(login)
    except (RateLimited, Unavailable):
        raise
    except ForgeError:
        return "none"

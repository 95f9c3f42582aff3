"""Facts that a decision needs and that only GitHub knows: roles, texts. Looked up once a run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.commands.settle import QUIET, has_commands, is_stranger, needs
from bot.domain.config import Config
from bot.domain.errors import ForgeError, NotFound, RateLimited, Unavailable
from bot.domain.events import CommentCreated, FileText, IssueText
from bot.domain.state import State
from bot.ports import CommentFacts, Forge
from bot.render.markers import marker

_BLOB = re.compile(r"https?://[^/]+/([^/]+/[^/]+)/blob/[^/]+/([^?#]+)")


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


class Facts:
    """Looks facts up, each once, within a budget of people for other runs' comments."""

    def __init__(self, forge: Forge, repository: str) -> None:
        """``repository`` is ``owner/name``: what a file's URL must point into."""
        self._forge = forge
        self._repository = repository
        self._roles: dict[str, str] = {}
        self._resolved: dict[str, CommentCreated] = {}
        self.account: str | None = None
        """The login of the bot's own account, once this run has asked for it."""

    def resolve(
        self, events: Sequence[CommentCreated], config: Config, texts: Mapping[str, IssueText]
    ) -> list[CommentCreated]:
        """Add roles and texts, oldest first, as far as the budget of people goes.

        ``texts``: what the run's own payload tells of issues, by event id.
        """
        resolved = []
        for event in sorted(events, key=lambda event: (event.at, event.id)):
            if event.id not in self._resolved:
                if event.actor not in self._roles and len(self._roles) >= config.sweep.actors:
                    continue
                self._resolved[event.id] = self._look_up(event, config, texts.get(event.id))
            resolved.append(self._resolved[event.id])
        return resolved

    def whoami(self) -> str:
        """The login of the bot's own account."""
        if self.account is None:
            self.account = self._forge.whoami()
        return self.account

    def _look_up(self, event: CommentCreated, config: Config, text: IssueText | None) -> CommentCreated:
        role = self.role(event.actor, config)
        if is_stranger(role, config) or event.edited:
            return event.model_copy(update={"role": role})
        wanted = needs(event.body, config)
        update: dict[str, Any] = {"role": role, "files": tuple(self._file(path) for path in wanted.files)}
        if wanted.issue_text:
            update["issue_text"] = text or self._issue_text(event.issue)
        return event.model_copy(update=update)

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
        issue = self._forge.issue(number)
        return IssueText(title=issue.title, body=issue.body, author=issue.author)

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

"""What is said to one event, rendered once everything is settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.draft import Draft
from bot.domain.effects import Reaction, Reply
from bot.domain.events import CommentCreated, IssueChanged
from bot.render import replies


@dataclass(frozen=True, slots=True)
class Answer:
    """The one reply to a comment, or to what somebody did to an issue."""

    event: CommentCreated | IssueChanged
    sections: tuple[tuple[str, Callable[[Draft], str]], ...]
    """(what was typed, what is said to it) each."""
    ok: bool

    def emit(self, draft: Draft) -> None:
        """Ask for the reply; a comment gets a reaction as well."""
        body = replies.together([(typed, say(draft)) for typed, say in self.sections])
        reaction: Reaction = "rocket" if self.ok else "confused"
        comment = self.event.comment if isinstance(self.event, CommentCreated) else None
        draft.emit(
            self.event.id,
            Reply(
                issue=self.event.issue,
                body=body,
                comment=comment,
                reaction=reaction if comment is not None else None,
            ),
        )

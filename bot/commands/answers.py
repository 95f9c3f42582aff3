"""What is said to one event, rendered once everything is settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.draft import Draft
from bot.domain.effects import Reaction, Reply
from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.render import progress, replies


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
        made = self._shown_here(draft)
        turns = len(made) == 1 and len(self.sections) == 1
        draft.emit(
            self.event.id,
            Reply(
                issue=self.event.issue,
                project=made[0] if turns else "",
                body=body,
                comment=comment,
                reaction=reaction if comment is not None else None,
                becomes="progress" if turns else None,
            ),
        )
        for project in () if turns else made:
            text = progress.begun(draft.projects[project])
            said = Reply(issue=self.event.issue, project=project, body=text, becomes="progress")
            draft.emit(f"{project}-progress", said)

    def _shown_here(self, draft: Draft) -> list[str]:
        """Projects that were asked for by it and live in its issue; another's own issue shows that one."""
        asked = draft.made.get(self.event.id, [])
        return [id_ for id_ in asked if draft.projects[id_].issue == self.event.issue]

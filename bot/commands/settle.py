"""One comment, from its text to changes of the draft and one reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.help import role_for
from bot.commands.parser import MOST, Call, Mistake, Parsed, Unknown, parse
from bot.commands.spec import Command, Invocation, Needs, Outcome, Refused
from bot.commands.table import TABLE
from bot.domain.config import ROLES, Config
from bot.domain.draft import Draft
from bot.domain.effects import React, Reaction, Reply
from bot.domain.events import CommentCreated
from bot.render import replies
from bot.render.line import line
from bot.render.text import span

QUIET = timedelta(hours=1)
"""A stranger gets at most one reaction in this time."""
REACTIONS = 20
"""Reactions to strangers in that time, all together."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The replies to one comment, rendered once everything is settled."""

    event: CommentCreated
    sections: tuple[tuple[str, Callable[[Draft], str]], ...]
    ok: bool

    def emit(self, draft: Draft) -> None:
        """Ask for the one reply."""
        body = replies.together([(typed, say(draft)) for typed, say in self.sections])
        reaction: Reaction = "rocket" if self.ok else "confused"
        draft.emit(
            self.event.id,
            Reply(issue=self.event.issue, body=body, comment=self.event.comment, reaction=reaction),
        )


def has_commands(body: str, config: Config) -> bool:
    """Whether a comment is for this bot."""
    return bool(parse(body, TABLE, config.commands))


def needs(body: str, config: Config) -> Needs:
    """The facts that a comment's commands want looked up, together."""
    wanted = [
        parsed.command.needs(parsed.args)
        for parsed in parse(body, TABLE, config.commands)[:MOST]
        if isinstance(parsed, Call)
    ]
    files = tuple(dict.fromkeys(path for need in wanted for path in need.files))
    return Needs(
        issue_text=any(need.issue_text for need in wanted),
        files=files,
        runs=any(need.runs for need in wanted),
        repositories=tuple(dict.fromkeys(name for need in wanted for name in need.repositories)),
    )


def is_stranger(role: str, config: Config) -> bool:
    """Whether a role may give no command at all: such comments cost no push of their own."""
    least = min((rank(role_for(command, config.commands)) for command in TABLE.values()), default=0)
    return rank(role) < least


def rank(role: str) -> int:
    """Where a role stands; one that GitHub does not know is none."""
    return ROLES.index(role) if role in ROLES else 0


def settle_comment(draft: Draft, event: CommentCreated) -> Answer | None:
    """Run a comment's commands; what is to be said is rendered later, from the settled draft."""
    parsed = parse(event.body, TABLE, draft.config.commands)
    if not parsed:
        return None
    if is_stranger(event.role, draft.config):
        _react(draft, event)
        return None
    if event.edited:
        return _answer(event, [(parsed[0].line, Outcome(ok=False, say=lambda after: replies.edited()))])
    age, limit = draft.now - event.at, timedelta(hours=draft.config.commands.max_age_hours)
    if age > limit:
        old = replies.too_old(span(age), span(limit))
        return _answer(event, [(parsed[0].line, Outcome(ok=False, say=lambda after: old))])
    outcomes = [(item.line, _run(draft, event, item)) for item in parsed[:MOST]]
    if len(parsed) > MOST:
        more = replies.too_many(MOST, len(parsed) - MOST)
        outcomes.append((parsed[MOST].line, Outcome(ok=False, say=lambda after: more)))
    return _answer(event, outcomes)


def _answer(event: CommentCreated, outcomes: list[tuple[str, Outcome]]) -> Answer:
    sections = tuple((typed, outcome.say) for typed, outcome in outcomes)
    return Answer(event, sections, ok=all(outcome.ok for _, outcome in outcomes))


def _run(draft: Draft, event: CommentCreated, item: Parsed) -> Outcome:
    settings = draft.config.commands
    match item:
        case Unknown():
            text = replies.unknown(item.name, item.nearest, settings.prefix)
        case Mistake():
            example = item.command.example(settings.prefix)
            text = replies.mistake(item.command.usage(settings.prefix), example, item.given, item.expected)
        case Call() if rank(event.role) < rank(needed := role_for(item.command, settings)):
            text = replies.forbidden(settings.prefix + item.command.name, needed, event.role, event.actor)
        case Call():
            call = Invocation(draft, event, item.args, TABLE, item.command.example(settings.prefix))
            return _called(item.command, call)
    return Outcome(ok=False, say=lambda after: text)


def _called(command: Command, call: Invocation) -> Outcome:
    """Run one command; what acts says which status it acted on (specification: "Check system status")."""
    before = line(call.draft) if command.access == "working" else ""
    try:
        outcome = command.run(call)
    except Refused as refused:
        text = str(refused)
        return Outcome(ok=False, say=lambda after: text)
    if not before or not outcome.ok:
        return outcome
    return Outcome(ok=True, say=lambda after: replies.acted(outcome.say(after), before))


def _react(draft: Draft, event: CommentCreated) -> None:
    """At most one reaction an hour for a stranger, and a bounded number for all of them."""
    recent: dict[str, datetime] = {
        login: at for login, at in draft.ledger.strangers.items() if draft.now - at < QUIET
    }
    if event.actor in recent or len(recent) >= REACTIONS:
        return
    recent[event.actor] = draft.now
    draft.ledger = draft.ledger.model_copy(update={"strangers": recent})
    draft.emit(event.id, React(comment=event.comment, reaction="confused"))

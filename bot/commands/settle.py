"""One comment, from its text to changes of the draft and one reply."""

from __future__ import annotations

from datetime import timedelta

from bot.commands.answers import Answer
from bot.commands.help import role_for
from bot.commands.parser import MOST, Call, Mistake, Parsed, Unknown, parse
from bot.commands.roles import is_stranger, rank, sees_a_stranger
from bot.commands.spec import Command, Invocation, Needs, Outcome, Refused
from bot.commands.table import TABLE
from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.effects import React
from bot.domain.events.asked import CommentCreated
from bot.render import replies
from bot.render.line import line
from bot.render.text import span


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
        priorities=any(need.priorities for need in wanted),
        files=files,
        runs=any(need.runs for need in wanted),
        repositories=tuple(dict.fromkeys(name for need in wanted for name in need.repositories)),
        history=any(need.history for need in wanted),
    )


def settle_comment(draft: Draft, event: CommentCreated) -> Answer | None:
    """Run a comment's commands; what is to be said is rendered later, from the settled draft."""
    if event.failed:
        failed = Outcome(ok=False, say=lambda after: replies.failed())
        return None if is_stranger(event.role, draft.config) else _answer(event, [("", failed)])
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
        return _answer(event, _late(draft, event, parsed[:MOST], replies.too_old(span(age), span(limit))))
    outcomes = [(item.line, _run(draft, event, item)) for item in parsed[:MOST]]
    if len(parsed) > MOST:
        more = replies.too_many(MOST, len(parsed) - MOST)
        outcomes.append((parsed[MOST].line, Outcome(ok=False, say=lambda after: more)))
    return _answer(event, outcomes)


def _late(draft: Draft, event: CommentCreated, parsed: list[Parsed], told: str) -> list[tuple[str, Outcome]]:
    """Of a comment that was found too late: stops are run, the rest is answered once."""
    stops = [item for item in parsed if isinstance(item, Call) and item.command.at_any_age]
    others = [item.line for item in parsed if item not in stops]
    outcomes = [(item.line, _run(draft, event, item)) for item in stops]
    return outcomes + [(line, Outcome(ok=False, say=lambda after: told)) for line in others[:1]]


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
            text = replies.meant(text, item.meant, settings.prefix)
        case Call() if rank(event.role) < rank(needed := role_for(item.command, settings)):
            text = replies.forbidden(settings.prefix + item.command.name, needed, event.role, event.actor)
        case Call():
            call = Invocation(draft, event, item.args, TABLE, item.command.example(settings.prefix))
            return _called(item.command, call, item.meant)
    return Outcome(ok=False, say=lambda after: text)


def _called(command: Command, call: Invocation, meant: str) -> Outcome:
    """Run one command; what acts says which status it acted on (specification: "Check system status")."""
    before = line(call.draft) if command.access == "working" else ""
    try:
        outcome = command.run(call)
    except Refused as refused:
        text = replies.meant(str(refused), meant, call.draft.config.commands.prefix)
        return Outcome(ok=False, say=lambda after: text)
    if not before or not outcome.ok:
        return outcome
    return Outcome(ok=True, say=lambda after: replies.acted(outcome.say(after), before))


def _react(draft: Draft, event: CommentCreated) -> None:
    """A stranger sees a reaction, now and then."""
    if sees_a_stranger(draft, event.actor):
        draft.emit(event.id, React(comment=event.comment, reaction="confused"))

"""Replies to commands, right and wrong, and the notices that the bot posts by itself."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.models import Project
from bot.render.text import LIMIT, block, code, fitted, plural


def together(sections: Sequence[tuple[str, str]]) -> str:
    """One reply for all commands of a comment: (line as typed, answer) each."""
    if len(sections) == 1:
        return _cut(sections[0][1], LIMIT)
    room = LIMIT // len(sections)
    return "\n\n---\n\n".join(_cut(f"{code(typed)}\n\n{answer}", room) for typed, answer in sections)


def _cut(text: str, most: int) -> str:
    head, *rows = text.split("\n")
    return text if len(text) <= most else fitted(head, rows, most=most)


def unknown(name: str, nearest: Sequence[str], prefix: str) -> str:
    """No command has this name."""
    meant = " or ".join(f"`{prefix}{known}`" for known in nearest)
    hint = f"Did you mean {meant}? " if meant else ""
    return f"There is no command {code(prefix + name)}. {hint}`{prefix}help` lists all commands."


def mistake(usage: str, example: str, given: str, expected: str) -> str:
    """A known command with wrong arguments."""
    got = "nothing" if given == "nothing" else code(given)
    return f"Not run: given {got}, expected {expected}.\n\nUsage: `{usage}`\nFor example: `{example}`"


def meant(text: str, name: str, prefix: str) -> str:
    """What could not be run, with the command that its first words are the name of; empty: none."""
    if not name or f"{prefix}{name}" in text:
        return text
    head, *more = text.split("\n", 1)
    return "\n".join([f"{head} Did you mean `{prefix}{name}`?", *more])


def forbidden(name: str, needed: str, role: str, actor: str) -> str:
    """The commenter's role is too low."""
    return (
        f"Not run: `{name}` needs the role **{needed}** in this repository, and {code(actor)} has **{role}**."
        " Ask somebody with that role to post it, or an administrator to change `commands.roles` in "
        "`.github/orchestrator.yml`."
    )


def too_many(most: int, left: int) -> str:
    """A comment with more commands than one comment may hold."""
    return f"{plural(left, 'more command')} not run: one comment may hold {most}. Post the rest again."


def failed() -> str:
    """The program failed on what somebody asked for."""
    return (
        "Not run: this program failed on it, which is a defect of it or of a state that was edited by hand. "
        "Nothing was changed. The log of the run under Actions that answered says what went wrong; "
        "`orchestrator verify` tells of edits."
    )


def edited() -> str:
    """The comment was changed before anybody read it."""
    return "Not run: this comment was edited before it was read. Please post it again as a new comment."


def too_old(age: str, limit: str) -> str:
    """The comment was found long after it was posted."""
    return (
        f"Not run: this comment is {age} old, and commands older than {limit} are not run any more "
        "(`commands.max_age_hours`). If it is still wanted, post it again."
    )


def acted(text: str, before: str) -> str:
    """The end of an acting command's reply: the status that it acted on, which is never cut off."""
    end = f"\n\n<sub>Acted on: {before}</sub>"
    return _cut(text, LIMIT - len(end)) + end


def project_issue(project: Project, asked_on: int, most: int = 50_000) -> tuple[str, str]:
    """Title and body of the issue that a further project on one issue gets; ``most``: of its idea."""
    title = project.title.replace("@", "@\u200b")
    body = f"Asked for by {code(project.requester)} in #{asked_on}, as project `{project.id}`.\n\n"
    return title, body + block(project.idea, most)

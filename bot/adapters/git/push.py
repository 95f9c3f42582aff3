"""One ``git push`` with a lease on every ref, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.adapters.git.errors import (
    REF_MISSING,
    STATE,
    Subject,
    essence,
    failure,
    is_permanent_refusal,
    refused_by_rule,
)
from bot.adapters.git.process import Answer, Git
from bot.domain.errors import Forbidden, NotFound, StoreUnavailable, UsageError


class Outcome(Enum):
    """What a push came to, as far as this side can know."""

    LANDED = auto()
    STALE = auto()
    """Not sent: the remote's refs, as it advertised them, are not the expected ones."""
    UNKNOWN = auto()
    """No answer, or the remote says no because of a ref's value. The latter proves nothing either: an
    HTTP library repeats a request when an old connection breaks, and the repetition is refused because
    the first one landed."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A push's outcome, and what git told about it (without secrets)."""

    outcome: Outcome
    told: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """One ref to be changed on the remote."""

    ref: str
    expected: str | None
    """Commit id that the ref must have there; None: it must not exist."""
    new: str | None
    """Commit id to give it; None deletes the ref."""


def push(
    git: Git, remote: str, updates: Sequence[Update], *, atomic: bool, subject: Subject = STATE
) -> Pushed:
    """Push the updates.

    Raises Forbidden, NotFound or UsageError when the remote will not take them however often one tries.
    """
    leases = [f"--force-with-lease={update.ref}:{update.expected or ''}" for update in updates]
    refspecs = [f"{update.new or ''}:{update.ref}" for update in updates]
    options = ["--porcelain", "--no-verify", "--no-follow-tags", *(["--atomic"] if atomic else [])]
    try:
        answer = git.run("push", *options, *leases, remote, *refspecs)
    except StoreUnavailable as error:  # the time limit: it may have landed
        return Pushed(Outcome.UNKNOWN, str(error))
    if answer.ok:
        return Pushed(Outcome.LANDED)
    return Pushed(_outcome(answer, remote, subject), essence(answer.err))


def _outcome(answer: Answer, remote: str, subject: Subject) -> Outcome:
    refusals = _refusals(answer)
    for ref, reason in refusals:
        if reason.startswith("[remote rejected]") and is_permanent_refusal(reason):
            raise refused_by_rule(remote, ref, reason, answer.err, subject)
    if any(reason.startswith("[remote") for _, reason in refusals):
        return Outcome.UNKNOWN
    if refusals or REF_MISSING in answer.err:
        return Outcome.STALE
    cause = failure(answer.err, remote, "write", subject)
    if isinstance(cause, Forbidden | NotFound | UsageError):
        raise cause
    return Outcome.UNKNOWN


def _refusals(answer: Answer) -> list[tuple[str, str]]:
    """``git push --porcelain`` prints ``<flag>\\t<from>:<to>\\t<summary> (<reason>)``; ``!`` is a no."""
    rows = [line.split("\t") for line in answer.out.decode("utf-8", "replace").splitlines()]
    return [(row[1].rpartition(":")[2], row[2]) for row in rows if len(row) >= 3 and row[0] == "!"]
